"""Years of random business in a minute: everything that can happen, held against a model that a child could check."""
