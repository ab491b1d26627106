"""Forms of weekly evidence and of assessments; what they ask is checked by the services."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.curriculum.models import Declaration, Unit
from ronghe.apps.curriculum.models.versions import in_force
from ronghe.apps.demand.forms import SKILL_LEVELS
from ronghe.apps.training.files import Seen, see
from ronghe.apps.training.forms import text_field
from ronghe.apps.training.models import Entry, Placement, Verdict
from ronghe.apps.training.services import Work


class WorkForm(forms.Form):
    """What was done in a week."""

    text = forms.CharField(
        label=_("What you did"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What you made, measured or found. Whoever confirms it was there and reads this."),
    )
    hours = forms.DecimalField(label=_("Hours"), max_digits=5, decimal_places=2, min_value=Decimal(0))
    commit_url = forms.CharField(
        label=_("Commit"),
        max_length=500,
        required=False,
        help_text=_("The address of the commit itself, with its whole hash."),
    )
    file = forms.FileField(
        label=pgettext_lazy("training", "File"),
        required=False,
        help_text=_("PDF, PNG, JPEG, Office, ZIP or text; 20 MB at most. Put several files into one archive."),
    )
    unit = forms.ModelChoiceField(
        label=_("Teaching unit"), queryset=Unit.objects.none(), required=False, empty_label=_("None")
    )

    def __init__(self, *args: Any, placement: Placement, most: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["unit"].queryset = units_of(placement)
        fields["hours"].help_text = _("At most %(hours)s in this week.") % {"hours": f"{most.normalize():f}"}

    def clean_file(self) -> list[Seen]:
        given: UploadedFile[bytes] | None = self.cleaned_data.get("file")
        if not given:
            return []
        try:
            return [see(given, given.name or "")]  # type: ignore[arg-type]
        except ValidationError as error:
            raise forms.ValidationError(error.messages) from error

    def work(self, data: Mapping[str, Any]) -> Work:
        """What was typed, as the service takes it."""
        return Work(
            text=data["text"],
            hours=data["hours"],
            commit_url=data["commit_url"],
            unit=data["unit"],
            files=data["file"],
        )


def units_of(placement: Placement) -> Any:
    """Units that fit a placement: those that the position practises, else those taught in the student's programmes."""
    if placement.person is None:
        return Unit.objects.none()
    open_ = Unit.objects.visible_to(placement.person).filter(**in_force(timezone.localdate(), prefix="version__"))
    of_position = open_.filter(positions=placement.position_id) if placement.position_id else Unit.objects.none()
    if of_position.exists():
        return of_position.distinct().order_by("name_zh", "pk")
    taught = open_.filter(version__package__course__programme__cohorts__memberships__person=placement.person_id)
    return taught.distinct().order_by("version__package__course__code", "position", "pk")


class DecideForm(forms.Form):
    """What a second party says of an entry; the button pressed says which."""

    verdict = forms.ChoiceField(
        choices=[(one.value, one.label) for one in (Verdict.CONFIRMED, Verdict.RETURNED, Verdict.ASKED)],
        widget=forms.HiddenInput(),
        required=False,
    )
    comment = text_field(
        _("Comment"), 2000, required=False, help_text=_("Needed when you return it or ask; the student reads it.")
    )
    entry = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    def clean_verdict(self) -> str:
        said: str = self.cleaned_data["verdict"]
        if not said:
            raise forms.ValidationError(_("Confirm it, return it, or ask."))
        return said


class OpenAssessmentForm(forms.Form):
    """The unit that is assessed."""

    unit = forms.ModelChoiceField(label=_("Teaching unit"), queryset=Unit.objects.none())

    def __init__(self, *args: Any, placement: Placement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fitting = units_of(placement).filter(declarations__isnull=False).distinct()
        self.fields["unit"].queryset = fitting  # type: ignore[attr-defined]


LEVELS = [("0", _("0 · not shown")), *SKILL_LEVELS]


class LevelsForm(forms.Form):
    """The level seen of each skill that a unit declares."""

    def __init__(self, *args: Any, declared: list[Declaration], with_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.declared = declared
        for one in declared:
            self.fields[f"skill_{one.skill_id}"] = forms.TypedChoiceField(
                label=one.skill.name,
                choices=[("", _("Choose a level")), *LEVELS],
                coerce=int,
                help_text=_("The unit asks for level %(level)s.") % {"level": one.skill_level},
            )
        if with_reason:
            self.fields["reason"] = text_field(_("Reason"), 500)
        else:
            self.fields["comment"] = text_field(_("Comment"), 500, required=False)

    def levels(self, data: Mapping[str, Any]) -> dict[int, int]:
        """What was chosen, by skill."""
        return {one.skill_id: data[f"skill_{one.skill_id}"] for one in self.declared}


def initial_of(entry: Entry | None) -> dict[str, Any]:
    """What a correction begins with."""
    if entry is None:
        return {}
    return {"text": entry.text, "hours": entry.hours, "commit_url": entry.commit_url, "unit": entry.unit_id}
