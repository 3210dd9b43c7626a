"""What the test-suite runs on: a private PostgreSQL, a Chromium, and the runner itself. Not used to serve."""
