"""How far a computation is that some page waits for. What is computed stands on that page."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronghe.apps.demand import computations


@require_safe
@login_required
def computation(request: HttpRequest, key: str) -> HttpResponse:
    """The progress alone, for whoever looks at a page that waits; the page is loaded anew when the task has ended."""
    standing = computations.running(key)
    if standing is None:
        raise Http404(_("Nothing of this name is computed."))
    if standing.is_waiting:
        return render(request, "demand/computation_progress.html", {"standing": standing})
    response = HttpResponse()
    response["HX-Refresh"] = "true"
    return response
