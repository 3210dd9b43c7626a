"""Forms of the console, one file for each thing that is filled in."""
