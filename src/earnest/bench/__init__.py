"""Benchmarks: what a figure costs on this machine, measured on the real parts in a book of its own, thrown away."""
