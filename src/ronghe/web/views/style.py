"""The living style page: every component in every state, with example data that is invented and says so."""

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe


class ExampleForm(forms.Form):
    """One field of each kind, for the style page only."""

    name = forms.CharField(
        label=gettext_lazy("Name of the position"),
        max_length=60,
        help_text=gettext_lazy("As it will stand in the contract."),
    )
    e_mail = forms.EmailField(label=gettext_lazy("E-mail address"))
    seats = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1)
    region = forms.ChoiceField(
        label=gettext_lazy("Region"),
        choices=[("gz", gettext_lazy("Guangzhou")), ("sz", gettext_lazy("Shenzhen"))],
    )
    start = forms.DateField(
        label=gettext_lazy("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    duties = forms.CharField(label=gettext_lazy("Duties"), widget=forms.Textarea, required=False)
    modes = forms.MultipleChoiceField(
        label=gettext_lazy("How mentors are met"),
        widget=forms.CheckboxSelectMultiple,
        choices=[("site", gettext_lazy("At the firm")), ("remote", gettext_lazy("Remotely"))],
        required=False,
    )
    shift = forms.ChoiceField(
        label=gettext_lazy("Shift"),
        widget=forms.RadioSelect,
        choices=[("day", gettext_lazy("Day")), ("night", gettext_lazy("Night"))],
    )
    file = forms.FileField(
        label=gettext_lazy("List of students"),
        required=False,
        help_text=gettext_lazy("CSV or XLSX, one student a row."),
    )
    agree = forms.BooleanField(label=gettext_lazy("The mentor has agreed to this plan"))


class ExampleFilter(forms.Form):
    """Narrows the example table."""

    search = forms.CharField(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Region"),
        required=False,
        choices=[("", gettext_lazy("All")), ("gz", gettext_lazy("Guangzhou")), ("sz", gettext_lazy("Shenzhen"))],
    )
    since = forms.DateField(label=gettext_lazy("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _obligations() -> list[dict[str, Any]]:
    return [
        {
            "name": _("5G chain · seats offered within two years"),
            "note": _("window 2025-07 to 2027-06"),
            "value": 286,
            "low": None,
            "high": None,
            "unit": "",
            "asked": "≥ 300",
            "state": "warn",
            "word": _("Under way"),
        },
        {
            "name": _("5G chain · firms brought in"),
            "note": "",
            "value": 7,
            "low": None,
            "high": None,
            "unit": "",
            "asked": "≥ 5",
            "state": "ok",
            "word": "",
        },
        {
            "name": _("Packaging chain · share of enterprise mentors"),
            "note": _("this term, by class hours"),
            "value": 52.1,
            "low": 47.9,
            "high": 56.2,
            "unit": "%",
            "asked": "≥ 60%",
            "state": "bad",
            "word": "",
        },
        {
            "name": _("Cross-border chain · courses renewed in half a year"),
            "note": "",
            "value": 33.8,
            "low": 29.4,
            "high": 38.5,
            "unit": "%",
            "asked": "≥ 30%",
            "state": "ok",
            "word": "",
        },
        {
            "name": _("Packaging chain · use of equipment"),
            "note": _("of 22 declared hours a day"),
            "value": None,
            "low": None,
            "high": None,
            "unit": "%",
            "asked": "≥ 95%",
            "state": "none",
            "word": "",
        },
    ]


def _stations() -> list[dict[str, Any]]:
    return [
        {
            "label": _("Demand"),
            "value": 312,
            "unit": pgettext("unit", "skills"),
            "note": _("gap 1,840 ± 120 people"),
            "href": "#ribbon",
            "trend": [3, 5, 4, 8, 9, 11, 13],
        },
        {
            "label": _("Curriculum · CRI"),
            "value": 61.4,
            "low": 58.9,
            "high": 63.7,
            "note": _("9 units cost 7.2"),
            "href": "#ribbon",
            "trend": [50, 51, 54, 54, 58, 59, 61.4],
        },
        {
            "label": _("Training"),
            "value": 286,
            "unit": _("of 300 seats"),
            "note": _("14 students unplaced"),
            "state": "warn",
            "href": "#ribbon",
            "trend": [120, 150, 180, 210, 240, 270, 286],
        },
        {
            "label": _("Credentials"),
            "value": 1204,
            "unit": _("issued"),
            "note": _("all verifiable offline"),
            "href": "#ribbon",
            "trend": [2, 90, 90, 320, 600, 700, 1204],
        },
        {
            "label": _("Outcomes · retention"),
            "value": 78.6,
            "unit": "%",
            "low": 74,
            "high": 83,
            "decimals": 1,
            "note": _("12 months, n = 418"),
            "href": "#ribbon",
            "trend": [76, None, 77, 76.5, 78, 78, 78.6],
        },
        {
            "label": _("Evaluation"),
            "value": 3,
            "unit": _("maturity level"),
            "note": _("1 improvement verified, 1 refuted"),
            "href": "#ribbon",
            "trend": [2, 2, 2, 3, 3, 3, 3],
        },
    ]


def _indicators() -> list[dict[str, Any]]:
    names = [
        _("Hours given by firms"),
        _("Technology transferred"),
        _("Fitness for employment"),
        _("Courses renewed"),
        _("Depth of participation"),
        _("Technical standard met"),
        _("Retention"),
        _("Satisfaction"),
    ]
    numbers = [
        (62, 55, 69),
        (28, 16, 41),
        (71, 66, 77),
        (None, None, None),
        (79, 73, 85),
        (73, 65, 82),
        (84, 79, 92),
        (68, 60, 75),
    ]
    return [
        {
            "label": name,
            "value": value,
            "low": low,
            "high": high,
            "band_low": 40,
            "band_high": 90,
            "target": 70,
            "href": "#charts",
        }
        for name, (value, low, high) in zip(names, numbers, strict=True)
    ]


def _months() -> list[str]:
    return [f"{2025 + month // 12}-{month % 12 + 1:02d}" for month in range(6, 23)]


def _charts() -> dict[str, Any]:
    postings = [210, 235, 228, 261, 290, None, 302, 318, 341, 336, 372, 391, 405, 398, 431, 452, 470]
    fitted = [200, 219, 238, 256, 274, 290, 306, 322, 339, 353, 369, 385, 400, 414, 428, 441, 455]
    return {
        "months": _months(),
        "trend": [
            {"label": _("Postings"), "values": postings},
            {"label": _("Fitted"), "values": fitted, "low": [v - 22 for v in fitted], "high": [v + 22 for v in fitted]},
        ],
        "bars": [
            {"label": "Verilog", "value": 412, "low": 388, "high": 437, "href": "#charts"},
            {"label": _("Signal integrity"), "value": 286, "low": 262, "high": 311, "href": "#charts"},
            {"label": "C++", "value": 655, "low": 621, "high": 690, "href": "#charts"},
            {"label": _("Embedded Linux"), "value": 371, "low": 344, "high": 399, "href": "#charts"},
            {"label": _("Wafer-level packaging"), "value": 118, "low": 99, "high": 139, "href": "#charts"},
            {"label": _("Optical module testing"), "value": None, "note": _("no postings in this period")},
        ],
        "indicators": _indicators(),
        "axes": [_("Goals"), _("Curriculum"), _("Mentors"), _("Practice"), _("Outcomes"), _("Governance")],
        "maturity": [
            {"label": _("This year"), "values": [3, 4, 2, 3, 4, 3]},
            {"label": _("Last year"), "values": [2, 3, 2, 2, 3, 3]},
        ],
        "heat_rows": ["Verilog", _("Signal integrity"), "C++", _("Embedded Linux")],
        "heat_columns": ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08"],
        "heat_values": [
            [12, 18, 22, 31, 35, 41],
            [4, 6, None, 11, 12, 15],
            [40, 44, 47, 52, 58, 66],
            [9, 9, 13, 17, 16, 20],
        ],
        "tasks": [
            {
                "label": _("Rotation A · wafer test"),
                "start": date(2026, 9, 1),
                "end": date(2026, 10, 12),
                "state": "ok",
            },
            {
                "label": _("Rotation B · packaging line"),
                "start": date(2026, 10, 13),
                "end": date(2026, 12, 4),
                "state": "progress",
            },
            {
                "label": _("Rotation C · reliability lab"),
                "start": date(2026, 12, 7),
                "end": date(2027, 1, 22),
                "state": "none",
            },
            {
                "label": _("Delayed: antenna chamber"),
                "start": date(2026, 11, 16),
                "end": date(2027, 2, 5),
                "state": "warn",
            },
        ],
        "flows": [
            {"source": _("Applied"), "target": _("Matched"), "value": 286},
            {"source": _("Applied"), "target": _("Unplaced"), "value": 14},
            {"source": _("Matched"), "target": _("Certified"), "value": 241},
            {"source": _("Matched"), "target": _("Stopped"), "value": 45},
            {"source": _("Certified"), "target": _("Employed in the chain"), "value": 172},
            {"source": _("Certified"), "target": _("Employed elsewhere"), "value": 69},
        ],
        "arc_nodes": [
            {"label": _("Chain leader"), "note": "A", "strong": True},
            {"label": _("Member enterprise"), "note": "B"},
            {"label": _("Customer"), "note": "C"},
        ],
        "arc_links": [
            {"source": 1, "target": 0, "label": _("Radio modules")},
            {"source": 0, "target": 2, "label": _("Industrial gateways")},
        ],
    }


def _lists() -> dict[str, Any]:
    return {
        "waiting": [
            {
                "title": _("2 agreements wait for the second signatory"),
                "text": _("reminded twice; can be handed over"),
                "due": _("today"),
                "state": "bad",
                "url": "#lists",
            },
            {
                "title": _("14 students are unplaced"),
                "text": _("9 would accept a neighbouring city"),
                "due": _("3 days"),
                "url": "#lists",
            },
            {
                "title": _("9 units were not renewed for six months"),
                "text": _("renewal would raise CRI by 4.1"),
                "due": _("12 days"),
                "url": "#lists",
                "action_label": _("Hand over"),
                "action_url": "#lists",
            },
        ],
        "facts": [
            (_("Chain leader"), _("Example Microelectronics Ltd. (invented)")),
            {
                "label": _("Agreement"),
                "value": "2026-09-01 – 2028-08-31",
                "note": _("amended 2026-10-15"),
                "href": "#lists",
            },
            (_("Second signatory"), None),
        ],
        "events": [
            {"time": "2026-11-22 09:14", "actor": _("Lin Lan"), "title": _("Position approved"), "url": "#lists"},
            {
                "time": "2026-11-20 16:02",
                "actor": _("Zhou Ming"),
                "title": _("Hours refused"),
                "text": _("The log names no work product."),
                "state": "bad",
            },
            {"time": "2026-11-18 08:30", "title": _("Import finished"), "text": _("320 rows, 3 left out")},
        ],
        "steps": [
            {"label": _("Upload"), "state": "done", "url": "#lists"},
            {"label": _("Check rows"), "state": "current", "note": _("3 rows are wrong")},
            {"label": _("Write"), "state": "todo"},
        ],
        "tabs": [
            {"label": _("Overview"), "url": "#lists", "current": True},
            {"label": _("Postings"), "url": "#lists", "count": 412},
            {"label": _("Requirements"), "url": "#lists", "count": 0},
        ],
    }


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show every component; open to everyone, because nothing in it is real."""
    wrong = ExampleForm(
        {"name": "", "e_mail": "lin@", "seats": "0", "region": "gz", "shift": "day"}, auto_id="wrong_%s"
    )
    paginator = Paginator(range(412), 20)
    text = _("Familiar with Verilog and timing closure; experience with high-speed PCB design is a plus.")
    words = (
        ("Verilog", "ok", "S1.042"),
        (_("timing closure"), "", "S1.057"),
        (_("high-speed PCB design"), "warn", "0.61"),
    )
    spans = [
        {"start": text.find(word), "end": text.find(word) + len(word), "kind": kind, "label": label}
        for word, kind, label in words
        if word in text
    ]
    context: dict[str, Any] = {
        **_charts(),
        **_lists(),
        "obligations": _obligations(),
        "stations": _stations(),
        "form": ExampleForm(initial={"region": "sz", "shift": "day"}),
        "wrong_form": wrong,
        "filter_form": ExampleFilter(request.GET or None, auto_id="filter_%s"),
        "page": paginator.get_page(request.GET.get("page", 3)),
        "text": text,
        "spans": spans,
        "today": date(2026, 11, 22),
    }
    return render(request, "style.html", context)
