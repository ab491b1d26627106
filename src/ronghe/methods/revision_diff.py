"""Says what a new version of a teaching package replaced in substance, unit by unit; reads no wording and no clock.

Rule `revision_diff@1` (ours). Every declaration of a unit is worth its hours, in two modes: practice and theory.
Hours for which nothing is declared count as undeclared content of the unit. An hour of the new version is

    carried           an hour of the old version has the same skill, skill level, mode and evidence    weighs 0
    newly evidenced   the same but for the evidence asked of the learner                               weighs 1/4
    new               anything else                                                                    weighs 1

and every old hour carries at most one new hour, wherever its unit stands now and whatever it is called. Novelty of a
unit = Σ weight · hours ÷ Σ hours. A unit is **substantively replaced** from a novelty of one half on; one whose key the
old version did not have is then *added*. So renaming, reordering, splitting and merging replace nothing, and changed
evidence alone never replaces a unit.

Where more new hours claim a kind of old hours than there are, a unit of the same key is served first, then all others
in proportion to what they claim; the answer does not depend on the order of units or declarations.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from ronghe.methods.explained import Explanation, UnmetAssumption, inputs_hash

METHOD = "curriculum.revision_diff"
VERSION = 1
REPLACED_FROM = 0.5
EVIDENCE_WEIGHT = 0.25
# From this share of a unit's hours on another unit counts as its origin, or as its heir.
PART_FROM = 0.2
_NOTHING = 1e-9


class Change(StrEnum):
    """What became of a unit of the new version."""

    UNCHANGED = "unchanged"
    REWORDED = "reworded"
    ADJUSTED = "adjusted"
    SPLIT = "split"
    MERGED = "merged"
    REPLACED = "replaced"
    ADDED = "added"

    @property
    def is_substantive(self) -> bool:
        """Whether it counts as substantively replaced."""
        return self in (Change.REPLACED, Change.ADDED)


@dataclass(frozen=True, slots=True)
class DeclaredSkill:
    """What a unit says it teaches: a skill at a level (1–5), in hours of which some are practice, and its evidence."""

    skill: str
    level: int
    hours: float
    practice_hours: float = 0.0
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class UnitContent:
    """One unit of a version. `key` stays the same through the versions; `wording` is whatever else a reader sees."""

    key: str
    title: str
    hours: float
    practice_hours: float = 0.0
    declared: tuple[DeclaredSkill, ...] = ()
    wording: str = ""


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What became of one unit.

    `origins`: keys of the old units from which at least a fifth of its hours come, the largest first. `gained` and
    `lost`: skills with levels that the unit of the same key, or its first origin, did not or does no longer teach.
    """

    key: str
    kind: Change
    novelty: float
    hours: float
    origins: tuple[str, ...]
    renamed: bool
    moved: bool
    gained: tuple[tuple[str, int], ...]
    lost: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RevisionDiff:
    """The units of the new version in their order, the old units of which less than half lives on, and the shares.

    `replaced_share` = units substantively replaced ÷ units; `content_share` = Σ novelty · hours ÷ Σ hours. Both are
    None for a version without units or hours.
    """

    units: tuple[UnitChange, ...]
    removed: tuple[str, ...]
    replaced: int
    replaced_share: float | None
    content_share: float | None
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class _Portion:
    unit: str
    skill: str
    level: int
    is_practice: bool
    evidence: str
    hours: float


@dataclass(slots=True)
class _Entry:
    portion: _Portion
    left: float


def revision_diff(before: Sequence[UnitContent], after: Sequence[UnitContent]) -> RevisionDiff:
    """Compare two versions. Raises UnmetAssumption for a key that stands twice or hours that cannot be."""
    for version in (before, after):
        _check(version)
    flow, cost = _carry(before, after)
    old_hours, new_hours = _totals(before), _totals(after)
    old_by_key = {unit.key: unit for unit in before}
    moved = _moved([unit.key for unit in before], [unit.key for unit in after])
    heirs: dict[str, int] = defaultdict(int)
    for (old, _new), hours in flow.items():
        heirs[old] += hours >= PART_FROM * old_hours[old]
    changes = []
    for unit in after:
        total = new_hours[unit.key]
        novelty = cost[unit.key] / total if total > _NOTHING else float(unit.key not in old_by_key)
        parts = {old: hours for (old, new), hours in flow.items() if new == unit.key}
        origins = tuple(
            sorted((old for old in parts if parts[old] >= PART_FROM * total), key=lambda old: (-parts[old], old))
        )
        ancestor = old_by_key.get(unit.key) or (old_by_key[origins[0]] if origins else None)
        gained, lost = _skills_changed(ancestor, unit)
        renamed = ancestor is not None and ancestor.title != unit.title
        reworded = ancestor is None or renamed or ancestor.wording != unit.wording or ancestor.key != unit.key
        changes.append(
            UnitChange(
                key=unit.key,
                kind=_kind(novelty, unit.key in old_by_key, origins, heirs, reworded),
                novelty=min(1.0, max(0.0, novelty)),
                hours=total,
                origins=origins,
                renamed=renamed,
                moved=unit.key in moved,
                gained=gained,
                lost=lost,
            )
        )
    living: dict[str, float] = defaultdict(float)
    for (old, _new), hours in flow.items():
        living[old] += hours
    removed = tuple(
        unit.key
        for unit in before
        if unit.key not in new_hours and living[unit.key] < REPLACED_FROM * old_hours[unit.key] - _NOTHING
    )
    replaced = sum(change.kind.is_substantive for change in changes)
    hours = sum(new_hours.values())
    return RevisionDiff(
        units=tuple(changes),
        removed=removed,
        replaced=replaced,
        replaced_share=replaced / len(changes) if changes else None,
        content_share=sum(change.novelty * change.hours for change in changes) / hours if hours > _NOTHING else None,
        explanation=Explanation(METHOD, VERSION, inputs_hash(tuple(before), tuple(after))),
    )


def _check(units: Sequence[UnitContent]) -> None:
    if len({unit.key for unit in units}) < len(units):
        raise UnmetAssumption("unit_keys_differ", "two units have the same key", "give each unit a key of its own")
    for unit in units:
        pairs = [(unit.hours, unit.practice_hours), *((one.hours, one.practice_hours) for one in unit.declared)]
        if any(not 0 <= practice <= hours for hours, practice in pairs):
            raise UnmetAssumption(
                "hours_are_possible",
                f"unit {unit.title!r} has fewer hours than hours of practice, or negative ones",
                "give hours of at least 0, of which practice is a part",
            )


def _portions(unit: UnitContent) -> Iterable[_Portion]:
    declared = sum(one.hours for one in unit.declared)
    practised = sum(one.practice_hours for one in unit.declared)
    for one in unit.declared:
        evidence = "".join(one.evidence.split()).casefold()
        yield _Portion(unit.key, one.skill, one.level, True, evidence, one.practice_hours)
        yield _Portion(unit.key, one.skill, one.level, False, evidence, one.hours - one.practice_hours)
    undeclared = max(0.0, unit.hours - declared)
    practice = min(undeclared, max(0.0, unit.practice_hours - practised))
    yield _Portion(unit.key, "", 0, True, "", practice)
    yield _Portion(unit.key, "", 0, False, "", undeclared - practice)


def _totals(units: Sequence[UnitContent]) -> dict[str, float]:
    return {unit.key: sum(portion.hours for portion in _portions(unit)) for unit in units}


def _carry(
    before: Sequence[UnitContent], after: Sequence[UnitContent]
) -> tuple[dict[tuple[str, str], float], dict[str, float]]:
    """Which hours of which old unit live on in which new one, and the weight of what is new in each new unit."""
    old, new = (
        [_Entry(one, one.hours) for one in chain.from_iterable(map(_portions, units)) if one.hours > 0]
        for units in (before, after)
    )
    flow: dict[tuple[str, str], float] = defaultdict(float)
    cost: dict[str, float] = dict.fromkeys((unit.key for unit in after), 0.0)

    def exactly(portion: _Portion) -> Hashable:
        return portion.skill, portion.level, portion.is_practice, portion.evidence

    def but_for_evidence(portion: _Portion) -> Hashable:
        return portion.skill, portion.level, portion.is_practice

    for sameness, weight in ((exactly, 0.0), (but_for_evidence, EVIDENCE_WEIGHT)):
        for carried in (_match(old, new, sameness, by_unit=True), _match(old, new, sameness, by_unit=False)):
            for (of, into), hours in carried.items():
                flow[of, into] += hours
                cost[into] += weight * hours
    for entry in new:
        cost[entry.portion.unit] += entry.left
    return flow, cost


def _match(
    old: Sequence[_Entry], new: Sequence[_Entry], sameness: Callable[[_Portion], Hashable], *, by_unit: bool
) -> dict[tuple[str, str], float]:
    """Let like portions meet: each side gives in proportion to what it has left, and what met is taken off."""

    def label(portion: _Portion) -> Hashable:
        return (sameness(portion), portion.unit) if by_unit else sameness(portion)

    sides: tuple[dict[Hashable, list[_Entry]], ...] = (defaultdict(list), defaultdict(list))
    for side, entries in zip(sides, (old, new), strict=True):
        for entry in entries:
            side[label(entry.portion)].append(entry)
    carried: dict[tuple[str, str], float] = defaultdict(float)
    for kind in sides[0].keys() & sides[1].keys():
        givers, takers = sides[0][kind], sides[1][kind]
        have, want = sum(entry.left for entry in givers), sum(entry.left for entry in takers)
        met = min(have, want)
        if met <= _NOTHING:
            continue
        for giver in givers:
            for taker in takers:
                carried[giver.portion.unit, taker.portion.unit] += met * giver.left / have * taker.left / want
        for entry in givers:
            entry.left *= 1 - met / have
        for entry in takers:
            entry.left *= 1 - met / want
    return carried


def _kind(novelty: float, is_known: bool, origins: Sequence[str], heirs: dict[str, int], reworded: bool) -> Change:
    if novelty >= REPLACED_FROM - _NOTHING:
        return Change.REPLACED if is_known else Change.ADDED
    if len(origins) > 1:
        return Change.MERGED
    if origins and heirs[origins[0]] > 1:
        return Change.SPLIT
    if novelty > _NOTHING:
        return Change.ADJUSTED
    return Change.REWORDED if reworded else Change.UNCHANGED


def _skills_changed(
    before: UnitContent | None, after: UnitContent
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]:
    had = {(one.skill, one.level) for one in before.declared} if before else set()
    has = {(one.skill, one.level) for one in after.declared}
    return tuple(sorted(has - had)), tuple(sorted(had - has))


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The fewest shared units that changed their place: all but a longest run that kept its order."""
    place = {key: number for number, key in enumerate(before)}
    shared = [key for key in after if key in place]
    ends: list[int] = []
    runs: list[tuple[str, ...]] = []
    for key in shared:
        at = bisect_left(ends, place[key])
        run = (*(runs[at - 1] if at else ()), key)
        if at == len(ends):
            ends.append(place[key])
            runs.append(run)
        else:
            ends[at], runs[at] = place[key], run
    return set(shared) - set(runs[-1] if runs else ())
