"""Pages of the log: where it stands, for anyone; what happened, for who may see it; one event with its proof."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronghe.apps.ledger import selectors
from ronghe.apps.ledger.forms import EventFilter
from ronghe.apps.ledger.models import Event

_ON_A_PAGE = 20


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Size and checkpoint for anyone; what waits and what happened for who may see events."""
    context: dict[str, Any] = {
        "head": selectors.head(),
        "note": selectors.newest_note(),
        "witnesses": selectors.witness_lines(),
        "threshold": selectors.witness_policy().threshold,
        "witnessed": selectors.witnessed_checkpoint(),
        "audit_command": f"ronghe ledger audit {request.build_absolute_uri(reverse('ledger:overview'))} "
        f"--key {selectors.verifier().encode()}",
        "anchors": selectors.anchors(),
        "timestamps": selectors.timestamps(),
        "conflicts": [path.name for path in selectors.conflicts()],
    }
    if not request.user.has_perm("ledger.view_event"):
        return render(request, "ledger/public.html", context)
    form = EventFilter(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    # One more than is shown tells whether there are older ones, without counting a log of millions.
    found = list(
        selectors.recent_events(
            type=asked.get("type") or "", subject=asked.get("subject") or "", before=asked.get("before")
        )[: _ON_A_PAGE + 1]
    )
    shown = found[:_ON_A_PAGE]
    older = None
    if len(found) > _ON_A_PAGE:
        query = request.GET.copy()
        query["before"] = str(shown[-1].pk)
        older = f"?{query.urlencode()}"
    context |= {
        "form": form,
        "rows": [(one, selectors.event_type_of(one)) for one in shown],
        "older": older,
        "filtered": any(asked.values()),
    }
    return render(request, "ledger/overview.html", context)


@require_safe
@login_required
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event: what the log holds of it, its payload as far as one may see it, and its proof."""
    found = get_object_or_404(Event.objects.select_related("leaf", "payload"), pk=event_id)
    user = request.user
    if isinstance(user, AnonymousUser) or not user.has_perm("ledger.view_event", found):
        raise PermissionDenied(_("Events of the ledger are shown to the community office and to reviewers."))
    story = selectors.story_of(found, show_personal=user.has_perm("ledger.view_personal", found))
    proof = story.proof
    context = {
        "event": found,
        "story": story,
        "leaf_hash": proof.leaf.hex() if proof else "",
        "path": "\n".join(hash_.hex() for hash_ in proof.path) if proof else "",
    }
    return render(request, "ledger/event.html", context)
