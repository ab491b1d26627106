"""The kinds of clauses and what each one must say: numbers with a unit and a window, dates, parties, choices.

A clause is plain JSON, so that what was signed can be hashed; here it is read, checked and put into a sentence. It
knows no agreement and writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise

from ronghe.apps.community.models import StudyField

LANGUAGES = ("zh-hans", "en")
_LONGEST_TEXT = 6000
_MOST = 10_000_000
_MOST_CLAUSES = 60


class ClauseKind(models.TextChoices):
    """What a clause is about."""

    POSITIONS = "positions", gettext_lazy("Positions")
    MENTORS = "mentors", gettext_lazy("Mentors")
    EQUIPMENT = "equipment", gettext_lazy("Equipment")
    TALENT_SUPPLY = "talent_supply", gettext_lazy("Talent supply")
    FEES = "fees", gettext_lazy("Fees")
    INTELLECTUAL_PROPERTY = "ip", gettext_lazy("Intellectual property")
    DATA = "data", gettext_lazy("Data")
    TEXT = "text", gettext_lazy("Free text")


class Per(models.TextChoices):
    """The window of a promised number."""

    YEAR = "year", gettext_lazy("a year")
    IN_ALL = "in_all", gettext_lazy("in all")


class FeePer(models.TextChoices):
    """What a fee is paid for."""

    CLASS_HOUR = "class_hour", gettext_lazy("a class hour")
    MONTH = "month", gettext_lazy("a month")
    YEAR = "year", gettext_lazy("a year")
    ONCE = "once", gettext_lazy("once")


class Ownership(models.TextChoices):
    """Whose the results of common work are."""

    CREATOR = "creator", gettext_lazy("whoever made them")
    JOINT = "joint", gettext_lazy("the parties together")
    HOST = "host", gettext_lazy("the enterprise")
    UNIVERSITY = "university", gettext_lazy("the university")


class TeachingUse(models.TextChoices):
    """What teaching may do with the results."""

    FREE = "free", gettext_lazy("free for teaching")
    ASKED = "asked", gettext_lazy("for teaching, with consent in each case")
    NONE = "none", gettext_lazy("not for teaching")


class Value(StrEnum):
    """The type of one value of a clause."""

    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    CHOICE = "choice"
    PARTY = "party"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class ClauseField:
    """One value of a clause. `university`: a draft that names no party means the university, else the enterprise."""

    name: str
    value: Value
    label: StrPromise
    required: bool = True
    choices: type[models.TextChoices] | None = None
    university: bool = False


_BY = ClauseField("by", Value.PARTY, gettext_lazy("Promised by"))
_PER = ClauseField("per", Value.CHOICE, gettext_lazy("Window"), choices=Per)
_STUDY_FIELD = ClauseField("field", Value.CHOICE, gettext_lazy("Field"), required=False, choices=StudyField)
_DAYS = (
    ClauseField("first_day", Value.DAY, gettext_lazy("First day"), required=False),
    ClauseField("last_day", Value.DAY, gettext_lazy("Last day"), required=False),
)

FIELDS: Mapping[str, tuple[ClauseField, ...]] = {
    ClauseKind.POSITIONS: (
        ClauseField("quantity", Value.NUMBER, gettext_lazy("Seats")), _PER, _STUDY_FIELD, _BY, *_DAYS,
    ),
    ClauseKind.MENTORS: (
        ClauseField("quantity", Value.NUMBER, gettext_lazy("Mentors")),
        ClauseField("hours", Value.NUMBER, gettext_lazy("Hours of each mentor a year"), required=False),
        _BY, *_DAYS,
    ),
    ClauseKind.EQUIPMENT: (
        ClauseField("quantity", Value.NUMBER, gettext_lazy("Machines")),
        ClauseField("what", Value.WORDS, gettext_lazy("Which machines")),
        ClauseField("hours", Value.NUMBER, gettext_lazy("Hours of each machine a year"), required=False),
        _BY, *_DAYS,
    ),
    ClauseKind.TALENT_SUPPLY: (
        ClauseField("quantity", Value.NUMBER, gettext_lazy("Graduates")), _PER, _STUDY_FIELD,
        ClauseField("by", Value.PARTY, gettext_lazy("Promised by"), university=True),
        ClauseField("to", Value.PARTY, gettext_lazy("For")), *_DAYS,
    ),
    ClauseKind.FEES: (
        ClauseField("amount", Value.MONEY, gettext_lazy("Amount in yuan")),
        ClauseField("per", Value.CHOICE, gettext_lazy("Paid"), choices=FeePer),
        ClauseField("by", Value.PARTY, gettext_lazy("Paid by")),
        ClauseField("to", Value.PARTY, gettext_lazy("Paid to"), university=True), *_DAYS,
    ),
    ClauseKind.INTELLECTUAL_PROPERTY: (
        ClauseField("ownership", Value.CHOICE, gettext_lazy("Results belong to"), choices=Ownership),
        ClauseField("teaching", Value.CHOICE, gettext_lazy("Use in teaching"), choices=TeachingUse),
    ),
    ClauseKind.DATA: (
        ClauseField("purpose", Value.WORDS, gettext_lazy("Purpose")),
        ClauseField("months", Value.NUMBER, gettext_lazy("Kept for months")),
        ClauseField("by", Value.PARTY, gettext_lazy("Given by"), university=True),
        ClauseField("to", Value.PARTY, gettext_lazy("Given to")),
    ),
    ClauseKind.TEXT: (),
}  # fmt: skip
# The clauses whose numbers are kept as dated promises.
COUNTED = (
    ClauseKind.POSITIONS,
    ClauseKind.MENTORS,
    ClauseKind.EQUIPMENT,
    ClauseKind.TALENT_SUPPLY,
    ClauseKind.FEES,
)


def read_clause(typed: Mapping[str, Any], *, places: Sequence[int], complete: bool) -> dict[str, Any]:
    """A clause in the one form in which it is kept and hashed. Raises ValidationError by field.

    `places` are the places of the parties; `complete`: nothing that is required may be left open, as before signing.
    A template is read with `complete=False` and no places.
    """
    kind = str(typed.get("kind", ""))
    if kind not in ClauseKind.values:
        raise ValidationError({"kind": _("Choose what the clause is about.")})
    wrong: dict[str, str] = {}
    heading, text = _both(typed, "heading", 160, wrong), _both(typed, "text", _LONGEST_TEXT, wrong)
    if not heading["zh"]:
        wrong["heading_zh"] = _("Give the clause a Chinese heading.")
    if kind == ClauseKind.TEXT and complete and not text["zh"]:
        wrong["text_zh"] = _("Write what this clause says.")
    given = typed.get("values") or {}
    values: dict[str, Any] = {}
    for field in FIELDS[kind]:
        try:
            value = _read(field, given.get(field.name), places)
        except ValidationError as error:
            wrong[field.name] = error.messages[0]
            continue
        if value is not None:
            values[field.name] = value
        elif field.required and complete:
            wrong[field.name] = _("Fill this in: what is promised must be countable.")
    first, last = values.get("first_day"), values.get("last_day")
    if first and last and last < first:
        wrong["last_day"] = _("The last day comes before the first one.")
    if values.get("by") is not None and values.get("by") == values.get("to"):
        wrong["to"] = _("Choose another party: one side cannot promise to itself.")
    if wrong:
        raise ValidationError(wrong)
    return {"key": str(typed.get("key", ""))[:20], "kind": kind, "heading": heading, "text": text, "values": values}


def read_clauses(
    typed: Sequence[Mapping[str, Any]], *, places: Sequence[int], complete: bool = False
) -> list[dict[str, Any]]:
    """All clauses of a paper, each with a key of its own. Raises ValidationError naming the clause."""
    if len(typed) > _MOST_CLAUSES:
        raise ValidationError(_("A paper has at most %(most)s clauses.") % {"most": _MOST_CLAUSES})
    found: list[dict[str, Any]] = []
    keys: set[str] = {str(one.get("key")) for one in typed if one.get("key")}
    used: set[str] = set()
    for number, one in enumerate(typed, start=1):
        try:
            clause = read_clause(one, places=places, complete=complete)
        except ValidationError as error:
            labels = labels_of(str(one.get("kind", "")))
            said = "; ".join(
                f"{labels[name]}: {messages[0]}" if name in labels else messages[0]
                for name, messages in error.message_dict.items()
            )
            raise ValidationError(_("Clause %(number)s: %(why)s") % {"number": number, "why": said}) from error
        if not clause["key"] or clause["key"] in used:
            clause["key"] = _free_key(keys)
            keys.add(clause["key"])
        used.add(clause["key"])
        found.append(clause)
    return found


def labels_of(kind: str) -> dict[str, str]:
    """The labels of the values of a kind, by name."""
    return {field.name: str(field.label) for field in FIELDS.get(kind, ())}


def _free_key(keys: set[str]) -> str:
    number = len(keys) + 1
    while f"c{number}" in keys:
        number += 1
    return f"c{number}"


def _both(typed: Mapping[str, Any], name: str, longest: int, wrong: dict[str, str]) -> dict[str, str]:
    given = typed.get(name) or {}
    found = {}
    for language in ("zh", "en"):
        words = str(given.get(language, "")).replace("\r\n", "\n").replace("\0", "").strip()
        if len(words) > longest:
            wrong[f"{name}_{language}"] = _("At most %(most)s characters.") % {"most": longest}
        found[language] = words
    return found


def _read(field: ClauseField, given: Any, places: Sequence[int]) -> Any:
    if given is None or given == "":
        return None
    if field.value is Value.NUMBER:
        return _number(given)
    if field.value is Value.MONEY:
        return _money(given)
    if field.value is Value.DAY:
        try:
            return (given if isinstance(given, date) else date.fromisoformat(str(given))).isoformat()
        except ValueError:
            raise ValidationError(_("Write the day as in 2026-09-01.")) from None
    if field.value is Value.CHOICE:
        if field.choices is None or str(given) not in field.choices.values:
            raise ValidationError(_("Choose one of those offered."))
        return str(given)
    if field.value is Value.PARTY:
        if not str(given).isdigit() or int(given) not in places:
            raise ValidationError(_("Choose one of the parties."))
        return int(given)
    words = str(given).replace("\0", "").strip()
    if len(words) > 200:
        raise ValidationError(_("At most %(most)s characters.") % {"most": 200})
    return words or None


def _number(given: Any) -> int:
    try:
        number = int(str(given))
    except ValueError:
        raise ValidationError(_("Write a whole number.")) from None
    if not 1 <= number <= _MOST:
        raise ValidationError(_("Write a number from 1 to %(most)s.") % {"most": _MOST})
    return number


def _money(given: Any) -> str:
    try:
        amount = Decimal(str(given)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise ValidationError(_("Write an amount in yuan, such as 1200.50.")) from None
    if not (amount.is_finite() and 0 < amount <= _MOST):
        raise ValidationError(_("Write a number from 1 to %(most)s.") % {"most": _MOST})
    return str(amount)


def said(clause: Mapping[str, Any], parties: Mapping[int, Mapping[str, str]]) -> dict[str, str]:
    """What the values of a clause say, as a sentence in both languages; `parties` are names by place and language."""
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            short = language[:2]
            found[short] = _sentence(clause, {place: names[short] for place, names in parties.items()})
    return found


def _sentence(clause: Mapping[str, Any], names: Mapping[int, str]) -> str:
    values = clause["values"]
    words: dict[str, str] = {}
    for field in FIELDS[clause["kind"]]:
        value = values.get(field.name)
        if value is None:
            words[field.name] = "…"
        elif field.value is Value.PARTY:
            words[field.name] = names.get(value, "…")
        elif field.value is Value.CHOICE and field.choices is not None:
            words[field.name] = str(field.choices(value).label)
        else:
            words[field.name] = str(value)
    template = _SENTENCES.get(clause["kind"])
    parts = [str(template) % words] if template is not None else []
    if "field" in words and values.get("field"):
        parts.append(_("Field: %(field)s.") % words)
    if "hours" in words and values.get("hours"):
        parts.append(_("%(hours)s hours of each a year.") % words)
    if values.get("first_day") and values.get("last_day"):
        parts.append(_("From %(first_day)s to %(last_day)s.") % words)
    elif values.get("first_day"):
        parts.append(_("From %(first_day)s on.") % words)
    elif values.get("last_day"):
        parts.append(_("Until %(last_day)s.") % words)
    return (" " if translation.get_language() == "en" else "").join(parts)


_SENTENCES: Mapping[str, StrPromise] = {
    ClauseKind.POSITIONS: gettext_lazy("%(by)s offers %(quantity)s seats %(per)s."),
    ClauseKind.MENTORS: gettext_lazy("%(by)s provides %(quantity)s mentors."),
    ClauseKind.EQUIPMENT: gettext_lazy("%(by)s makes available %(quantity)s machines: %(what)s."),
    ClauseKind.TALENT_SUPPLY: gettext_lazy("%(by)s trains %(quantity)s graduates %(per)s for %(to)s."),
    ClauseKind.FEES: gettext_lazy("%(by)s pays %(to)s %(amount)s yuan, %(per)s."),
    ClauseKind.INTELLECTUAL_PROPERTY: gettext_lazy("Results belong to %(ownership)s; use: %(teaching)s."),
    ClauseKind.DATA: gettext_lazy(
        "%(by)s gives %(to)s data for this purpose: %(purpose)s. Kept for %(months)s months."
    ),
}
