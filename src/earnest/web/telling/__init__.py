"""A story for people: told from the file alone, as a page, on paper, and as a card to share."""
