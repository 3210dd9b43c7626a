"""The book: one database that holds one seller's acts, entries, duties and keys, and the one door to it."""
