"""Benchmarks: they pair Avow with the plain path in one run and record ratios. `python -m bench [NAME]`."""
