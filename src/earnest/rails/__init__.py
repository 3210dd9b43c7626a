"""The rails on which money travels: each knows a wire format and nothing of law, and reports by commands."""
