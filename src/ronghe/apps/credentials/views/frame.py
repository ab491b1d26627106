"""What the pages of certificates have in common: who asks, one form a page, deeds that go back."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.credentials.forms import take_errors
from ronghe.apps.credentials.services import Frozen, IssueRefused
from ronghe.apps.credentials.signing import KeyUnavailable
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.dated import AlreadySuperseded

T = TypeVar("T")


def person(request: HttpRequest) -> Person:
    """Who asks: `login_required` has seen to it that somebody does."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such certificate or page about certificates, or it is not open to you."))
    return thing


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
    template: str = "credentials/form.html",
    more: Mapping[str, Any] | None = None,
    goes_back: bool = False,
) -> HttpResponse:
    """Show `form`; on a valid POST do `act(cleaned data)`, say that it is `done`, and go to what it returned or `back`.

    With `goes_back` it goes back whatever it returned.
    What a service refuses is shown at the field it concerns, with all that was typed.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = act(form.cleaned_data)
            except ValidationError as error:
                take_errors(form, error)
            except (Frozen, KeyUnavailable) as refused:
                form.add_error(None, str(refused))
            except IssueRefused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason.text)
            except StaleRevision as stale:
                form.add_error(None, str(stale))
                form.data = {**form.data.dict(), "revision": str(stale.current.revision)}  # type: ignore[attr-defined]
                status = 409
            else:
                if done:
                    messages.success(request, done)
                if isinstance(made, HttpResponse):
                    return made
                return redirect(made if hasattr(made, "get_absolute_url") and not goes_back else back)
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "back": back,
        "back_label": back_label,
        "lead": lead,
        "danger": danger,
        **(more or {}),
    }
    return render(request, template, context, status=status)


def deed(request: HttpRequest, act: Callable[[], Any], *, done: str, back: Any) -> HttpResponse:
    """Do something that needs no form page; what is refused is told on the page it goes back to."""
    try:
        act()
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    except (Frozen, KeyUnavailable) as refused:
        messages.error(request, str(refused))
    except IssueRefused as refused:
        for reason in refused.reasons:
            messages.error(request, reason.text)
    except (AlreadySuperseded, StaleRevision):
        messages.error(
            request, _("Someone changed this while you were looking at it. See what stands now, and decide.")
        )
    else:
        messages.success(request, done)
    return redirect(back)
