"""What the pages of policies have in common: who asks, one form a page, deeds that go back, the moment told about."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ronghe.apps.accounts.pages import take_errors
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.dated import AlreadySuperseded
from ronghe.apps.policies.loading import RuleSetRefused
from ronghe.apps.policies.services import AlreadyAnswered, AlreadyDecided, ClaimClosed, NotProposed

CONFLICTS = (AlreadyAnswered, AlreadyDecided, ClaimClosed, NotProposed, AlreadySuperseded)


def allowed(request: HttpRequest, permission: str, thing: Any) -> bool:
    """Whether the viewer holds `permission` on `thing`, which need not be a row: a subject is a kind and a key."""
    return bool(request.user.has_perm(permission, thing))


def may(request: HttpRequest, permission: str, thing: Any = None) -> None:
    """Raise PermissionDenied, in the words of the page, unless the viewer holds `permission` (on `thing`)."""
    if not (request.user.has_perm(permission) if thing is None else allowed(request, permission, thing)):
        raise PermissionDenied(_("This page is not open to your role. Ask the community office."))


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    act: Callable[[dict[str, Any]], Any],
    *,
    title: str,
    submit: str,
    back: str,
    back_label: str,
    done: str,
    lead: str = "",
    danger: bool = False,
    facts: list[tuple[str, Any]] | None = None,
    template: str = "policies/form.html",
) -> HttpResponse:
    """Show `form`; on a valid POST do `act(cleaned data)`, say that it is `done`, and go to what it returned or `back`.

    What a service refuses is shown at the field it concerns, with all that was typed.
    """
    status, refused_lines = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = act(form.cleaned_data)
            except ValidationError as error:
                take_errors(form, error)
            except RuleSetRefused as refused:
                refused_lines = refused.lines()
                form.add_error(None, _("The rule set cannot be loaded. Mend the lines below; nothing was stored."))
            except CONFLICTS as conflict:
                form.add_error(None, str(conflict))
                status = 409
            except StaleRevision as stale:
                form.add_error(None, str(stale))
                form.data = {**form.data.dict(), "revision": str(stale.current.revision)}  # type: ignore[attr-defined]
                status = 409
            else:
                messages.success(request, done)
                return redirect(made if hasattr(made, "get_absolute_url") else back)
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "back": back,
        "back_label": back_label,
        "lead": lead,
        "danger": danger,
        "facts": facts or [],
        "refused": refused_lines,
    }
    return render(request, template, context, status=status)


def deed(request: HttpRequest, act: Callable[[], Any], *, done: str, back: Any) -> HttpResponse:
    """Do something that needs no form page; what is refused is told on the page it goes back to."""
    try:
        act()
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    except RuleSetRefused as refused:
        messages.error(request, str(refused))
    except CONFLICTS as conflict:
        messages.error(request, str(conflict))
    except StaleRevision:
        messages.error(
            request, _("Someone changed this while you were looking at it. See what stands now, and decide.")
        )
    else:
        messages.success(request, done)
    return redirect(back)
