"""What the law gives a customer. For now: by when money must be back at the latest."""
