"""What stands against a plan, in the reader's language: rules that could give way, and rules broken."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from ronghe.apps.community.models import Campus
from ronghe.apps.rotations.models import Plan
from ronghe.apps.sites.models import MachineFamily

_RULES = {
    "class_needs": gettext_lazy("%(subject)s cannot have %(by)s of the %(asked)s fortnights that its groups need"),
    "class_pinned": gettext_lazy("%(by)s of the %(asked)s groups pinned cannot be there: %(subject)s, %(fortnight)s"),
    "class_forbidden": gettext_lazy("%(by)s groups would have to be where they must not: %(subject)s, %(fortnight)s"),
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
# What a conflict names: kinds of rule of a week, or single decisions of the office on a fortnight.
_CONFLICT = {
    "mentor_hours": gettext_lazy("hours of mentors"),
    "mentor_number": gettext_lazy("number of mentors"),
    "mentor_authorised": gettext_lazy("authorisations of mentors"),
    "mentor_busy": gettext_lazy("other work of mentors"),
    "machine_closed": gettext_lazy("closed machines"),
    "group_authorised": gettext_lazy("authorisations of groups"),
    "group_study": gettext_lazy("study"),
    "group_day": gettext_lazy("sessions a day"),
    "travel": gettext_lazy("journeys between campuses"),
    "rest": gettext_lazy("rest between days"),
    "nights": gettext_lazy("nights"),
    "class_pinned": gettext_lazy("%(groups)s pinned to %(family)s in fortnight %(fortnight)s"),
    "class_forbidden": gettext_lazy("%(groups)s forbidden at %(family)s in fortnight %(fortnight)s"),
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
                "subject": _subject(one, names, campuses, kept.get("groups", {})),
                "by": f"{one['by']:g}",
                "asked": f"{one['asked']:g}",
                "fortnight": None if one["fortnight"] is None else one["fortnight"] + 1,
            }
            said.append(str(rule) % values)
    headline = _CODES.get(kept["code"])
    return {
        "headline": str(headline) if headline else kept.get("found", ""),
        "rules": said,
        "conflict": [_together(one, names, kept.get("groups", {})) for one in kept.get("conflict", [])],
        "detail": "" if said else f"{kept.get('found', '')}: {kept.get('remedy', '')}",
    }


def _together(one: str, families: Mapping[str, str], groups: Mapping[str, list[int]]) -> str:
    kind, *subject = one.split("/")
    if not subject:
        return str(_CONFLICT.get(kind, kind))
    name, family, fortnight = subject
    return str(_CONFLICT[kind]) % {
        "groups": _groups(name, groups),
        "family": families.get(family, family),
        "fortnight": int(fortnight) + 1,
    }


def _groups(name: str, groups: Mapping[str, list[int]]) -> str:
    """The groups of a class by their numbers, or the class's own where a plan was refused before these were kept."""
    if name not in groups:
        return _("Class %(number)s") % {"number": name}
    return _("Group %(number)s") % {"number": pgettext("list", ", ").join(map(str, groups[name]))}


def moves(kept: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a plan moved of the one that stood before it: group, fortnight, and both places by name; two queries."""
    rows = list(kept)
    places = [place for one in rows for place in (one["before"], one["after"]) if place is not None]
    families = MachineFamily.objects.in_bulk({family for family, _campus in places})
    campuses = Campus.objects.in_bulk({campus for _family, campus in places})

    def name(place: list[int] | None) -> str:
        return "—" if place is None else f"{families[place[0]].name} · {campuses[place[1]].name}"

    return [
        {
            "group": one["group"],
            "fortnight": one["fortnight"] + 1,
            "before": name(one["before"]),
            "after": name(one["after"]),
        }
        for one in rows
    ]


def _campuses(kept: Mapping[str, Any]) -> list[int]:
    found = []
    for one in kept.get("relaxations", []):
        if one["kind"] in ("bay_places", "campus_mentors"):
            found.append(int(one["subject"][-1]))
    return found


def _subject(
    one: Mapping[str, Any],
    families: Mapping[str, str],
    campuses: Mapping[str, str],
    groups: Mapping[str, list[int]],
) -> str:
    subject: list[str] = list(one["subject"])
    if one["kind"] == "bay_places":
        return f"{families.get(subject[0], subject[0])} · {campuses.get(subject[1], subject[1])}"
    if one["kind"] == "campus_mentors":
        return campuses.get(subject[0], subject[0])
    if one["kind"].startswith("class_"):
        name = _groups(subject[0], groups)
        return f"{name} · {families.get(subject[1], subject[1])}" if len(subject) > 1 else name
    return ""


def percent(part: float, whole: float) -> float | None:
    """A share in per cent; None where there is nothing to divide by."""
    return 100 * part / whole if whole else None


def gaps(weeks: Iterable[Any]) -> float | None:
    """The widest gap of the weeks in per cent; None where none was planned."""
    found = [proof["gap"] for week in weeks for proof in week.figures.get("proofs", [])]
    return 100 * max(found) if found else None
