"""Mail: what is written to whom when something happened, made from duties and kept in the outbox."""
