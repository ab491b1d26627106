"""A programme in IMS CASE 1.0 (Competencies and Academic Standards Exchange), written and read.

Document = programme; items = courses, packages, units and, below each unit, the skills it declares, told apart by
`CFItemType`; `isChildOf` links each to its parent. What CASE has no field for (hours, level, evidence) stands in the
item's `notes` as `name: value` lines. Source: IMS Global, CASE Service 1.0, information model, section 5.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.curriculum.models import Programme
from ronghe.apps.curriculum.rows import TeachingRow, rows_of

LARGEST_FILE = 5 * 1024 * 1024
_MOST_ITEMS = 50_000
COURSE, PACKAGE, UNIT, SKILL = "Course", "Course package", "Teaching unit", "Declared skill"


def case_package(programme: Programme) -> dict[str, Any]:
    """The units in force of a programme as a CFPackage."""
    moment = timezone.now().isoformat(timespec="seconds")
    writer = _Writer(programme.uid, moment)
    for row in rows_of(programme):
        course = writer.item(COURSE, (row.course_code,), row.course_zh, row.course_en, code=row.course_code,
                             notes={"credits": row.credits})  # fmt: skip
        package = writer.item(PACKAGE, (row.course_code, row.package_zh), row.package_zh, row.package_en, parent=course)
        unit = writer.item(
            UNIT, (row.course_code, row.package_zh, row.unit_zh), row.unit_zh, row.unit_en, parent=package,
            notes={"hours": row.unit_hours, "practice_hours": row.unit_practice_hours, "content": row.content},
        )  # fmt: skip
        if row.skill:
            writer.item(
                SKILL, (row.course_code, row.package_zh, row.unit_zh, row.skill), row.skill, "", parent=unit,
                code=row.skill,
                notes={"skill_level": row.skill_level, "hours": row.hours, "practice_hours": row.practice_hours,
                       "evidence": row.evidence},
            )  # fmt: skip
    return {
        "CFDocument": {
            "identifier": str(programme.uid),
            "uri": f"urn:uuid:{programme.uid}",
            "creator": programme.organisation.name_zh,
            "title": programme.name_zh,
            "description": programme.name_en,
            "language": "zh",
            "lastChangeDateTime": moment,
            "adoptionStatus": "Implemented",
        },
        "CFItems": list(writer.items.values()),
        "CFAssociations": writer.links,
    }


class _Writer:
    """Collects items, each once, and what they are children of."""

    def __init__(self, document: UUID, moment: str) -> None:
        self._document, self._moment = document, moment
        self.items: dict[UUID, dict[str, Any]] = {}
        self.links: list[dict[str, Any]] = []

    def item(
        self, kind: str, path: Sequence[str], name: str, other: str, *, parent: UUID | None = None, code: str = "",
        notes: Mapping[str, object] | None = None,
    ) -> UUID:  # fmt: skip
        identifier = uuid5(self._document, "\n".join((kind, *path)))
        if identifier in self.items:
            return identifier
        item: dict[str, Any] = {
            "identifier": str(identifier),
            "uri": f"urn:uuid:{identifier}",
            "fullStatement": name,
            "CFItemType": kind,
            "lastChangeDateTime": self._moment,
        }
        if other:
            item["alternativeLabel"] = other
        if code:
            item["humanCodingScheme"] = code
        lines = [f"{key}: {value}" for key, value in (notes or {}).items() if value not in (None, "")]
        if lines:
            item["notes"] = "\n".join(lines)
        self.items[identifier] = item
        self._link(identifier, name, parent)
        return identifier

    def _link(self, child: UUID, name: str, parent: UUID | None) -> None:
        target = parent or self._document
        identifier = uuid5(child, str(target))
        self.links.append(
            {
                "identifier": str(identifier),
                "uri": f"urn:uuid:{identifier}",
                "associationType": "isChildOf",
                "sequenceNumber": len(self.links) + 1,
                "originNodeURI": {"title": name, "identifier": str(child), "uri": f"urn:uuid:{child}"},
                "destinationNodeURI": {
                    "title": self.items[parent]["fullStatement"] if parent else "",
                    "identifier": str(target),
                    "uri": f"urn:uuid:{target}",
                },
                "lastChangeDateTime": self._moment,
            }
        )


def read_case(text: bytes) -> list[TeachingRow]:
    """The lines of a CASE file of this shape. Raises ValidationError that names the item and what is wrong with it."""
    try:
        package = json.loads(text)
        items = {item["identifier"]: item for item in package["CFItems"]}
        links = sorted(
            (link for link in package["CFAssociations"] if link["associationType"] == "isChildOf"),
            key=lambda link: link.get("sequenceNumber", 0),
        )
        parents = {link["originNodeURI"]["identifier"]: link["destinationNodeURI"]["identifier"] for link in links}
        order = [link["originNodeURI"]["identifier"] for link in links]
        if len(items) > _MOST_ITEMS:
            raise ValidationError(_("The file holds more than 50,000 items. Split it by programme."))
        rows = list(_rows(items, parents, order))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValidationError(
            _("This is not a CASE package: it needs CFDocument, CFItems and CFAssociations as JSON.")
        ) from error
    if not rows:
        raise ValidationError(
            _("The file holds no teaching units: items of the type “%(kind)s” are read.") % {"kind": UNIT}
        )
    return rows


def _rows(
    items: Mapping[str, Mapping[str, Any]], parents: Mapping[str, str], order: Sequence[str]
) -> Iterator[TeachingRow]:
    declared: dict[str, list[Mapping[str, Any]]] = {}
    for key in order:
        if items.get(key, {}).get("CFItemType") == SKILL:
            declared.setdefault(parents[key], []).append(items[key])
    for key in order:
        unit = items.get(key, {})
        if unit.get("CFItemType") != UNIT:
            continue
        package = items.get(parents.get(key, ""), {})
        course = items.get(parents.get(str(package.get("identifier", "")), ""), {})
        if package.get("CFItemType") != PACKAGE or course.get("CFItemType") != COURSE:
            raise ValidationError(
                _("“%(unit)s” stands in no course package of a course.") % {"unit": _text(unit, "fullStatement", 120)}
            )
        notes = _notes(unit)
        for one in declared.get(key) or [{}]:
            facts = _notes(one)
            yield TeachingRow(
                course_code=_text(course, "humanCodingScheme", 30),
                course_zh=_text(course, "fullStatement", 120),
                course_en=_text(course, "alternativeLabel", 160),
                credits=_number(_notes(course).get("credits", "0"), course),
                package_zh=_text(package, "fullStatement", 120),
                package_en=_text(package, "alternativeLabel", 160),
                unit_zh=_text(unit, "fullStatement", 120),
                unit_en=_text(unit, "alternativeLabel", 160),
                unit_hours=_number(notes.get("hours", "0"), unit),
                unit_practice_hours=_number(notes.get("practice_hours", "0"), unit),
                content=notes.get("content", "")[:8000],
                skill=_text(one, "humanCodingScheme", 160) or _text(one, "fullStatement", 160),
                skill_level=int(_number(facts.get("skill_level", "0"), one)) or None,
                hours=_number(facts.get("hours", "0"), one),
                practice_hours=_number(facts.get("practice_hours", "0"), one),
                evidence=facts.get("evidence", "")[:300],
            )


def _text(item: Mapping[str, Any], name: str, longest: int) -> str:
    value = item.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise ValidationError(
            _("%(name)s of “%(item)s” is no text of at most %(longest)s characters.")
            % {"name": name, "item": str(item.get("identifier", ""))[:60], "longest": longest}
        )
    return value.strip()


def _notes(item: Mapping[str, Any]) -> dict[str, str]:
    """The `name: value` lines of an item; the last name takes all lines that follow, as a text may have several."""
    found: dict[str, str] = {}
    last = ""
    for line in str(item.get("notes", "")).splitlines():
        name, colon, value = line.partition(": ")
        if colon and last != "content" and name.replace("_", "").isalpha() and name == name.lower():
            found[name], last = value, name
        elif last:
            found[last] += f"\n{line}"
    return found


def _number(text: str, item: Mapping[str, Any]) -> Decimal:
    try:
        number = Decimal(text)
        if not number.is_finite() or abs(number) >= 10_000:
            raise InvalidOperation
    except InvalidOperation:
        raise ValidationError(
            _("“%(text)s” of “%(item)s” is not a number of hours, credits or a level.")
            % {"text": text[:40], "item": str(item.get("fullStatement", ""))[:60]}
        ) from None
    return number.quantize(Decimal("0.1")) if number != number.to_integral() else Decimal(int(number))
