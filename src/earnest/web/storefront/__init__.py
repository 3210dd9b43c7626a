"""The storefront: what can be reserved, and reserving it."""
