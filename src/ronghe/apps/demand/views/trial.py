"""A place to try the reading of a text: skills are shown where they stand, and nothing is stored."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ronghe.apps.demand import extraction, selectors
from ronghe.apps.demand.forms import TextForm
from ronghe.apps.demand.views.frame import is_too_soon

PER_MINUTE = 20


def _spans(text: str) -> list[dict[str, Any]]:
    """The skills found in a text, in the order in which they stand there."""
    known = selectors.catalogue().by_code
    names = extraction.engine().lexicon.by_id
    return [
        {
            "start": mention.start,
            "end": mention.end,
            "text": text[mention.start : mention.end],
            "skill": known.get(mention.skill_id) or names[mention.skill_id].en,
            "tier": mention.tier,
            "score": mention.score,
            "href": f"#mention-{number}",
            "id": f"span-{number}",
            "number": number,
        }
        for number, mention in enumerate(extraction.engine().extract([text])[0], start=1)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("demand.use_extractor", raise_exception=True)
def trial_page(request: HttpRequest) -> HttpResponse:
    """Paste a text, see which skills are read out of it."""
    form = TextForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST" and form.is_valid():
        if is_too_soon(request, "trial", PER_MINUTE):
            context["too_soon"], status = True, 429
        else:
            context["text"] = form.cleaned_data["text"]
            context["spans"] = _spans(form.cleaned_data["text"])
    elif request.method == "POST":
        status = 422
    return render(request, "demand/trial.html", context, status=status)
