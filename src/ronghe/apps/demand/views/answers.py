"""The door for experts: a token, posted from a form, opens the holder's own answer. Nobody signs in, nothing is kept.

The token travels in the body of a POST alone. These pages use no session and no message, name no person and forbid
every cache; only wrong tokens are counted, under a keyed hash of the address they come from.
"""

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ronghe.apps.accounts.pages import take_errors
from ronghe.apps.demand import services
from ronghe.apps.demand.panel_forms import RatingForm, TokenForm, form_of
from ronghe.apps.demand.services import Answered, Seat, TokenUnknown, TooLate

WRONG_PER_MINUTE = 10
_LANGUAGES = dict(settings.LANGUAGES)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def answer_page(request: HttpRequest) -> HttpResponse:
    """Ask for the token; with it show the form; with the form take the answer."""
    return _answer(request) if request.method == "POST" else _door(request, TokenForm())


def _door(request: HttpRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
    return render(request, "demand/panel_door.html", {"form": form}, status=status)


def _answer(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _door(request, form, status=422)
    if _wrong(request, add=0) >= WRONG_PER_MINUTE:
        return render(request, "429.html", status=429)
    token = form.cleaned_data["token"]
    try:
        seat = services.take_seat(token)
    except TokenUnknown as error:
        _wrong(request, add=1)
        form.add_error("token", str(error))
        return _door(request, form, status=422)
    language = request.POST.get("language", "")
    if language in _LANGUAGES:
        return _in_language(request, seat, token, language)
    if "send" not in request.POST:
        return _show(request, seat, token)
    return _take(request, seat, token)


def _in_language(request: HttpRequest, seat: Seat, token: str, language: str) -> HttpResponse:
    """The page in another language, with what was typed and not sent yet."""
    translation.activate(language)
    form = None if seat.current is None else form_of(seat, seat.current)
    if form is not None:
        typed = {name: request.POST[name] for name in form.fields if name in request.POST}
        form.initial = {**form.initial, **typed}
    shown = _show(request, seat, token, form=form)
    shown.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return shown


def _take(request: HttpRequest, seat: Seat, token: str) -> HttpResponse:
    current = seat.current
    if current is None or request.POST.get("round") != str(current.number):
        late = _("This round takes no answers any more. What you sent was not counted; it stands below to copy.")
        return _show(request, seat, token, late=late, status=409)
    form = form_of(seat, current, request.POST)
    if not form.is_valid():
        return _show(request, seat, token, form=form, status=422)
    try:
        done = services.answer(token=token, number=current.number, content=form.answer)
    except ValidationError as error:
        take_errors(form, error)
        return _show(request, seat, token, form=form, status=422)
    except TooLate as error:
        return _show(request, services.take_seat(token), token, late=str(error), status=409)
    return _show(request, services.take_seat(token), token, done=done)


def _show(
    request: HttpRequest,
    seat: Seat,
    token: str,
    *,
    form: Any = None,
    done: Answered | None = None,
    late: str = "",
    status: int = 200,
) -> HttpResponse:
    current = seat.current
    if current is not None and form is None:
        form = form_of(seat, current)
    context = {
        "seat": seat,
        "panel": seat.panel,
        "current": current,
        "token": token,
        "form": form,
        "rows": list(form.rows(seat)) if isinstance(form, RatingForm) else None,
        "has_answered": current is not None and current.number in seat.own,
        "check": services.check_of(seat) if current is not None else None,
        "done": done,
        "late": late,
        "sent": _sent(request, seat) if late else [],
    }
    return render(request, "demand/panel_answer.html", context, status=status)


def _sent(request: HttpRequest, seat: Seat) -> list[tuple[str, str]]:
    """What came too late, for its writer to copy."""
    names = {str(item.pk): item.text for item in seat.items}
    shown = []
    for name, value in request.POST.items():
        kind, _line, keys = name.partition("_")
        if kind in {"rating", "reason", "pair"} and str(value).strip():
            shown.append((" / ".join(names.get(key, key) for key in keys.split("_")), str(value)))
    return shown


def _wrong(request: HttpRequest, *, add: int) -> int:
    """How many wrong tokens came from this address in the minute that runs. Right ones leave no trace here."""
    address = salted_hmac("ronghe.demand.door", get_account_adapter().get_client_ip(request)).hexdigest()[:24]
    key = f"demand.door:{address}:{timezone.now():%H%M}"
    if not add:
        return int(cache.get(key, 0))
    cache.add(key, 0, timeout=90)
    try:
        return int(cache.incr(key, add))
    except ValueError:
        return 0
