"""What the pages of every app have in common: who asks, one form a page, deeds that go back, refusals at their field.

It knows no page's content: an app's `views/frame.py` says which of its services' refusals are told, and in which words.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import BaseConstraint
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.dated import AlreadySuperseded

Refusals = tuple[type[Exception], ...]
# The sentences that a refusal is told in.
Told = Callable[[Exception], Iterable[str]]
_CHANGED_MEANWHILE = gettext_lazy("Someone changed this while you were looking at it. See what stands now, and decide.")


def person(request: HttpRequest) -> Person:
    """Who asks: `login_required` has seen to it that somebody does."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def take_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Show what a service refused at the fields it names, and the rest at the head of the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, [_without_names(one) for one in error.error_list])
        return
    for name, problems in error.error_dict.items():
        form.add_error(name if name in form.fields else None, [_without_names(one) for one in problems])


def _without_names(problem: ValidationError) -> ValidationError:
    """A constraint that has no words of its own is told by its name in the database, which helps nobody."""
    before, after = (str(BaseConstraint.default_violation_error_message) % {"name": "\0"}).split("\0")
    said = "; ".join(problem.messages)
    if said.startswith(before) and said.endswith(after):
        return ValidationError(_("What you entered does not fit together; compare the fields once more."))
    return problem


def in_its_words(refused: Exception) -> Iterable[str]:
    """A refusal as it words itself."""
    return [str(refused)]


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
    template: str = "form_page.html",
    more: Mapping[str, Any] | None = None,
    goes_back: bool = False,
    refusals: Refusals = (),
    told: Told = in_its_words,
) -> HttpResponse:
    """Show `form`; on a valid POST do `act(cleaned data)`, say that it is `done`, and go to what it returned or `back`.

    With `goes_back` it goes back whatever it returned. What a service refuses, by ValidationError or one of `refusals`,
    is shown with all that was typed, at the field it concerns; who saves second is told so (409).
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = act(form.cleaned_data)
            except ValidationError as error:
                take_errors(form, error)
            except refusals as refused:
                for sentence in told(refused):
                    form.add_error(None, sentence)
            except StaleRevision as stale:
                form.add_error(None, str(stale))
                form.data = {**form.data.dict(), "revision": str(stale.current.revision)}  # type: ignore[attr-defined]
                status = 409
            except AlreadySuperseded:
                form.add_error(None, _CHANGED_MEANWHILE)
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


def deed(
    request: HttpRequest,
    act: Callable[[], Any],
    *,
    done: str,
    back: Any,
    refusals: Refusals = (),
    told: Told = in_its_words,
) -> HttpResponse:
    """Do something that needs no form page; what is refused is told on the page it goes back to."""
    try:
        act()
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    except refusals as refused:
        for sentence in told(refused):
            messages.error(request, sentence)
    except (AlreadySuperseded, StaleRevision):
        messages.error(request, _CHANGED_MEANWHILE)
    else:
        messages.success(request, done)
    return redirect(back)
