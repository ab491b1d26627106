"""What the pages of agreements have in common: who asks, one form page, and what went wrong said in one place."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ronghe.apps.accounts.pages import take_errors
from ronghe.apps.agreements import selectors
from ronghe.apps.agreements.models import Agreement, Instrument
from ronghe.apps.agreements.services import WrongState
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.dated import AlreadySuperseded


def agreement_of(request: HttpRequest, uid: Any) -> Agreement:
    """The agreement, or 404 for whoever may not know of it."""
    found = selectors.find(request.user, uid)
    if found is None:
        raise Http404(_("There is no such agreement, or it is not open to you."))
    return found


def paper_of(request: HttpRequest, uid: Any) -> Instrument:
    """The paper, or 404 for whoever may not read it."""
    found = selectors.find_paper(request.user, uid)
    if found is None:
        raise Http404(_("There is no such paper, or it is not open to you."))
    return found


def allow(request: HttpRequest, permission: str, thing: Any = None) -> None:
    """Refuse before a form is shown what the service would refuse after it was filled in."""
    if not (request.user.has_perm(permission, thing) if thing is not None else request.user.has_perm(permission)):
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    act: Callable[[dict[str, Any]], str],
    *,
    title: str,
    submit: str,
    back: str,
    back_label: str,
    lead: str = "",
    danger: bool = False,
    template: str = "agreements/form.html",
    **more: Any,
) -> HttpResponse:
    """Show `form`; on a valid POST do `act(cleaned data)`, which returns what to tell the person, and go `back`.

    What a service refuses is shown at the field it concerns, with all that was typed; who saves second is told (409).
    `go`: where to, when only `act` knows.
    """
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            done = act(form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        except StaleRevision as stale:
            form.data = {**form.data.dict(), "revision": str(stale.current.revision)}  # type: ignore[attr-defined]
            form.add_error(None, _("Someone saved this meanwhile. Look at it again; what you typed stands below."))
            status = 409
        except (WrongState, AlreadySuperseded) as refused:
            messages.error(request, str(refused))
            return redirect(back)
        else:
            messages.success(request, done)
            return redirect(more["go"]() if "go" in more else back)
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "back": back,
        "back_label": back_label,
        "lead": lead,
        "danger": danger,
        **more,
    }
    return render(request, template, context, status=status if status != 200 else 422 if form.errors else 200)


def deed(request: HttpRequest, act: Callable[[], str], *, back: str) -> HttpResponse:
    """Do `act` (a POST of one button) and go `back`, saying what was done or why not."""
    try:
        done = act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except StaleRevision:
        messages.error(request, _("Someone saved this meanwhile. Look at it again."))
    except (WrongState, AlreadySuperseded) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(back)


def revision_of(request: HttpRequest) -> int:
    """The revision that the person saw."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isdigit() and len(typed) < 10 else 0
