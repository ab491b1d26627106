"""Forms of the credit bank; what they ask is checked by the services."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community.models import CohortMembership, Organisation
from ronghe.apps.credits.models import ConversionRule, Partner
from ronghe.apps.credits.services.achievements import CLAIMABLE
from ronghe.apps.credits.transfers import LARGEST
from ronghe.apps.curriculum.models import Programme


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, by the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **options)


class ClaimForm(forms.Form):
    """What a student achieved where no station of the platform saw it."""

    source = forms.ChoiceField(label=_("What it is"))
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    quantity = forms.DecimalField(
        label=_("Quantity"),
        max_digits=8,
        decimal_places=2,
        help_text=_("Hours of practice; for a certificate write 1."),
    )
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    host = forms.ModelChoiceField(
        label=_("Enterprise where it was earned"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("None"),
        help_text=_("Its HR or a mentor can then confirm it; otherwise a teacher of your university does."),
    )
    evidence = forms.CharField(
        label=_("Supporting evidence"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What shows it: a document, a link to a commit, whom to ask."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(one.value, one.label) for one in CLAIMABLE]  # type: ignore[attr-defined]
        self.fields["host"].queryset = Organisation.objects.filter(kind="enterprise")  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why something is refused or undone."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class RuleForm(forms.ModelForm[ConversionRule]):
    """A rule of conversion, as a proposal."""

    class Meta:
        model = ConversionRule
        fields = (
            "name_zh", "name_en", "source", "programme", "per", "credits", "step", "most_a_year", "is_practice",
            "months_valid", "clause", "valid_from", "valid_until",
        )  # fmt: skip
        widgets = {
            "valid_from": forms.DateInput(attrs={"type": "date"}),
            "valid_until": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, programmes: Any, needs_programme: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["programme"]
        field.queryset, field.required = programmes, needs_programme
        field.empty_label = None if needs_programme else _("Every programme")
        self.fields["valid_from"].initial = timezone.localdate()

    def _post_clean(self) -> None:
        """The service checks the model, with the person who proposes."""


class EndForm(forms.Form):
    """The day from which a rule converts nothing."""

    valid_until = day_field(_("First day without the rule"))


class TargetForm(forms.Form):
    """What a programme asks for."""

    credits = forms.DecimalField(label=_("Credits to earn"), max_digits=6, decimal_places=2, min_value=1)
    practice_share = forms.DecimalField(
        label=_("Practice credit share"),
        max_digits=4,
        decimal_places=3,
        min_value=0,
        max_value=1,
        initial="0.3",
        help_text=_("0.3 means thirty in a hundred credits."),
    )
    valid_from = day_field(_("From"))


class SendForm(forms.Form):
    """Credits of a student for another institution."""

    partner = forms.ModelChoiceField(label=_("Institution"), queryset=Partner.objects.none())
    credits = forms.DecimalField(label=_("Credits"), max_digits=8, decimal_places=2)
    is_practice = forms.BooleanField(label=_("Practice credits"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        confirmed = Partner.objects.filter(confirmed_by_uid__isnull=False, ended_on__isnull=True)
        self.fields["partner"].queryset = confirmed  # type: ignore[attr-defined]


class TakeOverForm(forms.Form):
    """The statement of another institution, and whose credits they become."""

    statement = forms.FileField(label=_("Statement"), help_text=_("The file that the other institution made."))
    student_number = forms.CharField(label=_("Student number"), max_length=30)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file, number = data.get("statement"), data.get("student_number")
        if file is not None and file.size > LARGEST:
            self.add_error("statement", _("This is too large for a statement."))
        if number:
            found = {
                one.person_id: one.person
                for one in CohortMembership.objects.known().filter(student_number=number).select_related("person")
            }
            if len(found) != 1:
                self.add_error("student_number", _("Exactly one student must have this number."))
            else:
                data["student"] = next(iter(found.values()))
        return data


class PartnerForm(forms.Form):
    """Another institution and the key of its log."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    log_key = forms.CharField(
        label=_("Key of its log"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One line, name+id+key, as its log page has it."),
    )


class RedeemForm(forms.Form):
    """Credits of a student, used for a programme."""

    programme = forms.ModelChoiceField(label=_("Programme"), queryset=Programme.objects.none())
    credits = forms.DecimalField(label=_("Credits"), max_digits=8, decimal_places=2)

    def __init__(self, *args: Any, programmes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]
