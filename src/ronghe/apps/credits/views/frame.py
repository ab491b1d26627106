"""What the pages of the credit bank have in common: who asks, one form a page, deeds that go back."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person

T = TypeVar("T")


def person(request: HttpRequest) -> Person:
    """Who asks: `login_required` has seen to it that somebody does."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such page of the credit bank, or it is not open to you."))
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
) -> HttpResponse:
    """Show `form`; on a valid POST do `act(cleaned data)`, say that it is `done` and go `back`.

    What a service refuses is shown at the field it concerns, with all that was typed.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act(form.cleaned_data)
            except ValidationError as error:
                _take_errors(form, error)
            else:
                messages.success(request, done)
                return redirect(back)
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "back": back,
        "back_label": back_label,
        "lead": lead,
        "danger": danger,
    }
    return render(request, "credits/form.html", context, status=status)


def _take_errors(form: forms.BaseForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.error_dict.items():
        form.add_error(name if name in form.fields else None, problems)


def deed(request: HttpRequest, act: Callable[[], Any], *, done: str, back: str) -> HttpResponse:
    """Do something that needs no form page; what is refused is told on the page it goes back to."""
    try:
        act()
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        messages.success(request, done)
    return redirect(back)
