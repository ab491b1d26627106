"""Which roles a signed-in person holds today: one query a request, whatever the number of questions asked.

It knows no model of this app (it goes through `Person.roles`), so that query sets may use it; rules build on it.
"""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

_CACHE = "_roles_held"

Held = frozenset[tuple[str, int]]


def is_signed_in(user: Any) -> bool:
    """Whether `user` is a person who has signed in and may."""
    return bool(user is not None and user.is_authenticated and user.is_active)


def held_by(user: Any) -> Held:
    """Pairs (kind of role, primary key of the organisation) that `user` holds today; kept on the user object."""
    if not is_signed_in(user):
        return frozenset()
    today = timezone.localdate()
    kept: tuple[Any, Held] | None = getattr(user, _CACHE, None)
    if kept is None or kept[0] != today:
        kept = (today, frozenset(user.roles.on(today).values_list("kind", "organisation_id")))
        setattr(user, _CACHE, kept)
    return kept[1]


def forget(user: Any) -> None:
    """Ask the database again the next time; called by whatever changes the roles of `user`."""
    if hasattr(user, _CACHE):
        delattr(user, _CACHE)


def holds(user: Any, kind: str, organisation: int | None = None) -> bool:
    """Whether `user` holds a role of `kind` today: in `organisation`, or anywhere when it is None."""
    return any(kind == one and organisation in (None, where) for one, where in held_by(user))


def organisations(user: Any, kinds: str | Iterable[str]) -> set[int]:
    """Primary keys of the organisations in which `user` holds a role of one of `kinds` today."""
    wanted = {kinds} if isinstance(kinds, str) else set(kinds)
    return {where for kind, where in held_by(user) if kind in wanted}
