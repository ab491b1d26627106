"""Forms of the work on tasks of order classes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ronghe.apps.positions.models import Acceptance


class HandInForm(forms.Form):
    """What a student shows of a task."""

    evidence = forms.CharField(
        label=_("What shows the work"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What was made, where it stands, which figures it reached."),
    )
    link = forms.URLField(label=_("Link to the work"), max_length=500, required=False, assume_scheme="https")


class DecideWorkForm(forms.Form):
    """Which criteria the work met."""

    met = forms.TypedMultipleChoiceField(
        label=_("Criteria met"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    comment = forms.CharField(
        label=_("Word to the student"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, work: Acceptance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["met"].choices = list(enumerate(work.criteria))
