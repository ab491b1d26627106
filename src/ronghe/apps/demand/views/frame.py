"""What the pages of demand have in common: who asks, definitions beside figures, work that waits, a limit on tries."""

from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ronghe.apps.accounts.pages import person
from ronghe.apps.demand import figures, selectors
from ronghe.apps.demand.figures import DataState
from ronghe.apps.demand.selectors import ProcessingState
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.registry import Metric

# A longer address than any that the filters make is not worth remembering.
_LONGEST_KEPT = 400


def definitions(*names: str) -> list[Metric]:
    """The definitions that a page shows beside its figures."""
    return [registry.get(name) for name in names]


def waiting_work(request: HttpRequest, data: DataState) -> ProcessingState | None:
    """What waits to be compared and read, for those who can start it; None where nothing does."""
    if not request.user.has_perm("demand.process_postings"):
        return None
    state = selectors.processing_state(data)
    return state if state.waiting_for_comparison or state.waiting_for_extraction else None


def kept_part(
    request: HttpRequest, state: DataState, template: str, context: Callable[[], dict[str, Any]]
) -> SafeString:
    """A part of a page that shows everyone the same, rendered once for each address while the data stand.

    `context` is asked only when the part is rendered. It must hold nothing of the person who asks: no form token, no
    message, nothing that only some may see.
    """

    def render() -> SafeString:
        return SafeString(render_to_string(template, {**context(), "request": request}))

    address = request.get_full_path()
    if len(address) > _LONGEST_KEPT:
        return render()
    return figures.kept(state, (template, address, get_language(), timezone.localdate()), render)


def is_too_soon(request: HttpRequest, deed: str, per_minute: int) -> bool:
    """Whether this person has done `deed` more than `per_minute` times in the minute that runs."""
    key = f"demand.{deed}:{person(request).pk}:{timezone.now():%Y%m%d%H%M}"
    cache.add(key, 0, timeout=90)
    try:
        return cache.incr(key) > per_minute
    except ValueError:
        return False


def languages() -> dict[str, Any]:
    """What the languages of postings are called."""
    return {"zh": _("Chinese"), "en": _("English"), "other": _("Other")}
