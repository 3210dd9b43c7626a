"""The parts of `./earnest rights`, one file for each."""
