"""The independent check of plans from plain rows: it shares no step with the planners and trusts nothing they say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ronghe.methods.scheduling.season import Season


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a plan breaks: its stable code, who or what it is about, and the detail in English."""

    rule: str
    subject: str
    detail: str


def season_breaches(season: Season, rows: Iterable[tuple[str, int, int, str, str]]) -> tuple[Breach, ...]:
    """Every rule of a season broken by the rows (class, group, fortnight, family, campus)."""
    found: list[Breach] = []
    classes = {one.id: one for one in season.classes}
    cores = {campus.id: campus.core or campus.id for campus in season.campuses}
    bays = {(bay.family, bay.campus): bay for bay in season.bays}
    here: Counter[tuple[str, int, int]] = Counter()
    had: Counter[tuple[str, int, str]] = Counter()
    seen: dict[tuple[str, int], set[str]] = defaultdict(set)
    away: Counter[tuple[str, int]] = Counter()
    full: Counter[tuple[str, str, int]] = Counter()
    trainees: Counter[tuple[str, int]] = Counter()
    for name, group, at, family, campus in rows:
        who = f"{name}/{group}"
        one = classes.get(name)
        if one is None or not 0 <= group < one.groups:
            found.append(Breach("season.group", who, "no such group"))
            continue
        here[name, group, at] += 1
        had[name, group, family] += 1
        seen[name, group].add(family)
        full[family, campus, at] += 1
        trainees[campus, at] += one.size
        away[name, group] += campus != one.campus
        if (family, campus) not in bays:
            found.append(Breach("season.bay", who, f"{campus} has no {family}"))
        elif cores[campus] != cores[one.campus]:
            found.append(Breach("season.region", who, f"{campus} is outside the region of {one.campus}"))
        if at not in one.open:
            found.append(Breach("season.study", who, f"fortnight {at + 1} is for study"))
        if (at, family) in one.forbidden or one.pinned.get(at, family) != family:
            found.append(Breach("season.pinned", who, f"not to be at {family} in fortnight {at + 1}"))
        if at < one.authorised.get(family, 0):
            found.append(Breach("season.authorised", who, f"not authorised for {family} in fortnight {at + 1}"))
    for (name, group, at), count in here.items():
        if count > 1:
            found.append(Breach("season.one_place", f"{name}/{group}", f"in {count} places in fortnight {at + 1}"))
    for one in season.classes:
        for group in range(one.groups):
            for family in sorted({*one.needs, *seen[one.id, group]}):
                asked, got = one.needs.get(family, 0), had[one.id, group, family]
                if asked != got:
                    found.append(Breach("season.needs", f"{one.id}/{group}", f"{got} of {asked} at {family}"))
            found += [
                Breach("season.pinned", f"{one.id}/{group}", f"not at {family} in fortnight {at + 1}")
                for at, family in sorted(one.pinned.items())
                if not here[one.id, group, at]
            ]
            if season.away is not None and away[one.id, group] > season.away:
                found.append(Breach("season.away", f"{one.id}/{group}", f"away {away[one.id, group]} fortnights"))
    for (family, campus, at), count in full.items():
        inside = (family, campus) in bays and 0 <= at < season.fortnights
        places = bays[family, campus].places[at] if inside else 0
        if count > places:
            found.append(Breach("season.places", f"{family} at {campus}", f"{count} in {places} places, {at + 1}"))
    for place in season.campuses:
        for at, most in enumerate(place.trainees):
            if trainees[place.id, at] > most:
                found.append(
                    Breach("season.mentors", place.id, f"{trainees[place.id, at]} trainees for {most}, {at + 1}")
                )
    return tuple(found)
