"""Who may ask for numbers: whoever holds `metrics.view_registry`, which a higher floor grants."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, cast

from django.apps import apps
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ronghe.apps.metrics.registry import Metric

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def demand_registry(user: Any) -> None:
    """Raise PermissionDenied unless `user` may ask for numbers."""
    if not user.has_perm("metrics.view_registry"):
        raise PermissionDenied(_("Only members of the community may see its numbers."))


def subjects(metric: Metric, user: Any) -> QuerySet[Any]:
    """Those whose numbers `user` may see: of a confidential metric those that concern them, else all visible ones."""
    manager = apps.get_model(metric.subject)._default_manager
    find = getattr(manager, "concerning" if metric.confidential else "visible_to", None)
    found: QuerySet[Any] = manager.none() if find is None else find(user)
    return found


def may_view_registry(view: View[P]) -> View[P]:
    """Let signed-in people with the permission pass; send the others to sign in, or tell them why not."""

    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        demand_registry(request.user)
        return view(request, *args, **kwargs)

    return cast(View[P], update_wrapper(guarded, view))
