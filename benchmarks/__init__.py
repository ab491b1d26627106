"""Measurements beside a named peer in the same run; `python -m benchmarks` runs them. Nothing here can fail a build."""
