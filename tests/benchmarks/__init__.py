"""Benchmarks: what we do, timed in turns with the least that could do it. Run them with `make bench`."""
