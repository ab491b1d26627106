"""Whether a person has just confirmed who they are, for deeds that count as a signature."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse

_View = TypeVar("_View", bound=Callable[..., HttpResponse])
# A POST without a confirmation of the last minutes goes by the page that asks for it and is then taken up again.
confirms = cast(Callable[[_View], _View], reauthentication_required(allow_get=True))


def confirmed(request: HttpRequest) -> tuple[datetime | None, str]:
    """When and by what the person last confirmed who they are, in this session, after signing in."""
    user: Any = request.user
    records = [one for one in get_authentication_records(request, user) if one.get("reauthenticated")]
    if not records:
        return None, ""
    last = records[-1]
    return datetime.fromtimestamp(last["at"], tz=UTC), str(last.get("type") or last.get("method", ""))
