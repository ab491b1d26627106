"""How the content of a white paper reads, in the language that is active: sections for the page and for the PDF alike.

It computes nothing and reads no database: a frozen paper reads the same whatever happens to the data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ronghe.apps.demand.forecast_words import refusal_text


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, or a number with its interval, and the keys of the records behind it, joined with "+"."""

    text: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    decimals: int = 0
    records: str = ""
    is_number: bool = False

    @property
    def plain(self) -> str:
        """The cell as the PDF prints it."""
        if not self.is_number:
            return self.text
        if self.value is None:
            return _("no data")
        shown = f"{self.value:,.{self.decimals}f}{self.unit}"
        if self.low is None or self.high is None:
            return shown
        return f"{shown} [{self.low:,.{self.decimals}f}, {self.high:,.{self.decimals}f}]"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a section; `numeric` tells of each column whether it holds numbers."""

    headings: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""

    @property
    def headed(self) -> list[tuple[str, bool]]:
        """The headings, each with whether its column holds numbers."""
        return list(zip(self.headings, self.numeric, strict=True))

    @property
    def labelled(self) -> list[list[tuple[str, bool, Cell]]]:
        """The rows with each cell beside the heading of its column, and whether that holds numbers."""
        return [list(zip(self.headings, self.numeric, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the paper. `bars` is drawn on the page: label, value, low, high."""

    key: str
    title: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()
    bars: Sequence[Mapping[str, Any]] = field(default=())
    bars_title: str = ""


def own(named: Mapping[str, Any]) -> str:
    """The name in the language that is active, the other one where it is missing."""
    zh, en = str(named.get("zh") or ""), str(named.get("en") or "")
    return (zh or en) if (get_language() or "").startswith("zh") else (en or zh)


def _figure(figure: Mapping[str, Any] | None, *, unit: str = "", scale: float = 1, decimals: int = 0) -> Cell:
    if figure is None:
        return Cell(is_number=True)

    def end(name: str) -> float | None:
        return None if figure.get(name) is None else float(figure[name]) * scale

    keys = "+".join(key for key in figure.get("records", ()) if key)
    return Cell("", end("value"), end("low"), end("high"), unit, decimals, keys, is_number=True)


def _number(value: float | None, *, unit: str = "", decimals: int = 0) -> Cell:
    return Cell(value=value, unit=unit, decimals=decimals, is_number=True)


def sections_of(content: Mapping[str, Any]) -> list[Section]:
    """The paper's sections, in order."""
    return [
        _scope(content),
        _sources(content),
        _fields(content),
        _skills(content),
        _requirements(content),
        _panel(content["panel"]),
        _forecasts(content["forecasts"]),
        Section(
            "policy",
            _("Alignment with policy"),
            [_("No data: no policy rule set is loaded, so nothing is said about alignment.")],
        ),
        _changes(content),
        _method(content),
    ]


def _scope(content: Mapping[str, Any]) -> Section:
    scope = content["scope"]
    where = own(scope["field"]) if scope["field"] else _("all fields of the lexicon")
    return Section(
        "scope",
        _("Scope"),
        [
            _("Advertisements published from %(first)s to %(last)s; field: %(field)s. As known at %(known)s.")
            % {
                "first": scope["first_day"],
                "last": scope["last_day"],
                "field": where,
                "known": scope["known_at"][:16].replace("T", " "),
            }
        ],
        [
            Table(
                [_("Figure"), _("Value")],
                [False, True],
                [
                    [Cell(_("Postings counted")), _figure(content["postings"])],
                    [Cell(_("Duplicates left out")), _number(content["duplicates"])],
                    [Cell(_("Skills asked for")), _number(content["skills_asked"])],
                ],
            )
        ],
    )


def _sources(content: Mapping[str, Any]) -> Section:
    rows = [
        [
            Cell(source["name"]),
            Cell(_("generated example") if source["is_example"] else ""),
            Cell(source["licence"]),
            _figure(source["postings"]),
        ]
        for source in content["sources"]
    ]
    said = []
    if any(source["is_example"] for source in content["sources"]):
        said = [_("Some sources are generated examples: figures that rest on them say nothing of the labour market.")]
    headings = [_("Source"), _("Standing"), _("Licence"), _("Postings")]
    return Section("sources", _("Sources"), said, [Table(headings, [False, False, False, True], rows)])


def _fields(content: Mapping[str, Any]) -> Section:
    rows = [[Cell(own(one)), _figure(one["postings"]), _figure(one["gap"])] for one in content["fields"]]
    return Section(
        "fields",
        _("Talent gap by field"),
        [
            _(
                "The gap of a field is the sum of the gaps of its skills, in skills brought by people; it has no data "
                "where no programme has declared what it teaches."
            )
        ],
        [Table([_("Field"), _("Postings"), _("Talent gap, 95% interval")], [False, True, True], rows)],
        _bars((own(one), one["gap"]) for one in content["fields"]),
        _("Talent gap, 95% interval"),
    )


def _bars(rows: Iterable[tuple[str, Mapping[str, Any] | None]]) -> list[dict[str, Any]]:
    return [
        {"label": label, "value": figure["value"], "low": figure["low"], "high": figure["high"]}
        for label, figure in rows
        if figure is not None and figure["value"] is not None
    ]


def _skills(content: Mapping[str, Any]) -> Section:
    rows = [
        [
            Cell(own(skill)),
            _figure(skill["postings"]),
            _figure(skill["share"], unit="%", scale=100, decimals=1),
            _figure(skill["growth"], unit="%", scale=100),
            _figure(skill["gap"]),
        ]
        for skill in content["skills"]
    ]
    headings = [_("Skill"), _("Postings"), _("Share"), _("Growth"), _("Talent gap, 95% interval")]
    said = _("The %(shown)s skills asked for most, of %(all)s.") % {
        "shown": len(rows),
        "all": content["skills_asked"],
    }
    return Section(
        "skills",
        _("Skills"),
        [said],
        [Table(headings, [False, True, True, True, True], rows)],
        _bars((own(skill), skill["postings"]) for skill in content["skills"][:12]),
        _("Postings that ask for a skill"),
    )


def _requirements(content: Mapping[str, Any]) -> Section:
    found = content["requirements"]
    rows = [
        [Cell(_("Requirements waiting for an answer")), _figure(found["open"])],
        [Cell(_("Days a requirement waits for its answer")), _figure(found["waiting_days"])],
    ]
    return Section(
        "requirements", _("Requirements of enterprises"), [], [Table([_("Figure"), _("Value")], [False, True], rows)]
    )


def _panel(panel: Mapping[str, Any] | None) -> Section:
    title = _("Judgment of experts")
    if panel is None:
        return Section("panel", title, [_("No data: no panel of experts belongs to this round.")])
    said = [
        f"{own(panel['name'])}: {own(panel['question'])}",
        _("%(experts)s experts were invited; answers are anonymous and open no records. Criterion: %(hash)s")
        % {"experts": panel["experts"], "hash": panel["criterion"]},
    ]
    return Section("panel", title, said, [_round(one) for one in panel["rounds"]])


def _round(one: Mapping[str, Any]) -> Table:
    kind = _("Rating") if one["kind"] == "rating" else _("Pairwise comparison")
    caption = _("Round %(number)s: %(kind)s, %(answers)s answers of %(seats)s") % {
        "number": one["number"],
        "kind": kind,
        "answers": one["answers"],
        "seats": one["seats"],
    }
    if one["too_few"]:
        return Table([_("Item")], [False], [[Cell(_("Fewer than five answers: nothing is shown."))]], caption)
    if one["kind"] != "rating":
        rows = [
            [
                Cell(own(item)),
                _figure(
                    {"value": item["weight"], "low": item["low"], "high": item["high"]}, unit="%", scale=100, decimals=1
                ),
            ]
            for item in sorted(one["items"], key=lambda item: -item["weight"])
        ]
        return Table([_("Item"), _("Weight")], [False, True], rows, caption)
    rows = [
        [
            Cell(own(item)),
            _number(item["median"], decimals=1),
            Cell("" if item["lower"] is None else f"{item['lower']:g}–{item['upper']:g}"),
            _number(None if item["share"] is None else item["share"] * 100, unit="%"),
            Cell(_outcome(item)),
        ]
        for item in one["items"]
    ]
    headings = [_("Item"), _("Median"), _("Quartiles"), _("In agreement"), _("Outcome")]
    return Table(headings, [False, True, True, True, False], rows, caption)


def _outcome(item: Mapping[str, Any]) -> str:
    if item["agreed"] is None:
        return _("fewer than five answers")
    if item["agreed"]:
        return _("agreed, stable") if item["stable"] else _("agreed")
    return _("not agreed, stable") if item["stable"] else _("not agreed")


def _forecasts(found: Sequence[Mapping[str, Any]]) -> Section:
    title = _("Forecast")
    if not found:
        return Section("forecasts", title, [_("No data: no forecast has been made of this round's fields and skills.")])
    rows = []
    refused: dict[str, list[str]] = {}
    for one in found:
        if one["of"] == "refused":
            refused.setdefault(refusal_text(one["refusal"]), []).append(own(one))
            continue
        first, last = one["months"][0], one["months"][-1]
        name = own(one) if one["of"] == "series" else _("%(skill)s: its field instead") % {"skill": own(one)}
        rows.append(
            [
                Cell(name),
                _figure({"value": one["rate"], "records": one.get("records", ())}, decimals=1),
                _ahead(first),
                _ahead(last),
                _number(one["ceiling"] * 100 if one["ceiling"] is not None else None, unit="%"),
            ]
        )
    headings = [
        _("Forecast of"),
        _("Postings a month"),
        _("Next month, 80% interval"),
        _("In six months"),
        _("Noise ceiling"),
    ]
    said = _(
        "No method can be more accurate than the noise ceiling that chance sets. Below 29 postings a month no forecast "
        "of a skill is claimed; its field is forecast instead."
    )
    separator = "、" if (get_language() or "").startswith("zh") else ", "
    why = [
        _("No forecast of %(names)s: %(reason)s.") % {"names": separator.join(names), "reason": reason}
        for reason, names in refused.items()
    ]
    return Section("forecasts", title, [said, *why], [Table(headings, [False, True, True, True, True], rows)])


def _ahead(month: Mapping[str, Any]) -> Cell:
    """A month of a forecast. Its interval is of 80%, so it is written out: other intervals of the paper are of 95%."""
    if month["low_80"] is None:
        return Cell(f"{month['mean']:.0f}")
    return Cell(f"{month['mean']:.0f} [{month['low_80']:.0f}, {month['high_80']:.0f}]")


def _changes(content: Mapping[str, Any]) -> Section:
    title, changes = _("What changed"), content["changes"]
    if changes is None:
        return Section("changes", title, [_("This is the first white paper of its field: nothing can be compared.")])
    since = changes["since"]
    separator = "、" if (get_language() or "").startswith("zh") else ", "
    said = [
        _("Since “%(name)s” (up to %(day)s).") % {"name": own(since), "day": since["last_day"]},
        _("New among the skills asked for most: %(names)s.")
        % {"names": separator.join(own(one) for one in changes["entered"]) or _("none")},
        _("No longer among them: %(names)s.")
        % {"names": separator.join(own(one) for one in changes["left"]) or _("none")},
    ]
    rows = [
        [
            Cell(own(one)),
            _number(one["rank_before"]),
            _number(one["rank"]),
            _number(_percent(one["share_before"]), unit="%", decimals=1),
            _number(_percent(one["share"]), unit="%", decimals=1),
        ]
        for one in changes["moved"]
    ]
    headings = [_("Skill"), _("Rank before"), _("Rank now"), _("Share before"), _("Share now")]
    return Section("changes", title, said, [Table(headings, [False, True, True, True, True], rows)])


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def _method(content: Mapping[str, Any]) -> Section:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    rows = [
        [Cell(one[language]["label"]), Cell(one["identifier"]), Cell(one[language]["definition"])]
        for one in content["definitions"]
    ]
    headings = [_("Figure"), _("Version"), _("Definition")]
    return Section("method", _("Method"), [], [Table(headings, [False, False, False], rows)])


def printed(content: Mapping[str, Any], digest: str, state: str) -> dict[str, Any]:
    """The paper as the template of the PDF takes it."""
    return {
        "title": own(content["name"]),
        "subtitle": _("White paper of a demand round, %(first)s to %(last)s")
        % {"first": content["scope"]["first_day"], "last": content["scope"]["last_day"]},
        "foot": f"{state} {digest}",
        "sections": [
            {
                "title": section.title,
                "paragraphs": list(section.paragraphs),
                "tables": [
                    {
                        "caption": table.caption,
                        "headings": list(table.headings),
                        "numeric": list(table.numeric),
                        "rows": [[cell.plain for cell in row] for row in table.rows],
                    }
                    for table in section.tables
                    if table.rows
                ],
            }
            for section in sections_of(content)
        ],
    }
