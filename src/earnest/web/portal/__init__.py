"""The portal: one reservation, opened by a link that was mailed."""
