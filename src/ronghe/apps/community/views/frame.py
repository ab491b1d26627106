"""What the small forms of the registry have in common: one field list, one button, a way back; the day of a page."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import take_errors
from ronghe.apps.community.forms import DayForm
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.dated import AlreadySuperseded


def signed_in(request: HttpRequest) -> Person:
    """Who asks; the page is behind `login_required`."""
    return cast(Person, request.user)


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
    notes: Sequence[str] = (),
    notes_title: str = "",
    draft: str = "",
    after: str = "",
) -> HttpResponse:
    """Show `form`; on a valid POST do `act(cleaned data)`, which returns what to tell the person, and go `back`
    (or `after`). `notes` are said above the form; `draft` names what the browser keeps of it.

    What a service refuses is shown at the field it concerns, with all that was typed.
    """
    if request.method == "POST" and form.is_valid():
        try:
            done = act(form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        except AlreadySuperseded:
            form.add_error(None, _("Someone else changed this meanwhile. Go back and look at it again."))
        else:
            messages.success(request, done)
            return redirect(after or back)
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "back": back,
        "back_label": back_label,
        "lead": lead,
        "danger": danger,
        "notes": notes,
        "notes_title": notes_title,
        "draft": draft,
    }
    return render(request, "community/form.html", context, status=422 if form.errors else 200)


def chosen_day(request: HttpRequest) -> tuple[date, DayForm]:
    """The day a page tells about: `?on=`, or today when it is missing or no day."""
    form = DayForm(request.GET or None)
    today = timezone.localdate()
    day = form.cleaned_data.get("on") if form.is_valid() else None
    return day or today, form if day else DayForm(initial={"on": today})


def act_at_once(request: HttpRequest, act: Callable[[], str], back: str) -> HttpResponse:
    """Do what a single button asks, say what came of it, and go `back`."""
    try:
        done = act()
    except ValidationError as error:
        for problem in error.messages:
            messages.error(request, problem)
    except AlreadySuperseded:
        messages.error(request, _("Someone else changed this meanwhile. Look at it again."))
    else:
        messages.success(request, done)
    return redirect(back)


def edit_page(
    request: HttpRequest,
    form: forms.Form,
    save: Callable[[int, dict[str, Any]], object],
    *,
    title: str,
    back: str,
    back_label: str,
    draft: str,
) -> HttpResponse:
    """Amend a record that carries its revision in the form; whoever saves second sees both versions.

    `save(revision, changes)` calls the service and may raise ValidationError or StaleRevision.
    """
    if request.method == "POST" and form.is_valid():
        changes = {name: value for name, value in form.cleaned_data.items() if name != "revision"}
        try:
            save(form.cleaned_data["revision"] or 0, changes)
        except StaleRevision as stale:
            labels = [(name, str(form.fields[name].label)) for name in changes]
            both: dict[str, Any] = {
                "explanation": _("Someone else saved this while you were editing it."),
                "mine": [(label, changes[name] or "—") for name, label in labels],
                "theirs": [(label, getattr(stale.current, name) or "—") for name, label in labels],
                "back_url": request.path,
            }
            return render(request, "409.html", both, status=409)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    context = {
        "form": form,
        "title": title,
        "submit": _("Save"),
        "back": back,
        "back_label": back_label,
        "draft": draft,
    }
    return render(request, "community/form.html", context, status=422 if form.errors else 200)
