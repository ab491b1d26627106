"""Brings the lexicon that ships with Ronghe, and its links to ESCO and O*NET, into the database."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand import events, extraction
from ronghe.apps.demand.models import (
    DataVersion,
    LinkMethod,
    Mention,
    MentionDecision,
    Skill,
    SkillField,
    SkillGroup,
    SkillLink,
)
from ronghe.apps.demand.services.counting import lock_data, recount_in_parts, renew_data_version
from ronghe.apps.ledger import services as ledger
from ronghe.lexicon import Lexicon, Link

_METHODS = {"stated": LinkMethod.DECLARED, "label": LinkMethod.LABEL, "form": LinkMethod.SYNONYM}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading a lexicon changed: skills added, renamed or moved, and retired."""

    version: str
    skills: int
    added: int
    changed: int
    retired: tuple[str, ...]

    @property
    def is_news(self) -> bool:
        """Whether the database held anything else before."""
        return bool(self.added or self.changed or self.retired)


@transaction.atomic
def load_lexicon(*, actor: Person | None, lexicon: Lexicon | None = None) -> Loaded:
    """Make the skills of the database those of `lexicon` (the one that ships). `actor` None: an upgrade of the system.

    A skill that the lexicon no longer has is retired and counts no more; one that returns is taken up again. Loading
    the same lexicon twice changes nothing and records nothing.
    """
    if actor is not None:
        demand(actor, "demand.load_lexicon")
    lexicon = lexicon or extraction.names().lexicon
    lock_data()
    before = set(Skill.objects.current().values_list("code", flat=True))
    fields = _store(
        SkillField, {field.id: {"name_zh": field.zh, "name_en": field.en} for field in lexicon.fields}, numbered=True
    )[0]
    groups = _store(
        SkillGroup,
        {
            group.id: {"name_zh": group.zh, "name_en": group.en, "field_id": fields[group.field]}
            for group in lexicon.groups
        },
        numbered=True,
    )[0]
    known, added, changed, retired = _store(
        Skill,
        {
            skill.id: {"name_zh": skill.zh, "name_en": skill.en, "group_id": groups[skill.group]}
            for skill in lexicon.skills
        },
    )
    loaded = Loaded(lexicon.version, len(known), added, changed, tuple(sorted(retired)))
    version = DataVersion.objects.get(pk=1)
    if not loaded.is_news and not Skill.objects.current().exclude(lexicon_version=lexicon.version).exists():
        return loaded
    Skill.objects.current().update(lexicon_version=lexicon.version)
    DataVersion.objects.filter(pk=version.pk).update(extractor=extraction.version_of(lexicon))
    _recount_moved(before ^ set(lexicon.by_id))
    renew_data_version()
    ledger.record(
        actor=actor,
        type=events.LEXICON_LOADED,
        subject="demand.lexicon:shipped",
        payload={
            "version": loaded.version,
            "skills": loaded.skills,
            "added": loaded.added,
            "changed": loaded.changed,
            "retired": list(loaded.retired),
        },
    )
    return loaded


def _recount_moved(codes: set[str]) -> None:
    """A skill that came or went changes what the postings that name it ask for."""
    postings = set(Mention.objects.filter(skill__code__in=codes).values_list("posting_id", flat=True))
    postings |= set(MentionDecision.objects.filter(skill__code__in=codes).values_list("posting_id", flat=True))
    recount_in_parts(sorted(postings))


def _store(
    model: type[Any], wanted: dict[str, dict[str, Any]], *, numbered: bool = False
) -> tuple[dict[str, int], int, int, list[str]]:
    """Make the rows of `model` those of `wanted`, by code.

    Returns the keys by code, how many rows are new and how many changed, and the codes that were retired.
    """
    if numbered:
        wanted = {code: {**values, "position": place} for place, (code, values) in enumerate(wanted.items())}
    rows = {row.code: row for row in model.objects.all()}
    changed, retired = [], []
    for code, row in rows.items():
        values = wanted.get(code)
        if values is None:
            if row.retired_at is None:
                row.retired_at = timezone.now()
                retired.append(row)
        elif row.retired_at is not None or any(getattr(row, name) != value for name, value in values.items()):
            row.retired_at = None
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    if changed or retired:
        names = {name for values in wanted.values() for name in values} or {"name_zh"}
        model.objects.bulk_update([*changed, *retired], [*sorted(names), "retired_at"], batch_size=200)
    new = [model(code=code, **values) for code, values in wanted.items() if code not in rows]
    model.objects.bulk_create(new, batch_size=500)
    keys = dict(model.objects.filter(retired_at__isnull=True).values_list("code", "pk"))
    return keys, len(new), len(changed), [row.code for row in retired]


@transaction.atomic
def import_crosswalk(*, actor: Person | None, scheme: str, links: Iterable[Link], lexicon_version: str) -> int:
    """Replace the computed links to `scheme` ("esco", "onet") with `links`; what a person confirmed stays.

    Returns how many links there are. Skills that are not in the database are left out: load the lexicon first.
    """
    if actor is not None:
        demand(actor, "demand.import_crosswalk")
    keys = dict(Skill.objects.values_list("code", "pk"))
    lock_data()
    SkillLink.objects.filter(scheme=scheme).exclude(method=LinkMethod.PERSON).delete()
    confirmed = set(SkillLink.objects.filter(scheme=scheme).values_list("skill_id", "identifier"))
    rows = {
        (keys[link.skill_id], link.target): SkillLink(
            skill_id=keys[link.skill_id],
            scheme=scheme,
            identifier=link.target,
            label=link.label[:300],
            method=_METHODS[link.method],
        )
        for link in links
        if link.scheme == scheme and link.skill_id in keys
    }
    new = [row for key, row in rows.items() if key not in confirmed]
    SkillLink.objects.bulk_create(new, batch_size=500)
    digest = hashlib.sha256("\n".join(sorted(f"{key} {target}" for key, target in rows)).encode()).hexdigest()
    ledger.record(
        actor=actor,
        type=events.CROSSWALK_IMPORTED,
        subject=f"demand.crosswalk:{scheme}",
        payload={"scheme": scheme, "lexicon_version": lexicon_version, "links": len(rows), "digest": digest},
    )
    return len(rows)
