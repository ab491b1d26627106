"""Row schemas: the columns a file of records should have, under which headings, and the record each row becomes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, overload

from ronghe.tabular.cells import fold
from ronghe.tabular.errors import FileWarning, HeadingsRefused, SchemaError
from ronghe.tabular.kinds import Kind, Text

T = TypeVar("T")

_HEADING_PARTS = re.compile(r"[/|\n()]")
_SHOWN_HEADINGS = 30


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in code, its headings for people, and the kind of its values.

    On import any of ``name``, ``zh``, ``en`` and ``aliases`` is accepted as heading, whatever its case, width and
    spaces, also two of them together ("岗位名称 / Title"). A blank cell gives ``default``, or an error if ``required``.
    """

    name: str
    kind: Kind = field(default_factory=Text)
    zh: str = ""
    en: str = ""
    required: bool = False
    default: Any = None
    aliases: tuple[str, ...] = ()
    help_zh: str = ""
    help_en: str = ""

    def heading(self, language: str) -> str:
        return (self.zh if language.lower().startswith("zh") else self.en) or self.name

    def help(self, language: str) -> str:
        return self.help_zh if language.lower().startswith("zh") else self.help_en


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the columns of a schema stand under certain headings: ``positions`` has one index or ``None`` a column.

    ``unknown`` are the headings that stand for no column.
    """

    headings: tuple[str, ...]
    positions: tuple[int | None, ...]
    unknown: tuple[str, ...]


class RowSchema(Generic[T]):
    """The columns of a file and the record each row becomes.

    ``build`` is called with the columns' values as keyword arguments; without it a record is a dict. Raises
    ``SchemaError`` if two columns share a name or a heading.
    """

    columns: tuple[Column, ...]

    @overload
    def __init__(self: RowSchema[dict[str, Any]], columns: Iterable[Column]) -> None: ...

    @overload
    def __init__(self, columns: Iterable[Column], build: Callable[..., T]) -> None: ...

    def __init__(self, columns: Iterable[Column], build: Callable[..., Any] = dict) -> None:
        self.columns = tuple(columns)
        self.build: Callable[..., T] = build
        if not self.columns:
            raise SchemaError("schema.empty")
        self._by_heading: dict[str, int] = {}
        for position, column in enumerate(self.columns):
            for heading in (column.name, column.zh, column.en, *column.aliases):
                known = self._by_heading.setdefault(fold(heading), position) if heading else position
                if known != position:
                    first = self.columns[known].name
                    raise SchemaError("schema.ambiguous", heading=heading, first=first, second=column.name)
        if len({column.name for column in self.columns}) < len(self.columns):
            name = next(c.name for i, c in enumerate(self.columns) if c.name in {d.name for d in self.columns[:i]})
            raise SchemaError("schema.ambiguous", heading=name, first=name, second=name)

    def column(self, name: str) -> Column:
        """The column called ``name``. Raises ``KeyError``."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def find(self, heading: str) -> int | None:
        """The position of the column that ``heading`` stands for, or ``None``."""
        found = self._by_heading.get(fold(heading))
        if found is None:
            parts = {self._by_heading.get(fold(part)) for part in _HEADING_PARTS.split(heading) if part.strip()}
            if len(parts) == 1:
                found = parts.pop()
        return found

    def recognised(self, headings: Sequence[str]) -> int:
        """How many of the headings stand for a column."""
        return sum(self.find(heading) is not None for heading in headings)

    def bind(
        self, headings: tuple[str, ...], *, partial: bool = False, hint: Mapping[str, str] | None = None
    ) -> Binding:
        """Find each column under the file's headings.

        ``partial`` allows required columns to be absent (JSON Lines, where each line has keys of its own). ``hint``
        has a sentence ``zh`` and ``en`` to add when columns are missing. Raises ``HeadingsRefused``.
        """
        positions: list[int | None] = [None] * len(self.columns)
        unknown: list[str] = []
        for index, heading in enumerate(headings):
            if not heading.strip():
                continue
            found = self.find(heading)
            if found is None:
                unknown.append(heading)
                continue
            taken = positions[found]
            if taken is not None:
                column = self.columns[found]
                raise HeadingsRefused(
                    "headings.same_column",
                    first=headings[taken],
                    second=heading,
                    column_zh=column.heading("zh"),
                    column_en=column.heading("en"),
                )
            positions[found] = index
        missing = [
            column
            for column, position in zip(self.columns, positions, strict=True)
            if column.required and position is None
        ]
        if missing and not partial:
            raise self._missing(missing, headings, unknown, hint or {})
        return Binding(headings, tuple(positions), tuple(unknown))

    def _missing(
        self, missing: list[Column], headings: tuple[str, ...], unknown: list[str], hint: Mapping[str, str]
    ) -> HeadingsRefused:
        zh, en = hint.get("zh", ""), hint.get("en", "")
        for heading in unknown:
            if not hint and (column := _nearest(heading, missing)):
                zh += f"“{heading}”是否应为“{column.heading('zh')}”？"
                en += f'Should "{heading}" be "{column.heading("en")}"? '
        shown = [heading.strip() for heading in headings if heading.strip()]
        more = ["…"] if len(shown) > _SHOWN_HEADINGS else []
        return HeadingsRefused(
            "headings.missing",
            missing_zh="、".join(column.heading("zh") for column in missing),
            missing_en=", ".join(column.heading("en") for column in missing),
            found=" | ".join([heading[:60] for heading in shown[:_SHOWN_HEADINGS]] + more) or "—",
            hint_zh=zh or "请在第一行补上表头；可下载模板对照。",
            hint_en=en or "Add them to the first row; the template shows them all.",
        )

    def unknown_heading(self, heading: str, binding: Binding) -> FileWarning:
        """The warning about a heading that stands for no column, with the nearest column not found elsewhere."""
        positions = zip(self.columns, binding.positions, strict=True)
        column = _nearest(heading, (column for column, position in positions if position is None))
        return FileWarning(
            "warning.unknown_column",
            {
                "heading": heading[:60],
                "hint_zh": f"是否应为“{column.heading('zh')}”？" if column else "",
                "hint_en": f'Should it be "{column.heading("en")}"?' if column else "",
            },
        )


def _nearest(heading: str, columns: Iterable[Column]) -> Column | None:
    spellings = {
        fold(spelling): column
        for column in columns
        for spelling in (column.name, column.zh, column.en, *column.aliases)
        if spelling
    }
    close = difflib.get_close_matches(fold(heading[:100]), spellings, n=1, cutoff=0.6)
    return spellings[close[0]] if close else None
