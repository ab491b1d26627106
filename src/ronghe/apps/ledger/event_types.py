"""Event types: what may be recorded, with which fields, and which of them are personal.

Each app registers its own in `events.py`; nothing here touches the database.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model
from django_stubs_ext import StrOrPromise

from ronghe.apps.ledger.errors import InvalidPayload, UnknownEventType

_NAME = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*\.[a-z][a-z_]*")
_REFERENCE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*:[A-Za-z0-9_.:-]{1,120}", re.ASCII)
_SURROGATE = re.compile("[\\ud800-\\udfff]")
_LARGEST_INTEGER = 2**53 - 1
# A payload states what happened; documents belong in the app's own tables, with their hash in the payload.
MAX_TEXT = 4_000


def timestamp(moment: datetime) -> str:
    """Return `moment` in UTC with microseconds, the one way that hashes and payloads spell a time."""
    if moment.tzinfo is None:
        raise InvalidPayload(f"{moment} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def reference(thing: Model | str) -> str:
    """Return the name by which the ledger speaks of `thing`: `app.model:key`.

    A model that has a `uid` is named by it and not by its row id. Raises `InvalidPayload` for an unsaved row or for
    text of another form.
    """
    if isinstance(thing, Model):
        key = getattr(thing, "uid", thing.pk)
        if key is None:
            raise InvalidPayload(f"save the {thing._meta.verbose_name} before recording an event about it")
        thing = f"{thing._meta.label_lower}:{key}"
    if not _REFERENCE.fullmatch(thing):
        raise InvalidPayload(f"{thing!r} does not name a record; pass the row or text like demand.requirement:12")
    return thing


def person_reference(uid: UUID) -> str:
    """Return the name by which the ledger speaks of a person."""
    return f"{settings.AUTH_USER_MODEL.lower()}:{uid}"


def person_uid(person: object) -> UUID:
    """Return the uid of a person given as a row, a UUID or its text."""
    uid = getattr(person, "uid", person)
    if isinstance(uid, UUID):
        return uid
    if isinstance(uid, str):
        try:
            return UUID(uid)
        except ValueError:
            pass
    raise InvalidPayload(f"{person!r} is not a person")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    text = str(value)
    if len(text) > MAX_TEXT:
        raise InvalidPayload(f"a text in a payload has at most {MAX_TEXT} characters; record the hash of longer ones")
    if _SURROGATE.search(text):
        raise InvalidPayload("a text in a payload has no half characters (lone surrogates)")
    return text


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_INTEGER:
        raise TypeError
    return int(value)


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    return float(value)


def _decimal(value: object) -> str:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError
    return f"{value:f}"


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _date(value: object) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError
    return value.isoformat()


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError
    return timestamp(value)


def _reference(value: object) -> str:
    if not isinstance(value, Model | str):
        raise TypeError
    return reference(value)


class Kind(Enum):
    """The kinds of value a field may carry; each knows how it is written in JSON."""

    TEXT = "text"
    INTEGER = "whole number"
    NUMBER = "number"
    DECIMAL = "decimal number"
    BOOLEAN = "yes or no"
    DATE = "date"
    TIME = "time with time zone"
    PERSON = "person"
    REFERENCE = "record"

    @property
    def write(self) -> Callable[[object], Any]:
        """The function that turns a value of this kind into JSON, or raises TypeError."""
        return _WRITERS[self]


_WRITERS: dict[Kind, Callable[[object], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.PERSON: lambda value: str(person_uid(value)),
    Kind.REFERENCE: _reference,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One value in the payload of an event. A personal one is shown only to those who may see personal data."""

    name: str
    kind: Kind
    personal: bool = False
    optional: bool = False
    many: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether the value tells something about a person."""
        return self.personal or self.kind is Kind.PERSON


@dataclass(frozen=True)
class EventType:
    """What may happen, under a name such as `training.hours.confirmed`: app, thing, past participle."""

    name: str
    label: StrOrPromise
    fields: tuple[Field, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not app.thing.happened in lower-case letters")
        # Their order in a payload's bytes is that of RFC 8785 only within ASCII.
        if not all(field.name.isascii() for field in self.fields):
            raise ValueError(f"{self.name} has a field whose name is not ASCII")
        if len({field.name for field in self.fields}) != len(self.fields):
            raise ValueError(f"{self.name} has two fields of one name")

    @cached_property
    def fields_by_name(self) -> Mapping[str, Field]:
        """The fields under their names."""
        return {field.name: field for field in self.fields}

    def write(self, payload: Mapping[str, object]) -> dict[str, Any]:
        """Return `payload` as JSON values; raises `InvalidPayload` naming the field that does not fit."""
        for name in payload:
            if name not in self.fields_by_name:
                raise InvalidPayload(f"{self.name} has no field {name!r}; add it to the app's events.py")
        written = {}
        for field in self.fields:
            value = payload.get(field.name)
            if value is None:
                if not field.optional:
                    raise InvalidPayload(f"{self.name} needs its field {field.name!r}")
                continue
            try:
                if field.many:
                    if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__iter__"):
                        raise TypeError
                    written[field.name] = [field.kind.write(item) for item in value]
                else:
                    written[field.name] = field.kind.write(value)
            except TypeError:
                expected = f"a list, each a {field.kind.value}" if field.many else f"a {field.kind.value}"
                raise InvalidPayload(f"{self.name}: {field.name} must be {expected}, not {value!r}") from None
            except InvalidPayload as error:
                raise InvalidPayload(f"{self.name}: {field.name}: {error}") from None
        return written

    def people(self, subject: str, written: Mapping[str, Any]) -> set[UUID]:
        """Return the people whom an event is about: its subject and those that its written payload names."""
        return set(self._people(subject, written))

    def _people(self, subject: str, written: Mapping[str, Any]) -> Iterator[UUID]:
        model, _, key = subject.partition(":")
        if model == settings.AUTH_USER_MODEL.lower():
            yield person_uid(key)
        for field in self.fields:
            if field.kind is Kind.PERSON and field.name in written:
                value = written[field.name]
                yield from (UUID(uid) for uid in (value if field.many else [value]))


_registered: dict[str, EventType] = {}


def register(event_type: EventType) -> EventType:
    """Make `event_type` recordable and return it; a second type of the same name is refused."""
    known = _registered.setdefault(event_type.name, event_type)
    if known != event_type:
        raise ValueError(f"two event types are called {event_type.name}")
    return event_type


def find(event_type: EventType | str) -> EventType:
    """Return the registered type; raises `UnknownEventType`."""
    name = event_type if isinstance(event_type, str) else event_type.name
    known = _registered.get(name)
    if known is None or (isinstance(event_type, EventType) and event_type != known):
        raise UnknownEventType(f"no app registers the event type {name!r}; register it in the app's events.py")
    return known


def all_types() -> list[EventType]:
    """Return every registered type by name."""
    return [_registered[name] for name in sorted(_registered)]
