"""The filter of the page of events."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from ronghe.apps.ledger.event_types import all_types


def _kinds() -> list[tuple[str, StrOrPromise]]:
    return [("", _("Everything")), *((kind.name, kind.label) for kind in all_types())]


class EventFilter(forms.Form):
    """What happened, and to which record."""

    type = forms.ChoiceField(label=_("What happened"), required=False, choices=_kinds)
    subject = forms.CharField(label=_("Name of the record begins with"), required=False, max_length=200)
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
