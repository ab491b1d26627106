"""Intellectual property that projects made, and who shares in it."""
