"""What things of policies are called on pages: verdicts with their signs, severities, standings, what is declared."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrPromise

from ronghe.apps.community.models import Region, StudyField, Tier
from ronghe.apps.policies.content import NATION, OWN, Severity, Standing
from ronghe.methods.rules import Verdict

# Kind of the page's state sign, and the word beside it.
VERDICTS: dict[Verdict, tuple[str, StrPromise]] = {
    Verdict.RED: ("bad", pgettext_lazy("verdict", "broken")),
    Verdict.AMBER: ("warn", pgettext_lazy("verdict", "narrowly kept")),
    Verdict.GREEN: ("ok", pgettext_lazy("verdict", "kept")),
    Verdict.NOT_APPLICABLE: ("none", pgettext_lazy("verdict", "not applicable")),
    Verdict.NO_DATA: ("none", pgettext_lazy("verdict", "no data")),
}
STANDINGS: dict[Standing, StrPromise] = {
    Standing.TEXT_SEEN: _("text seen"),
    Standing.CLAIM: _("claim"),
}
SEVERITIES: dict[Severity, StrPromise] = {
    Severity.CRITICAL: _("critical"),
    Severity.MAJOR: _("major"),
    Severity.MINOR: _("minor"),
}
# The facts that a scope may ask about, and the values they take; a region is its code.
FACTS: dict[str, StrPromise] = {
    "region": _("Region"),
    "field": _("Field"),
    "tier": _("Tier"),
    "education": _("Education"),
}
SCOPE_VALUES: dict[str, StrPromise | str] = {
    **dict([*StudyField.choices, *Tier.choices]),
    "none": _("in no chain"),
    "professional-master": _("professional master's"),
    "vocational": _("vocational school"),
}
_DECLARED: dict[str, StrPromise] = {
    "persons": _("Apprentices (persons)"),
    "expense": _("Training expense of the year (yuan)"),
    "payroll": _("Payroll of the year (yuan)"),
    "brought": _("Carried forward from earlier years (yuan)"),
    "limit": _("Limit of the year (yuan)"),
    "carried": _("Carried forward to later years (yuan)"),
    "hours": _("Confirmed class hours"),
    "fee": _("Fee of a class hour (yuan)"),
}


def declared_label(name: str) -> StrPromise:
    """What a declared or derived figure of a claim is called."""
    return _DECLARED[name]


def jurisdiction_name(code: str) -> StrPromise | str:
    """The nation, the community itself, or the region by its name."""
    if code == NATION:
        return _("China")
    if code == OWN:
        return _("The community")
    found = Region.objects.filter(code=code).first()
    return found.name if found is not None else code
