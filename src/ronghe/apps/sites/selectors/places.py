"""Reads of sites and machines."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ronghe.apps.sites.models import Machine, MachineFamily, Site


def machines(
    user: Any, *, site: Site | None = None, family: MachineFamily | None = None, in_use: bool = True
) -> QuerySet[Machine]:
    """Machines that `user` may see, of a site or family; only those in use today unless told otherwise."""
    found = Machine.objects.visible_to(user).select_related(
        "site__campus__region", "site__campus__organisation", "family"
    )
    if site is not None:
        found = found.filter(site=site)
    if family is not None:
        found = found.filter(family=family)
    if in_use:
        found = found.in_use_on(timezone.localdate()).filter(site__closed_on__isnull=True)
    return found.order_by("site__name_zh", "code")
