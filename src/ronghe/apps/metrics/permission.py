"""Who may ask for numbers: whoever holds `metrics.view_registry`, which a higher floor grants."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def demand_registry(user: Any) -> None:
    """Raise PermissionDenied unless `user` may ask for numbers."""
    if not user.has_perm("metrics.view_registry"):
        raise PermissionDenied(_("Only members of the community may see its numbers."))


def may_view_registry(view: View[P]) -> View[P]:
    """Let signed-in people with the permission pass; send the others to sign in, or tell them why not."""

    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        demand_registry(request.user)
        return view(request, *args, **kwargs)

    return cast(View[P], update_wrapper(guarded, view))
