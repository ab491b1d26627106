"""Editing clauses: the same pages for drafts and for templates."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ronghe.apps.agreements.clauses import FIELDS, ClauseKind, read_clause, said
from ronghe.apps.agreements.content import names_of
from ronghe.apps.agreements.forms import ClauseForm, ClauseKindForm
from ronghe.apps.agreements.models import Party
from ronghe.apps.agreements.views.frame import form_page


def shown_clauses(clauses: Sequence[dict[str, Any]], parties: Sequence[Party]) -> list[dict[str, Any]]:
    """Clauses as a page shows them: in its language, with the sentence of their values."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    names = names_of(parties)
    return [
        {
            "key": clause["key"],
            "kind": ClauseKind(clause["kind"]).label,
            "heading": clause["heading"][language] or clause["heading"]["zh"],
            "text": clause["text"][language] or clause["text"]["zh"],
            "said": clause["said"][language] if "said" in clause else said(clause, names)[language],
            "is_open": any(field.required and field.name not in clause["values"] for field in FIELDS[clause["kind"]]),
        }
        for clause in clauses
    ]


def new_clause(
    request: HttpRequest,
    *,
    clauses: Sequence[dict[str, Any]],
    parties: Sequence[Party],
    revision: int,
    put: Callable[[list[dict[str, Any]], int], Any],
    back: str,
    back_label: str,
) -> HttpResponse:
    """Choose a kind, then fill the clause in; it comes last."""
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in ClauseKind.values:
        context = {"form": ClauseKindForm(), "back": back, "back_label": back_label}
        return render(request, "agreements/clause_kind.html", context)
    form = ClauseForm(request.POST if request.method == "POST" else None, kind=kind, parties=parties, revision=revision)
    return _page(request, form, None, clauses=clauses, parties=parties, put=put, back=back, back_label=back_label)


def edit_clause(
    request: HttpRequest,
    key: str,
    *,
    clauses: Sequence[dict[str, Any]],
    parties: Sequence[Party],
    revision: int,
    put: Callable[[list[dict[str, Any]], int], Any],
    back: str,
    back_label: str,
) -> HttpResponse:
    """Amend a clause, or take it out."""
    known = next((clause for clause in clauses if clause["key"] == key), None)
    if known is None:
        raise Http404(_("There is no such clause any more."))
    form = ClauseForm(
        request.POST if request.method == "POST" else None,
        kind=known["kind"],
        parties=parties,
        clause=known,
        revision=revision,
    )
    return _page(request, form, key, clauses=clauses, parties=parties, put=put, back=back, back_label=back_label)


def _page(
    request: HttpRequest,
    form: ClauseForm,
    key: str | None,
    *,
    clauses: Sequence[dict[str, Any]],
    parties: Sequence[Party],
    put: Callable[[list[dict[str, Any]], int], Any],
    back: str,
    back_label: str,
) -> HttpResponse:
    takes_out = key is not None and request.POST.get("take_out") == "1"

    def act(given: dict[str, Any]) -> str:
        kept = list(clauses)
        if takes_out:
            put([clause for clause in kept if clause["key"] != key], given["revision"])
            return _("The clause is taken out.")
        typed = form.clause
        _check(typed, parties)
        if key is None:
            kept.append(typed)
        else:
            kept = [typed if clause["key"] == key else clause for clause in kept]
        put(kept, given["revision"])
        return _("The clause is saved.")

    return form_page(
        request,
        form,
        act,
        title=_("Clause: %(kind)s") % {"kind": ClauseKind(form.kind).label},
        submit=_("Save"),
        back=back,
        back_label=back_label,
        template="agreements/clause.html",
        kind=form.kind,
        is_new=key is None,
    )


def _check(typed: dict[str, Any], parties: Sequence[Party]) -> None:
    """What is wrong with one clause is said at its fields; the service would only name the clause."""
    try:
        read_clause(typed, places=[party.place for party in parties], complete=False)
    except ValidationError as error:
        raise ValidationError(error.message_dict) from error
