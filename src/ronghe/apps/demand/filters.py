"""What the lists of demand can be narrowed by. A value that is not on offer is named at its field and left out."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community.models import Organisation
from ronghe.apps.demand import figures
from ronghe.apps.demand.figures import Scope
from ronghe.apps.demand.forms import SkillNameField, day_input
from ronghe.apps.demand.models import RequirementState
from ronghe.apps.demand.selectors import Catalogue, Choices, Label
from ronghe.apps.metrics.measurement import Window

_LONGEST = 120
_PERIODS = {"3": 3, "6": 6, "12": 12, "24": 24}
_ALL_MONTHS = "all"


def _search(label: Any, placeholder: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "search", "placeholder": placeholder, "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=_LONGEST, widget=widget)


class PlainSelect(forms.Select):
    """A select box written in one go: by a template for each option a hundred months take a tenth of a second."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(one) for one in self.format_value(value)}
        attributes = flatatt({**self.build_attrs(self.attrs, attrs), "name": name})
        written = format_html_join("", "{}", ((self._options(key, label, chosen),) for key, label in self.choices))
        return format_html("<select{}>{}</select>", attributes, written)

    def _options(self, key: Any, label: Any, chosen: set[str]) -> SafeString:
        if isinstance(label, list | tuple):
            inside = format_html_join("", "{}", ((self._options(inner, text, chosen),) for inner, text in label))
            return format_html('<optgroup label="{}">{}</optgroup>', key, inside)
        mark = SafeString(" selected") if str(key) in chosen else ""
        return format_html('<option value="{}"{}>{}</option>', key, mark, label)


def _choice(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, widget=PlainSelect)


def _named(labels: Sequence[Label]) -> list[tuple[str, str]]:
    return [(label.code, label.name) for label in labels]


class Filter(forms.Form):
    """A form that always has an answer: what was filled in wrongly counts as empty."""

    def _offer(self, name: str, choices: Iterable[Any], every: Any = None) -> None:
        self.fields[name].choices = [("", every or _("All")), *choices]  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for, without the fields that make no sense."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for at all."""
        return any(self.asked.values())


class PeriodFilter(Filter):
    """Which postings count: of a region, of a source, of whole months."""

    region = _choice(_("Region"))
    source = _choice(_("Source"))
    period = _choice(_("Period"))
    until = _choice(_("Up to"))

    def __init__(self, data: Any, offered: Choices) -> None:
        super().__init__(data)
        self.offered = offered
        months = [(name, name) for name in (f"{month:%Y-%m}" for month in reversed(offered.months))]
        periods = [("3", _("3 months")), ("6", _("6 months")), ("24", _("24 months")), (_ALL_MONTHS, _("All months"))]
        self._offer("region", [(region, region) for region in offered.regions])
        self._offer("source", [(str(key), name) for key, name in offered.sources])
        self._offer("period", periods, every=_("12 months"))
        self._offer("until", months, every=_("the latest month"))

    @property
    def scope(self) -> Scope:
        """Which postings are counted."""
        asked = self.asked
        return Scope(int(asked["source"]) if asked["source"] else None, asked["region"])

    @property
    def window(self) -> Window | None:
        """The whole months asked about; None for the default, and while there are no postings."""
        asked, months = self.asked, self.offered.months
        if not months or not (asked["period"] or asked["until"]):
            return None
        last = date.fromisoformat(f"{asked['until']}-01") if asked["until"] else months[-1]
        if asked["period"] == _ALL_MONTHS:
            return figures.month_window(months[0], last)
        first = figures.shift_month(last, 1 - _PERIODS.get(asked["period"], 12))
        return figures.month_window(max(first, months[0]), last)


class DemandFilter(PeriodFilter):
    """Skills by name, field and group, beside which postings count."""

    text = _search(_("Skill"), _("Chinese or English name"))
    field = _choice(_("Field"))
    group = _choice(_("Group"))

    field_order = ("text", "field", "group", "region", "source", "period", "until")

    def __init__(self, data: Any, offered: Choices, known: Catalogue) -> None:
        super().__init__(data, offered)
        field = str(self.data.get("field", ""))
        self._offer("field", _named(offered.fields))
        if any(label.code == field for label in offered.fields):
            self._offer("group", _named(known.groups_of(field)))
        else:
            self._offer("group", [(label.name, _named(known.groups_of(label.code))) for label in offered.fields])

    def full_clean(self) -> None:
        """A group of another field than the one just chosen is forgotten, not reproached."""
        super().full_clean()
        if "group" in self.errors and self.data.get("field"):
            del self.errors["group"]


class PostingFilter(Filter):
    """Postings by their words, skill, field, region, source, language, days, and whether duplicates are shown."""

    text = _search(_("Search"), _("Title, enterprise or text"))
    skill = SkillNameField(label=_("Asks for the skill"), required=False)
    field = _choice(_("Field"))
    region = _choice(_("Region"))
    source = _choice(_("Source"))
    language = _choice(_("Language"))
    since = forms.DateField(label=_("From"), required=False, widget=day_input())
    until = forms.DateField(label=_("To"), required=False, widget=day_input())
    duplicates = forms.BooleanField(label=_("Show duplicates too"), required=False)

    def __init__(self, data: Any, offered: Choices) -> None:
        super().__init__(data)
        self._offer("field", _named(offered.fields))
        self._offer("region", [(region, region) for region in offered.regions])
        self._offer("source", [(str(key), name) for key, name in offered.sources])
        self._offer("language", [("zh", _("Chinese")), ("en", _("English"))])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("since", _("The first day comes after the last one."))
        return data

    @property
    def window(self) -> Window | None:
        """The days asked about; None when neither end was named."""
        asked = self.asked
        if not asked["since"] and not asked["until"]:
            return None
        return Window(asked["since"] or date.min, asked["until"] or date.max)


class RequirementFilter(Filter):
    """Requirements by their words, state, field and, for those who see several enterprises, enterprise."""

    text = _search(_("Search"), _("Skill, enterprise or reason"))
    state = forms.ChoiceField(label=_("State"), required=False, widget=forms.HiddenInput)
    field = _choice(_("Field"))
    organisation = _choice(_("Enterprise"))

    def __init__(self, data: Any, fields: Sequence[Label], enterprises: Sequence[Organisation]) -> None:
        super().__init__(data)
        self._offer("state", RequirementState.choices)
        self._offer("field", _named(fields))
        if len(enterprises) > 1:
            self._offer("organisation", [(str(one.pk), one.name) for one in enterprises])
        else:
            del self.fields["organisation"]
