"""What training can measure, by what it is about; importing this registers all of it."""

from ronghe.apps.training.metrics import placements, practice

__all__ = ["placements", "practice"]
