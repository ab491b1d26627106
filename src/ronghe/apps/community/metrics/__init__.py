"""What the community can measure, by what it is about; importing this registers all of it."""

from ronghe.apps.community.metrics import declared, members, screening

__all__ = ["declared", "members", "screening"]
