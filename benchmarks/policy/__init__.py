"""Figures of policies: obligations of a large community on any day."""
