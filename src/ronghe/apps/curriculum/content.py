"""The content of a version as plain values: what is compared between versions, and what its hash is taken of.

Names of people are no part of it: they may be erased, and the hash stays valid.
"""

from collections.abc import Iterable
from typing import Any

from ronghe.apps.curriculum.models import PackageVersion, Unit
from ronghe.methods.explained import inputs_hash
from ronghe.methods.revision_diff import DeclaredSkill, UnitContent


def content_of(units: Iterable[Unit]) -> tuple[UnitContent, ...]:
    """The units in their order. Prefetch `declarations__skill` first: this asks once a unit otherwise."""
    return tuple(
        UnitContent(
            key=str(unit.key),
            title=unit.name_zh,
            hours=float(unit.hours),
            practice_hours=float(unit.practice_hours),
            declared=tuple(
                DeclaredSkill(
                    one.skill.code, one.skill_level, float(one.hours), float(one.practice_hours), one.evidence
                )
                for one in sorted(unit.declarations.all(), key=lambda one: one.skill.code)
            ),
            wording=f"{unit.name_en}\n{unit.content}",
        )
        for unit in units
    )


def units_of(version: PackageVersion) -> list[Unit]:
    """The units of a version with all that pages and comparisons need: two queries."""
    return list(
        version.units.select_related(
            "source_part__project__organisation", "source_case", "university_author", "enterprise_author"
        ).prefetch_related("declarations__skill")
    )


def hash_of(version: PackageVersion, units: Iterable[Unit]) -> str:
    """The hash of everything in a version that a reader is taught, its summary and its sources."""
    units = list(units)
    sources: list[Any] = [
        (str(unit.key), unit.source_part_id, str(unit.source_case.uid) if unit.source_case else None) for unit in units
    ]
    return inputs_hash(version.number, version.summary, content_of(units), sources)
