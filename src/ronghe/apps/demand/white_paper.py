"""Gathers the content of a white paper: plain JSON with every figure, its interval, definition and records.

What it says of a figure is frozen; how that reads in a language is `white_paper_text`'s. Writes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone, translation

from ronghe.apps.demand import figures, forecasts, gap, panel_results, selectors
from ronghe.apps.demand.figures import Scope
from ronghe.apps.demand.models import DemandRound, DemandRoundState, Forecast, Posting, Requirement, Source
from ronghe.apps.demand.selectors import SkillLabel, SkillRow
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Measurement, Records, Window
from ronghe.apps.metrics.records import select
from ronghe.methods.demand import HALF_LIFE_DAYS

FORMAT = 1
MOST_SKILLS = 30
_FORECAST_SKILLS = 10
_BEHIND_SUPPLY = (gap.TAUGHT, gap.SUPPLY)
_LANGUAGES = ("zh-hans", "en")
_SAID_OF_A_ROUND = ("answers", "seats", "too_few", "stop", "agreement", "authority")
METRICS = (
    "demand.postings.count",
    "demand.skill.postings",
    "demand.skill.share",
    "demand.skill.growth",
    "demand.skill.headcount",
    "demand.skill.gap",
    "demand.requirements.open",
    "demand.requirements.waiting_days",
)


class _Kept:
    """The records behind the figures, each set once: their selector, digest and ids."""

    def __init__(self) -> None:
        self.sets: dict[str, dict[str, Any]] = {}

    def keep(self, records: Records | None) -> str | None:
        """Keep the rows that `records` names; the key under which they are found again."""
        if records is None:
            return None
        key = f"{records.model}-{records.digest[:16]}"
        if key not in self.sets:
            ids = sorted(select(records).order_by().values_list("pk", flat=True).distinct())
            self.sets[key] = {
                "model": records.model,
                "filters": dict(records.filters),
                "digest": records.digest,
                "count": records.count,
                "ids": ids,
            }
        return key

    def keep_all(self, found: Sequence[Records | None]) -> str | None:
        """Keep the rows that any of `found` names, which are of one model, as one set."""
        # Many skills rest on the very same rows, and one query reads them for all.
        named = list({records.digest: records for records in found if records is not None and records.count}.values())
        ids = {key for records in named for key in select(records).values_list("pk", flat=True)}
        if not ids:
            return None
        records = Records.of(named[0].model, {}, ids)
        key = f"{records.model}-{records.digest[:16]}"
        self.sets.setdefault(
            key,
            {
                "model": records.model,
                "filters": {"any": [dict(one.filters) for one in named]},
                "digest": records.digest,
                "count": records.count,
                "ids": sorted(ids),
            },
        )
        return key

    def figure(self, found: Measurement, *more: str | None) -> dict[str, Any]:
        """A measurement as JSON; `more` are keys of further records behind it."""
        keys = list(dict.fromkeys(key for key in (self.keep(found.records), *more) if key is not None))
        return {
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "unit": str(found.unit),
            "count": found.count,
            "as_of": found.as_of.isoformat(),
            "definition": found.definition,
            "records": keys,
        }


def content_of(of: DemandRound) -> dict[str, Any]:
    """The white paper of a round as the data stand now."""
    kept = _Kept()
    window = Window(of.first_day, of.last_day).pinned()
    field = of.field.code if of.field else ""
    rows = selectors.all_rows(window=window, field=field, limit=MOST_SKILLS)
    gaps = registry.measure("demand.skill.gap", [row.skill.key for row in rows.rows], window) if rows.rows else {}
    content: dict[str, Any] = {
        "format": FORMAT,
        "name": {"zh": of.name_zh, "en": of.name_en},
        "scope": {
            "first_day": of.first_day.isoformat(),
            "last_day": of.last_day.isoformat(),
            "known_at": timezone.localtime().isoformat(timespec="seconds"),
            "field": _named(of.field) if of.field else None,
        },
        "sources": _sources(window, kept),
        "postings": kept.figure(figures.posting_count(window)),
        "duplicates": Posting.objects.filter(
            duplicate_of__isnull=False, published_on__range=(window.start, window.end)
        ).count(),
        "requirements": {
            "open": kept.figure(registry.measure_community("demand.requirements.open", window)),
            "waiting_days": kept.figure(registry.measure_community("demand.requirements.waiting_days", window)),
        },
        "fields": _fields(of, window, kept),
        "skills_asked": rows.total,
        "skills": [_skill(row, gaps[row.skill.key], window, kept) for row in rows.rows],
        "panel": _panel(of),
        "forecasts": _forecasts(of, [row.skill for row in rows.rows], kept),
        "policy": None,
        "definitions": [_definition(name) for name in METRICS],
    }
    content["changes"] = _changes(of, content)
    content["records"] = kept.sets
    return content


def _named(thing: Any) -> dict[str, str]:
    return {"code": thing.code, "zh": thing.name_zh, "en": thing.name_en}


def _sources(window: Window, kept: _Kept) -> list[dict[str, Any]]:
    found = []
    for source in Source.objects.order_by("name"):
        counted = figures.posting_count(window, Scope(source=source.pk))
        if counted.value:
            found.append(
                {
                    "name": source.name,
                    "licence": source.licence,
                    "is_example": source.is_example,
                    "postings": kept.figure(counted),
                }
            )
    return found


def _skill(row: SkillRow, missing: Measurement, window: Window, kept: _Kept) -> dict[str, Any]:
    return {
        **_named(row.skill),
        "field": row.skill.field.code,
        "postings": kept.figure(row.postings),
        "share": kept.figure(row.share),
        "growth": kept.figure(row.growth),
        "head_count": kept.figure(row.head_count),
        "gap": kept.figure(missing, *_behind_gap([row.skill.key], window, kept)),
        "trend": list(row.trend),
    }


def _behind_gap(skills: Sequence[int], window: Window, kept: _Kept) -> list[str | None]:
    """What a gap was computed from: postings and requirements; the units and students of the supply."""
    reach = timedelta(days=HALF_LIFE_DAYS * gap.HALF_LIVES)
    asked = {
        "asked__skill__in": list(skills),
        "published_on__range": [(window.end - reach).isoformat(), window.end.isoformat()],
    }
    raised = {"skill__in": list(skills), "raised_on__lte": window.end.isoformat()}
    postings = Posting.objects.filter(**asked).order_by().values_list("pk", flat=True).distinct()
    standing = Requirement.objects.standing_on(window.end).filter(**raised).order_by().values_list("pk", flat=True)
    return [
        kept.keep(Records.of("demand.posting", asked, postings)),
        kept.keep(Records.of("demand.requirement", raised | {"pk__in": sorted(standing)}, standing)),
        *(
            kept.keep_all([found.records for found in registry.measure(name, list(skills), window).values()])
            for name in _BEHIND_SUPPLY
            if registry.is_registered(name)
        ),
    ]


def _fields(of: DemandRound, window: Window, kept: _Kept) -> list[dict[str, Any]]:
    """Each field with the postings that ask for any of its skills, and its gap."""
    known = selectors.catalogue()
    skills = {
        field.key: [skill.key for skill in known.skills.values() if skill.field.key == field.key]
        for field in known.fields
        if of.field is None or field.key == of.field.pk
    }
    gaps = gap.gap_of_groups(skills, window)
    found = []
    for field in known.fields:
        if field.key not in skills:
            continue
        asked = {
            "asked__skill__group__field": field.key,
            "published_on__range": [window.start.isoformat(), window.end.isoformat()],
        }
        keys = list(Posting.objects.filter(**asked).order_by().values_list("pk", flat=True).distinct())
        missing = gaps.get(field.key)
        found.append(
            {
                **_named(field),
                "postings": {"value": len(keys), "records": [kept.keep(Records.of("demand.posting", asked, keys))]},
                "gap": kept.figure(missing, *_behind_gap(skills[field.key], window, kept)) if missing else None,
            }
        )
    return sorted(found, key=lambda one: -one["postings"]["value"])


def _panel(of: DemandRound) -> dict[str, Any] | None:
    """The panel with the results of its closed rounds as they were recorded; single answers are not in them."""
    panel = of.panel
    if panel is None:
        return None
    items = {item.pk: item for item in panel.items.all()}
    rounds = []
    for one in panel.rounds.filter(closed_on__isnull=False):
        result = dict(one.result or {})
        shown = [
            {
                **{name: value for name, value in row.items() if name != "reasons"},
                "zh": items[row["item"]].text_zh,
                "en": items[row["item"]].text_en,
            }
            for row in result.get("items", [])
        ]
        rounds.append(
            {
                "number": one.number,
                "kind": one.kind,
                "closed_on": one.closed_on.isoformat() if one.closed_on else None,
                "digest": one.digest,
                **{name: result.get(name) for name in _SAID_OF_A_ROUND},
                "items": shown,
            }
        )
    return {
        "uid": str(panel.uid),
        "name": {"zh": panel.name_zh, "en": panel.name_en},
        "question": {"zh": panel.question_zh, "en": panel.question_en},
        "criterion": panel_results.criterion_of(panel).hash,
        "experts": panel.experts.count(),
        "rounds": rounds,
    }


def _forecasts(of: DemandRound, skills: Sequence[SkillLabel], kept: _Kept) -> list[dict[str, Any]]:
    """The newest forecasts, made no later than now, of the fields of the round and of its first skills."""
    asked = Forecast.objects.select_related("skill", "field").prefetch_related("months")
    wanted = [skill.key for skill in skills[:_FORECAST_SKILLS]]
    fields = asked.filter(field__isnull=False) if of.field is None else asked.filter(field=of.field)
    newest: dict[str, Forecast] = {}
    for one in [*fields, *asked.filter(skill__in=wanted)]:
        newest.setdefault(f"{one.skill_id}/{one.field_id}", one)
    return [
        {
            **_named(one.skill or one.field),
            "is_field": one.field_id is not None,
            "uid": str(one.uid),
            "of": one.of,
            "made_on": one.made_on.isoformat(),
            "last_month": one.last_month.isoformat(),
            "rate": one.rate,
            "records": [
                kept.keep(forecasts.postings_behind(forecasts.subject_of(one), forecasts.rate_window(one.last_month)))
            ],
            "ceiling": one.ceiling,
            "refusal": one.refusal,
            "accuracy": one.accuracy,
            "inputs": one.inputs_hash,
            "months": [
                {
                    "month": month.month.isoformat(),
                    "mean": month.mean,
                    "low_80": month.low_80,
                    "high_80": month.high_80,
                    "naive": month.naive,
                }
                for month in one.months.all()
            ],
        }
        for one in newest.values()
    ]


def _definition(name: str) -> dict[str, Any]:
    found = registry.get(name)
    said = {}
    for language in _LANGUAGES:
        with translation.override(language):
            said[language[:2]] = {"label": str(found.label), "definition": str(found.definition)}
    return {"identifier": found.identifier, "source": found.source, **said}


def last_frozen(of: DemandRound) -> DemandRound | None:
    """The white paper before this one, of the same field."""
    return (
        DemandRound.objects.filter(state=DemandRoundState.FROZEN, field=of.field, last_day__lte=of.last_day)
        .exclude(pk=of.pk)
        .order_by("-last_day", "-frozen_at")
        .first()
    )


def _changes(of: DemandRound, content: Mapping[str, Any]) -> dict[str, Any] | None:
    before = last_frozen(of)
    if before is None or before.content is None:
        return None
    earlier = {row["code"]: (rank, row) for rank, row in enumerate(before.content["skills"], start=1)}
    now = {row["code"]: (rank, row) for rank, row in enumerate(content["skills"], start=1)}
    moved = [
        {
            **{name: row[name] for name in ("code", "zh", "en")},
            "rank": rank,
            "rank_before": earlier[code][0],
            "share": row["share"]["value"],
            "share_before": earlier[code][1]["share"]["value"],
        }
        for code, (rank, row) in now.items()
        if code in earlier
    ]
    return {
        "since": {
            "uid": str(before.uid),
            "zh": before.name_zh,
            "en": before.name_en,
            "last_day": before.last_day.isoformat(),
            "digest": before.digest,
        },
        "postings_before": before.content["postings"]["value"],
        "moved": sorted(moved, key=lambda one: -abs((one["share"] or 0) - (one["share_before"] or 0))),
        "entered": [{name: now[code][1][name] for name in ("code", "zh", "en")} for code in now if code not in earlier],
        "left": [
            {name: earlier[code][1][name] for name in ("code", "zh", "en")} for code in earlier if code not in now
        ],
    }
