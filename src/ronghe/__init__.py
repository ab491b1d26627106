"""Ronghe (融合) runs an industry–education integration community, from demand to verified improvement."""

__version__ = "0.1.0"
