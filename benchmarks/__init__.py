"""Measurements beside a named peer in the same run; `python -m benchmarks` runs them. Not tests: nothing here can fail a build."""
