"""Tests of what benchmarks rest on; the figures themselves are not tests."""
