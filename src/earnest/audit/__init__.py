"""An auditor: mirrors every leaf of a log, replays all of it, and signs only what it could rebuild."""
