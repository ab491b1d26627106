"""The window a person asks a metric about."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.metrics.measurement import Window

# The calendar has a day before and after these, in every time zone.
EARLIEST, LATEST = date(1900, 1, 1), date(9000, 1, 1)


def _a_year_before(day: date) -> date:
    return day - timedelta(days=365) if day > EARLIEST else day


class WindowForm(forms.Form):
    """First and last day, and optionally the day as of whose knowledge the past is told."""

    start = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    known = forms.DateField(
        label=_("As it was known on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["end"] = data.get("end") or timezone.localdate()
        data["start"] = data.get("start") or _a_year_before(data["end"])
        if data["start"] > data["end"]:
            self.add_error("start", _("The first day comes after the last one."))
        return data

    def window(self) -> Window:
        """The window asked for; the last year when nothing, or nothing sensible, was asked."""
        if not self.is_valid():
            today = timezone.localdate()
            return Window(today - timedelta(days=365), today)
        data = self.cleaned_data
        known_at = None
        if known := data.get("known"):
            known_at = timezone.make_aware(datetime.combine(min(known, LATEST) + timedelta(days=1), time.min))
        return Window(data["start"], data["end"], known_at)
