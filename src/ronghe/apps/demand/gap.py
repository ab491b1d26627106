"""The talent gap: what postings and requirements ask for, less what the curriculum says it brings."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ronghe.apps.demand.figures import (
    EVERYTHING,
    FEWEST,
    SEED,
    DataState,
    Frame,
    data_state,
    frame,
    kept,
    posting_filters,
    table_of,
)
from ronghe.apps.demand.keys import enterprise_key
from ronghe.apps.demand.models import Requirement
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Measurement, Records, Unit, Window
from ronghe.methods import demand as method

SUPPLY = "curriculum.skills.supply"
TAUGHT = "curriculum.skills.taught"
DEFINITION = "demand.skill.gap@1"
# After so many half-lives a posting weighs less than a hundredth of a new one and is left out.
HALF_LIVES = 7


def talent_gap(skills: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The gap of each skill on the last day of `window`: three queries and what the curriculum asks.

    Without a measured supply there is no gap: such a skill has no data, and the note says why.
    """
    supply = registry.measure(SUPPLY, skills, window) if registry.is_registered(SUPPLY) else {}
    known = [skill for skill in skills if skill in supply and supply[skill].value is not None]
    result = {
        skill: Measurement(
            value=None,
            unit=Unit.PERSONS,
            as_of=window.end,
            definition=DEFINITION,
            count=0,
            note=_("There is no supply data yet: no programme has declared what it teaches."),
        )
        for skill in skills
    }
    if known:
        state = data_state()
        found = kept(
            state,
            ("gap", tuple(known), tuple(supply[skill].value for skill in known), state.pinned(window), get_language()),
            lambda: _gap(state, known, np.array([supply[skill].value or 0.0 for skill in known]), window),
        )
        result.update(found)
    return result


def gap_of_groups(groups: Mapping[int, Sequence[int]], window: Window) -> Mapping[int, Measurement]:
    """The gap of each group of skills: the sum of the gaps of its skills with a supply, resampled together.

    Someone who brings two skills of a group, or is asked for both, counts with each: the sum is of skills, not heads.
    Groups none of whose skills has a supply have no data.
    """
    every = sorted({skill for skills in groups.values() for skill in skills})
    supply = registry.measure(SUPPLY, every, window) if registry.is_registered(SUPPLY) else {}
    group_of = {
        skill: group
        for group, skills in groups.items()
        for skill in skills
        if skill in supply and supply[skill].value is not None
    }
    if not group_of:
        return {}
    known = sorted(group_of)
    state = data_state()
    return _gap(state, known, np.array([supply[skill].value or 0.0 for skill in known]), window, group_of)


def behind(skill: int, missing: Measurement, window: Window) -> tuple[Measurement, ...]:
    """What the gap `missing` of a skill is made of, each part with its records: postings, requirements, then supply.

    The supply is students, and the units that teach them. Nothing where there is no gap.
    """
    if missing.value is None or missing.records is None:
        return ()
    postings = Measurement(
        missing.records.count, Unit.COUNT, missing.as_of, DEFINITION, missing.records.count, records=missing.records
    )
    raised = _standing([skill], window)
    keys = list(raised.values_list("pk", flat=True))
    filters: dict[str, Any] = {"skill": skill, "raised_on__lte": window.end.isoformat()}
    # One that was closed since is found by its key alone: the selector has no "or".
    filters |= {"pk__in": keys} if raised.filter(closed_on__isnull=False).exists() else {"closed_on__isnull": True}
    records = Records.of("demand.requirement", filters, keys)
    requirements = Measurement(len(keys), Unit.COUNT, missing.as_of, DEFINITION, len(keys), records=records)
    supply = [
        registry.measure(name, [skill], window)[skill] for name in (SUPPLY, TAUGHT) if registry.is_registered(name)
    ]
    return (postings, requirements, *supply)


def _gap(
    state: DataState,
    skills: Sequence[int],
    supply: NDArray[np.float64],
    window: Window,
    group_of: Mapping[int, int] | None = None,
) -> Mapping[int, Measurement]:
    """The gap by skill, or by group of skills where `group_of` names each skill's."""
    subjects = list(dict.fromkeys(group_of[skill] for skill in skills)) if group_of else list(skills)
    subject_of = np.array([subjects.index(group_of[skill] if group_of else skill) for skill in skills])
    supply = np.bincount(subject_of, weights=supply, minlength=len(subjects)).astype(np.float64)
    reach = timedelta(days=method.HALF_LIFE_DAYS * HALF_LIVES)
    span = Window(window.end - reach, window.end, window.known_at)
    postings = frame(state, span, EVERYTHING)
    table = table_of(state, postings, skills, span, EVERYTHING)
    requirements = _requirements(skills, window)
    weight = np.concatenate(
        [
            postings.heads * method.recency_weight(window.end.toordinal() - postings.days),
            np.array([heads for _skill, _organisation, heads in requirements], dtype=np.float64),
        ]
    )
    rows = len(postings.keys)
    place = {skill: number for number, skill in enumerate(skills)}
    named = np.concatenate([table.column, [place[skill] for skill, _organisation, _heads in requirements]])
    whole = method.SkillTable(
        np.concatenate([table.row, np.arange(rows, rows + len(requirements))]).astype(np.int64),
        subject_of[named.astype(np.int64)],
        rows + len(requirements),
        len(subjects),
    )
    gap = method.talent_gap(whole, weight, _clusters(postings, requirements), supply, np.random.default_rng(SEED))
    counts = np.bincount(whole.column, minlength=len(subjects))
    sentence = method.gap_method_text()
    note = sentence.zh if (get_language() or "").startswith("zh") else sentence.en
    return {
        subject: Measurement(
            value=float(gap.value[column]),
            unit=Unit.PERSONS,
            as_of=window.end,
            definition=DEFINITION,
            count=int(counts[column]),
            low=float(gap.interval.low[column]) if counts[column] >= FEWEST else None,
            high=float(gap.interval.high[column]) if counts[column] >= FEWEST else None,
            numerator=float(gap.demand[column]),
            denominator=float(gap.supply[column]),
            records=None if group_of else _asking(subject, postings.keys[table.row[table.column == column]], span),
            note=note,
        )
        for column, subject in enumerate(subjects)
    }


def _asking(skill: int, keys: NDArray[np.int64], span: Window) -> Records:
    """The postings of a skill that its gap weighs."""
    return Records.of("demand.posting", {"asked__skill": skill} | posting_filters(span, EVERYTHING), keys.tolist())


def _standing(skills: Sequence[int], window: Window) -> QuerySet[Requirement]:
    found = Requirement.objects.standing_on(window.end).filter(skill__in=skills).order_by("pk")
    return found if window.known_at is None else found.filter(recorded_at__lte=window.known_at)


def _requirements(skills: Sequence[int], window: Window) -> list[tuple[int, int, int]]:
    return list(_standing(skills, window).values_list("skill_id", "organisation_id", "head_count"))


def _clusters(postings: Frame, requirements: Sequence[tuple[int, int, int]]) -> NDArray[np.int64]:
    """A number for each enterprise, the same for its postings and its requirements."""
    raised = np.array(
        [enterprise_key(organisation, "", "") for _skill, organisation, _heads in requirements], dtype=np.int64
    )
    keys = np.concatenate([postings.enterprises, raised])
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)
