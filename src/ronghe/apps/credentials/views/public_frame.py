"""The page around an answer of the public verifier, drawn once a language for all who are not signed in.

Whoever is signed in, or is owed a message, gets a page that is drawn for them alone.
"""

import re
from functools import cache

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from ronghe.apps.credentials.forms_public import CheckForm

_TEMPLATE = "credentials/public_verify.html"
# No text has this sign of the private use area.
_PLACE = re.compile("\ue000([a-z]+)\ue000")


@cache
def drawn(name: str, language: str) -> SafeString:
    """Return a part of the page that says the same to everyone who reads `language`, which must be the active one."""
    return render_to_string(name, {"form": CheckForm()})


def answered(request: HttpRequest, *, headline: str, answer: SafeString) -> HttpResponse:
    """Return the page with the `answer` (a part drawn already) under its headline."""
    language = get_language() or ""
    if request.user.is_authenticated or len(get_messages(request)):
        return render(request, _TEMPLATE, _context(language) | {"headline": headline, "answer": answer})
    values = {
        "answer": answer,
        "headline": conditional_escape(headline),
        "path": conditional_escape(request.get_full_path()),
        "token": get_token(request),
    }
    parts = list(_frame(language))
    parts[1::2] = [values[name] for name in parts[1::2]]
    return HttpResponse("".join(parts))


def _context(language: str) -> dict[str, object]:
    return {
        "fields": drawn("credentials/public_fields.html", language),
        "side": drawn("credentials/public_side.html", language),
    }


@cache
def _frame(language: str) -> tuple[str, ...]:
    """Return the page in pieces: texts and, between them, the names of the values that stand there."""
    places = {name: SafeString(f"\ue000{name}\ue000") for name in ("answer", "headline", "path", "token")}
    page = render_to_string(
        _TEMPLATE,
        _context(language)
        | {
            "answer": places["answer"],
            "headline": places["headline"],
            "csrf_token": places["token"],
            "request": {"get_full_path": places["path"], "path": ""},
        },
    )
    return tuple(_PLACE.split(page))
