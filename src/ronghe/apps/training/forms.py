"""Forms of placements: what is planned and how it runs. What they ask is checked by the services."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement, AgreementKind
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.mentors.models import Appointment
from ronghe.apps.training.models import (
    AbsenceKind,
    Placement,
    PlacementState,
    RelationKind,
    Severity,
    SupervisionKind,
)
from ronghe.apps.training.services.history import known_stays
from ronghe.apps.training.services.planning import university_of


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, by the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **options)


def text_field(label: Any, most: int, **options: Any) -> forms.CharField:
    """A few sentences."""
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": 4}), **options)


class PersonChoice(forms.ModelChoiceField[Person]):
    """A person by name, with what tells people of one name apart."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.email}"


class FilterForm(forms.Form):
    """Which placements a list shows."""

    text = forms.CharField(label=_("Student or work"), max_length=80, required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *PlacementState.choices], required=False)


class StartForm(forms.Form):
    """The day on which the student began."""

    on = day_field(_("First day at work"))
    because = text_field(
        _("Why it began without a three-party agreement"),
        300,
        required=False,
        help_text=_("Only if it has begun in fact. Such starts are counted and shown to the reviewer."),
    )

    def __init__(self, *args: Any, placement: Placement, may_lack_agreement: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = min(timezone.localdate(), max(placement.starts_on, timezone.localdate()))
        if not may_lack_agreement:
            del self.fields["because"]


class PauseForm(forms.Form):
    """From when the work rests, and why."""

    on = day_field(_("From"))
    reason = text_field(_("Reason"), 300)


class ResumeForm(forms.Form):
    """From when the work goes on."""

    on = day_field(_("From"))


class StopForm(forms.Form):
    """The last day of the work, and why it ends before its time."""

    last_day = day_field(_("Last day at work"))
    reason = text_field(_("Reason"), 500)


class SupervisorForm(forms.Form):
    """Who looks after a placement from a day on."""

    person = PersonChoice(label=_("Person"), queryset=Person.objects.none())
    on = day_field(_("From"))

    def __init__(self, *args: Any, placement: Placement, kind: SupervisionKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = max(placement.starts_on, timezone.localdate())
        if kind == SupervisionKind.MENTOR:
            where = {stay.organisation_id for stay in known_stays(placement)}
            fitting: Any = Appointment.objects.on(day).filter(organisation__in=where)
        else:
            university = university_of(placement.person, placement.starts_on)
            fitting = Role.objects.on(timezone.localdate()).filter(kind=RoleKind.TEACHER, organisation=university)
        fields: Any = self.fields
        fields["person"].queryset = Person.objects.filter(pk__in=fitting.values("person")).order_by("name_latin", "pk")
        is_planned = placement.state == PlacementState.PLANNED
        fields["on"].initial = placement.starts_on if is_planned else min(day, placement.ends_on)


class AgreementForm(forms.Form):
    """A three-party agreement that was drafted or signed already."""

    agreement = forms.ModelChoiceField(label=_("Three-party agreement"), queryset=Agreement.objects.none())

    def __init__(self, *args: Any, user: Any, placement: Placement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Agreement.objects.visible_to(user).filter(
            kind=AgreementKind.THREE_PARTY, parties__person=placement.person_id
        )
        self.fields["agreement"].queryset = found.order_by("-created_at")  # type: ignore[attr-defined]


class PaperForm(forms.Form):
    """An agreement that was signed on paper."""

    number = forms.CharField(label=_("Number of the paper"), max_length=60)
    signed_on = day_field(_("Signed by all on"))


class PriorWorkForm(forms.Form):
    """Work before the studies, from a paper."""

    months = forms.IntegerField(label=_("Months of work in enterprises before the studies"), min_value=0, max_value=600)
    paper = forms.CharField(
        label=_("Proven by"), max_length=200, help_text=_("Such as the record of social insurance, with its number.")
    )


class AbsenceForm(forms.Form):
    """Days away."""

    kind = forms.ChoiceField(label=_("Kind of absence"), choices=AbsenceKind.choices)
    first_day = day_field(_("First day"), initial=timezone.localdate)
    last_day = day_field(_("Last day"), initial=timezone.localdate)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class IncidentForm(forms.Form):
    """What went wrong."""

    severity = forms.TypedChoiceField(
        label=_("How bad it is"),
        choices=Severity.choices,
        coerce=int,
        help_text=_("Minor: answered within seven days. Serious: two days. Grave: twelve hours."),
    )
    happened_on = day_field(_("Happened on"), initial=timezone.localdate)
    what = text_field(_("What went wrong"), 2000)


class AnswerForm(forms.Form):
    """What is done, or what is answered."""

    answer = text_field(pgettext_lazy("training", "Answer"), 2000)


class OutcomeForm(forms.Form):
    """How an incident ended."""

    outcome = text_field(_("How it ended"), 2000)


class RelationForm(forms.Form):
    """Somebody for whom one does not confirm, and who does not confirm for oneself."""

    email = forms.EmailField(label=_("E-mail address of the other person"))
    kind = forms.ChoiceField(label=_("Relation"), choices=RelationKind.choices)

    def clean_email(self) -> Person:
        found = Person.objects.filter(Q(email=self.cleaned_data["email"].lower()), is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody here has this address. Ask the person which one is used."))
        return found
