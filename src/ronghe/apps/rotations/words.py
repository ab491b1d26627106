"""What stands against a plan, in the reader's language: rules that could give way, and rules broken."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.community.models import Campus
from ronghe.apps.rotations.models import Plan
from ronghe.apps.sites.models import MachineFamily

_RULES = {
    "class_needs": gettext_lazy("%(subject)s cannot have %(by)s of the %(asked)s fortnights that its groups need"),
    "class_away": gettext_lazy("%(subject)s would be away %(by)s fortnights more than the %(asked)s allowed"),
    "bay_places": gettext_lazy(
        "%(subject)s has room for %(asked)s groups in fortnight %(fortnight)s; %(by)s more needed"
    ),
    "campus_mentors": gettext_lazy(
        "%(subject)s has mentors for %(asked)s trainees in fortnight %(fortnight)s; %(by)s more needed"
    ),
    "mentor_hours": gettext_lazy("with more hours of mentors %(by)s of the %(asked)s missing sessions would fit"),
    "mentor_authorised": gettext_lazy("with all mentors authorised %(by)s of the %(asked)s missing sessions would fit"),
    "mentor_busy": gettext_lazy("without other work of mentors %(by)s of the %(asked)s missing sessions would fit"),
    "machine_closed": gettext_lazy("with machines always open %(by)s of the %(asked)s missing sessions would fit"),
    "group_authorised": gettext_lazy("with all groups authorised %(by)s of the %(asked)s missing sessions would fit"),
    "group_study": gettext_lazy("without study %(by)s of the %(asked)s missing sessions would fit"),
    "mentor_number": gettext_lazy("with more mentors %(by)s of the %(asked)s missing sessions would fit"),
    "travel": gettext_lazy("without journeys between campuses %(by)s of the %(asked)s missing sessions would fit"),
    "rest": gettext_lazy("with less rest between days %(by)s of the %(asked)s missing sessions would fit"),
    "nights": gettext_lazy("with more nights %(by)s of the %(asked)s missing sessions would fit"),
    "group_day": gettext_lazy("with more sessions a day %(by)s of the %(asked)s missing sessions would fit"),
}
_CODES = {
    "scheduling.season": gettext_lazy("What is asked contradicts itself."),
    "scheduling.week": gettext_lazy("What is asked contradicts itself."),
    "scheduling.time": gettext_lazy("No plan that keeps all rules was found in the time given."),
    "scheduling.possible": gettext_lazy("No plan can keep all rules."),
    "scheduling.away": gettext_lazy("The groups of a class cannot share their fortnights away evenly."),
}


def refusal(plan: Plan, kept: Mapping[str, Any]) -> dict[str, Any]:
    """A kept refusal as a page shows it: a headline, what would have to give, and the method's own words."""
    if not kept:
        return {}
    names = {str(family.pk): family.name for family in MachineFamily.objects.filter(pk__in=plan.needs.values("family"))}
    campuses = {str(campus.pk): campus.name for campus in Campus.objects.filter(pk__in=_campuses(kept))}
    said = []
    for one in kept.get("relaxations", []):
        rule = _RULES.get(one["kind"])
        if rule is not None:
            values = {
                "subject": _subject(one, names, campuses),
                "by": f"{one['by']:g}",
                "asked": f"{one['asked']:g}",
                "fortnight": None if one["fortnight"] is None else one["fortnight"] + 1,
            }
            said.append(str(rule) % values)
    headline = _CODES.get(kept["code"])
    return {
        "headline": str(headline) if headline else kept.get("found", ""),
        "rules": said,
        "detail": "" if said else f"{kept.get('found', '')}: {kept.get('remedy', '')}",
    }


def _campuses(kept: Mapping[str, Any]) -> list[int]:
    found = []
    for one in kept.get("relaxations", []):
        if one["kind"] in ("bay_places", "campus_mentors"):
            found.append(int(one["subject"][-1]))
    return found


def _subject(one: Mapping[str, Any], families: Mapping[str, str], campuses: Mapping[str, str]) -> str:
    subject: list[str] = list(one["subject"])
    if one["kind"] == "bay_places":
        return f"{families.get(subject[0], subject[0])} · {campuses.get(subject[1], subject[1])}"
    if one["kind"] == "campus_mentors":
        return campuses.get(subject[0], subject[0])
    if one["kind"] in ("class_needs", "class_away"):
        name = _("Class %(number)s") % {"number": subject[0]}
        return f"{name} · {families.get(subject[1], subject[1])}" if len(subject) > 1 else name
    return ""


def percent(part: float, whole: float) -> float | None:
    """A share in per cent; None where there is nothing to divide by."""
    return 100 * part / whole if whole else None


def gaps(weeks: Iterable[Any]) -> float | None:
    """The widest gap of the weeks in per cent; None where none was planned."""
    found = [proof["gap"] for week in weeks for proof in week.figures.get("proofs", [])]
    return 100 * max(found) if found else None
