"""Positions, order classes, and who is matched to which."""
