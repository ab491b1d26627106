"""Why a student has this position and not one preferred, and what could not be met, as sentences of the page.

It rests on what a run wrote down and computes nothing; it names no other student.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.demand.models import Skill
from ronghe.apps.positions.models import Assignment, Position, Run


@dataclass(frozen=True, slots=True)
class Refused:
    """A position preferred, its rank, and the sentence why not."""

    position: Position
    rank: int
    sentence: str


def _words(value: float) -> str:
    """A skill fit as people read it; what a firm's priority adds is no fit."""
    return f"{min(value, 1.0):.0%}"


def barred(detail: str, skills: Mapping[int, Skill]) -> str:
    """What bars a student from a position, in words; `detail` is as `market.barred_by` gives it."""
    if detail == "field":
        return _("The position is in another field, and this round stays within fields.")
    if detail == "class":
        return _("The position is for members of its order class.")
    _word, skill, asked, has = detail.split(":")
    name = skills[int(skill)].name if int(skill) in skills else skill
    if int(has):
        return _("It requires “%(skill)s” at level %(asked)s; confirmed is level %(has)s.") % {
            "skill": name,
            "asked": asked,
            "has": has,
        }
    return _("It requires “%(skill)s” at level %(asked)s, which is not confirmed.") % {"skill": name, "asked": asked}


def _better_fit(refusal: Mapping[str, Any]) -> str:
    fit, cutoff = refusal["fit"], refusal["cutoff"] or 0.0
    if cutoff > 1 >= fit:
        return _("All seats went to students whom the enterprise had put first.")
    if cutoff > 1:
        return _("All seats went to students whom the enterprise had put further ahead.")
    return _("All seats went to students whose skills fit better: the last one %(last)s, yours %(own)s.") % {
        "last": _words(cutoff),
        "own": _words(fit),
    }


def sentence(refusal: Mapping[str, Any], skills: Mapping[int, Skill]) -> str:
    """One refusal in the language of the page. `skills` holds those that refusals name."""
    why = refusal["why"]
    if why == "ineligible":
        return barred(refusal["detail"], skills)
    if why == "better_fit":
        return _better_fit(refusal)
    plain = {
        "forbidden": _("The office has ruled this position out for you."),
        "locked_elsewhere": _("The office has fixed another position for you."),
        "no_seats": _("It has no seats in this round."),
        "seats_locked": _("The office has filled all its seats by hand."),
        "lot": _("All seats went to others; with the same fit (%(own)s) the lot decided.")
        % {"own": _words(refusal["fit"])},
        "quota": _("Placing you there would break what the round asks: %(rules)s.") % {"rules": refusal["detail"]},
        "total": _("Your skills would do; but then all students together would be no better off."),
        "search": _("The quotas left no room for it; the search found nothing better in its time."),
    }
    if why == "closed":
        return ngettext(
            "It does not open: fewer than the %(count)s student it needs.",
            "It does not open: fewer than the %(count)s students it needs.",
            refusal["cohort"],
        ) % {"count": refusal["cohort"]}
    return plain[why]


def skills_named(assignments: Iterable[Assignment]) -> dict[int, Skill]:
    """The skills that the reasons of assignments name; one query."""
    keys = {
        int(refusal["detail"].split(":")[1])
        for one in assignments
        for refusal in one.why
        if refusal["why"] == "ineligible" and refusal["detail"].startswith("skill:")
    }
    return {skill.pk: skill for skill in Skill.objects.filter(pk__in=keys)} if keys else {}


def refused(assignment: Assignment) -> list[Refused]:
    """Each position that the student preferred, best first, with why not; two queries."""
    positions = Position.objects.filter(pk__in=[one["position"] for one in assignment.why])
    by_key = {position.pk: position for position in positions.select_related("organisation")}
    skills = skills_named([assignment])
    return [
        Refused(by_key[one["position"]], one["rank"], sentence(one, skills))
        for one in assignment.why
        if one["position"] in by_key
    ]


def own_place(assignment: Assignment) -> str:
    """Why the student is where the run puts him, in one sentence."""
    if assignment.position is None:
        return _("No position of the list could be given; the reasons stand below.")
    if assignment.is_fixed:
        return _("The office has fixed this position for you.")
    if assignment.rank is None:
        return _("It is none of the positions you listed; the round places students beyond their lists too.")
    if assignment.rank == 1:
        return _("It is your first wish.")
    return _("It is the best of your wishes that could be given: number %(rank)s.") % {"rank": assignment.rank}


def standing(run: Run) -> str:
    """What is known of a run's result, in one sentence."""
    return {
        "student_optimal": _("Stable, and no student can do better in any stable matching."),
        "stable": _("Stable, and it keeps all quotas."),
        "fewest_proven": _("The quotas leave no stable matching; this one has the fewest blocking pairs, proven."),
        "fewest_found": _("The quotas cost stability; this one has the fewest blocking pairs that were found."),
        "optimal": _("The best of all matchings that keep the quotas, proven."),
        "within_gap": _("It keeps all quotas; how far it may be from the best is proven below."),
    }.get(run.standing, "")


def _relaxation(one: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    name, asked, by = one["name"], one["asked"] or 0, one["by"]
    if one["kind"] == "position_least":
        return _("“%(name)s” is to fill %(asked)s seats; %(reached)s can be had.") % {
            "name": titles.get(name, name),
            "asked": asked,
            "reached": asked - by,
        }
    if one["kind"] == "quota_least":
        return _("“%(name)s” asks for at least %(asked)s; %(reached)s can be had.") % {
            "name": name,
            "asked": asked,
            "reached": asked - by,
        }
    if one["kind"] == "quota_most":
        return _("“%(name)s” allows at most %(asked)s; %(reached)s are needed.") % {
            "name": name,
            "asked": asked,
            "reached": asked + by,
        }
    return _("“%(name)s” lacks %(count)s students to its share.") % {"name": name, "count": by}


def refusal(run: Run) -> list[str]:
    """Why a run found nothing, and what could give way; empty for one that did."""
    found = run.refusal
    if not found:
        return []
    if found["code"] == "empty":
        if found["students"]:
            return [_("No position of the round is open. Add positions to the round.")]
        return [_("No student has agreed to take part. Ask them to hand in their preferences.")]
    if found["code"] == "group_empty":
        return [_("Nobody is in the group that “%(name)s” speaks of. Change the quota or drop it.") % found]
    if found["code"] == "matching.time":
        return [_("Nothing was found in the time given. Drop some quotas, or compute the stable mode.")]
    if found["code"] == "matching.possible" and found["relaxations"]:
        uids = [one["name"] for one in found["relaxations"] if one["kind"] == "position_least"]
        titles = {str(one.uid): one.title for one in Position.objects.filter(uid__in=uids)} if uids else {}
        return [
            _("All that is asked cannot be had together. It can once this gives way:"),
            *(_relaxation(one, titles) for one in found["relaxations"]),
        ]
    if found["code"] == "matching.possible":
        return [_("Fixed pairs, seats and least groups contradict each other. Lift a fixed pair or lower a group.")]
    return [f"{found['found']}: {found['remedy']}"]


def conflict(run: Run) -> list[str]:
    """The rules of a run that found nothing which cannot be met together, by the names that people know them by."""
    names = run.refusal.get("conflict", [])
    uids = [name for name in names if _is_uid(name)]
    titles = {str(one.uid): one.title for one in Position.objects.filter(uid__in=uids)} if uids else {}
    return [titles.get(name, name) for name in names]


def _is_uid(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
