"""A witness: signs that a log only grows, for anybody's log, with one state file a log and no database."""
