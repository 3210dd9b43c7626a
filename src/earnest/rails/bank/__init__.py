"""Bank statements come in: camt.052, camt.053, camt.054 and MT940, read strictly and streamed."""
