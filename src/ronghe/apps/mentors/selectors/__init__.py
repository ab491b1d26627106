"""What pages, metrics, the API and the floors above read of mentors; nothing here writes."""

from ronghe.apps.mentors.selectors.load import Load, free_mentors, limit_on, load_of

__all__ = ["Load", "free_mentors", "limit_on", "load_of"]
