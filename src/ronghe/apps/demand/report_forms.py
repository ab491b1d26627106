"""What the office fills in for a demand round."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.demand import selectors
from ronghe.apps.demand.forms import day_input
from ronghe.apps.demand.models import DemandRound, Panel, PanelState, SkillField
from ronghe.apps.demand.services import RoundData

_NAMES = ("name_zh", "name_en", "first_day", "last_day", "field", "panel")


class RoundForm(forms.Form):
    """What a round looks at. `revision` is the one that an amendment starts from."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    first_day = forms.DateField(label=_("First day"), widget=day_input())
    last_day = forms.DateField(label=_("Last day"), widget=day_input())
    field = forms.ModelChoiceField(
        SkillField.objects.filter(retired_at__isnull=True),
        label=_("Field"),
        required=False,
        empty_label=_("All fields"),
    )
    panel = forms.ModelChoiceField(
        Panel.objects.exclude(state=PanelState.DRAFT),
        label=_("Panel of experts"),
        required=False,
        empty_label=_("None"),
        help_text=_("Its closed rounds become part of the white paper."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, round: DemandRound | None = None) -> None:
        if round is not None:
            initial = {name: getattr(round, name) for name in (*_NAMES, "revision")}
        else:
            window = selectors.default_window()
            initial = {"first_day": window.start, "last_day": min(window.end, timezone.localdate())}
        super().__init__(data, initial=initial)

    @property
    def data_of_round(self) -> RoundData:
        """The round as the service takes it, once the form is valid."""
        return RoundData(**{name: self.cleaned_data[name] for name in _NAMES})
