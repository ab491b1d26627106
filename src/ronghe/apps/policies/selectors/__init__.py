"""Reads of policies for pages, mail and the API; nothing here writes."""

from ronghe.apps.policies.selectors.incentives import claims_of

__all__ = ["claims_of"]
