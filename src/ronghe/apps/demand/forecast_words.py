"""Why no forecast is claimed, in words; the codes are `methods.forecasting`'s."""

from django.utils.translation import gettext_lazy as _

_REFUSALS = {
    "forecast.too_few": _("fewer than 29 postings a month, in its field as well: chance alone forbids a claim"),
    "forecast.too_short": _("fewer than 12 whole months are known"),
    "forecast.all_zero": _("no posting asked for it"),
    "forecast.gap": _("a month is missing"),
    "forecast.future": _("a month that is not over was given"),
    "forecast.not_a_number": _("a month has no number"),
    "forecast.negative": _("a month has a negative number"),
}


def refusal_text(code: str) -> str:
    """The reason in the language of the page."""
    return str(_REFUSALS.get(code, code))
