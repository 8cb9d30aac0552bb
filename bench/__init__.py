"""Benchmarks: each compares two things run alternately, checks what they produce, prints ratios."""
