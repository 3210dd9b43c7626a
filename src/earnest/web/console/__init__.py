"""The operators' console: what is due today, and every act that a maker may do."""
