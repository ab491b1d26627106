"""Forms of the mentors app; what they ask is checked by the services."""

from datetime import MAXYEAR, date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort, CohortMembership, Organisation, OrganisationKind, Region
from ronghe.apps.mentors.models import Benchmark, FeeStandard, MentorKind, Qualification, Title, TrainingPlan
from ronghe.apps.mentors.services.hours import MOST_A_DAY


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, by the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **options)


def _days(*names: str) -> dict[str, forms.Widget]:
    return {name: forms.DateInput(attrs={"type": "date"}) for name in names}


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ByEmail(forms.EmailField):
    """Somebody who signs in, by their address; the page suggests those one may mean (`choose_person.html`)."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.EmailInput(attrs={"list": "people", "autocomplete": "off"})
        super().__init__(widget=widget, help_text=_("Begin to type a name and choose."), **kwargs)

    def clean(self, value: Any) -> Any:
        address = super().clean(value)
        if not address:
            return None
        person = Person.objects.filter(email=address.lower(), is_active=True).first()
        if person is None:
            raise ValidationError(_("Nobody signs in with this address. The office adds people."))
        return person


class StudentField(forms.CharField):
    """A student, by address or student number."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if "@" in text:
            found = list(Person.objects.filter(email=text.lower(), is_active=True))
        else:
            enrolled = CohortMembership.objects.known().filter(student_number=text).order_by().values("person")
            found = list(Person.objects.filter(pk__in=enrolled))
        if len(found) != 1:
            raise ValidationError(_("Exactly one student must have this number or address."))
        return found[0]


class MentorFilter(forms.Form):
    """Which mentors to list."""

    text = forms.CharField(label=_("Name, pinyin or organisation"), required=False)
    kind = forms.ChoiceField(label=_("Kind of mentor"), required=False, choices=[("", _("All")), *MentorKind.choices])
    free = forms.BooleanField(label=_("With a free slot today"), required=False)


class AppointForm(forms.Form):
    """A mentor to appoint."""

    person = ByEmail(label=_("E-mail address of the person"))
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"))
    kind = forms.ChoiceField(label=_("Kind of mentor"), choices=MentorKind.choices)
    title = forms.ChoiceField(label=_("Professional title"), choices=Title.choices, required=False)
    valid_from = day_field(_("Valid from"), initial=timezone.localdate)
    valid_until = day_field(_("First day without it"), required=False)

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """The day from which an appointment no longer holds."""

    on = day_field(_("First day without it"), initial=timezone.localdate)


class ProfileForm(forms.Form):
    """What a mentor brings."""

    languages = forms.CharField(
        label=_("Languages"),
        max_length=120,
        required=False,
        help_text=_("Separated by commas, for example: Chinese, English."),
    )
    strengths = forms.CharField(label=_("Can guide in"), max_length=300, required=False, widget=_area(2))
    overseas_months = forms.IntegerField(
        label=_("Months of research and development abroad"), min_value=0, max_value=600, initial=0
    )
    overseas_note = forms.CharField(
        label=_("Where, and at what"),
        max_length=300,
        required=False,
        help_text=_("Needed as soon as months are given."),
    )


class QualificationForm(forms.ModelForm[Qualification]):
    """A paper of a mentor."""

    class Meta:
        model = Qualification
        fields = ("name_zh", "name_en", "issuer", "number", "issued_on", "expires_on", "evidence", "is_needed")
        widgets = _days("issued_on", "expires_on")

    def __init__(self, *args: Any, renews: Qualification | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if renews is not None:
            del self.fields["is_needed"]

    def _post_clean(self) -> None:
        """The service checks the model, with the person it is about."""


class OfferForm(forms.Form):
    """Load and terms for a mentor."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"), empty_label=None)
    load = forms.IntegerField(label=_("Trainees at a time, at most"), min_value=1, max_value=400, initial=5)
    intellectual_property = forms.CharField(
        label=_("Rights to what is made"),
        max_length=2000,
        widget=_area(4),
        help_text=_("Who owns what mentor and trainee make together, and who is named."),
    )
    insurance = forms.CharField(
        label=_("Insurance"), max_length=2000, widget=_area(4), help_text=_("What is insured, and who pays for it.")
    )
    valid_from = day_field(_("Valid from"), initial=timezone.localdate)
    valid_until = day_field(_("First day without it"), required=False)

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why something is refused or ended."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=_area())


class LimitForm(forms.Form):
    """How many trainees a mentor guides at a time."""

    trainees = forms.IntegerField(label=_("Trainees at a time, at most"), min_value=1, max_value=400)
    clause = forms.CharField(
        label=_("Clause"), max_length=300, help_text=_("Where it was decided: document and paragraph.")
    )
    valid_from = day_field(_("Valid from"), initial=timezone.localdate)


class SlotForm(forms.Form):
    """A student for a mentor."""

    student = StudentField(label=_("Student"), help_text=_("E-mail address or student number."))
    first_day = day_field(_("First day"), initial=timezone.localdate)
    last_day = day_field(_("Last day"))
    cause = forms.CharField(label=_("What it is for"), max_length=200)


class FreeForm(forms.Form):
    """The last day of a slot."""

    last_day = day_field(
        _("Last day"),
        initial=timezone.localdate,
        help_text=_("A day before its first: the slot was never used."),
    )


class StandardForm(forms.ModelForm[FeeStandard]):
    """A fee standard, as a proposal."""

    class Meta:
        model = FeeStandard
        fields = ("name_zh", "name_en", "kind", "title", "amount", "clause", "valid_from", "valid_until")
        widgets = _days("valid_from", "valid_until")

    def _post_clean(self) -> None:
        """The service checks the model, with the person who proposes."""


class StandardEndForm(forms.Form):
    """The day from which a standard pays nothing."""

    valid_until = day_field(_("First day without the standard"), initial=timezone.localdate)


class BenchmarkForm(forms.ModelForm[Benchmark]):
    """What a class hour is paid elsewhere."""

    class Meta:
        model = Benchmark
        fields = ("kind", "region", "amount", "source", "valid_from")
        widgets = _days("valid_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["region"]
        field.queryset, field.empty_label = Region.objects.all(), _("Every region")

    def _post_clean(self) -> None:
        """The service checks the model, with the person who sets it."""


class HoursForm(forms.Form):
    """Class hours that were given."""

    taught_on = day_field(_("Date"), initial=timezone.localdate)
    starts_at = forms.TimeField(label=_("Begins at"), widget=forms.TimeInput(attrs={"type": "time"}))
    class_hours = forms.DecimalField(
        label=_("Class hours"),
        max_digits=4,
        decimal_places=1,
        min_value=0,
        max_value=MOST_A_DAY,
        help_text=_("In halves; a class hour is 45 minutes."),
    )
    subject = forms.CharField(label=_("What was taught"), max_length=200)
    university = forms.ModelChoiceField(Organisation.objects.none(), label=_("University"), empty_label=None)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("As a mentor of"), required=False, empty_label=_("The only one")
    )
    cohort = forms.ModelChoiceField(Cohort.objects.none(), label=_("Cohort"), required=False, empty_label=_("None"))
    cause = forms.CharField(
        label=_("What it is for"), max_length=200, required=False, help_text=_("A placement, a project, a course.")
    )

    def __init__(
        self, *args: Any, universities: Any, mentors: Any = None, organisations: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if mentors is not None:
            chosen = forms.ModelChoiceField(mentors, label=_("Mentor"))
            self.fields = {"mentor": chosen, **self.fields}
        self.fields["university"].queryset = universities  # type: ignore[attr-defined]
        self.fields["cohort"].queryset = Cohort.objects.filter(organisation__in=universities)  # type: ignore[attr-defined]
        if organisations is None or len(organisations) < 2:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class HourFilter(forms.Form):
    """Which hours to list."""

    state = forms.ChoiceField(label=_("State"), required=False)
    month = forms.CharField(
        label=_("Month"), required=False, widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-09"})
    )

    def __init__(self, *args: Any, states: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("All")), *states]  # type: ignore[attr-defined]

    def clean_month(self) -> date | None:
        return month_from(self.cleaned_data.get("month") or "")


def month_from(text: str) -> date | None:
    """The first day of a month written as 2026-09; None when nothing is written. Raises ValidationError."""
    if not text.strip():
        return None
    try:
        month = date.fromisoformat(f"{text.strip()}-01")
    except ValueError:
        month = date.max
    # The calendar's last year has no month after it to count up to.
    if month.year == MAXYEAR:
        raise ValidationError(_("Write a month such as 2026-09."))
    return month


class MonthForm(forms.Form):
    """A month to issue statements of."""

    month = forms.CharField(label=_("Month"), widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-09"}))

    def clean_month(self) -> date | None:
        return month_from(self.cleaned_data.get("month") or "")


class DisputeForm(forms.Form):
    """What is wrong with a line."""

    text = forms.CharField(
        label=_("What is wrong"), max_length=1000, widget=_area(4), help_text=_("And what would be right.")
    )


class AnswerForm(forms.Form):
    """What the office found; with the right figures the line is corrected."""

    answer = forms.CharField(label=_("Answer"), max_length=1000, widget=_area(4))
    class_hours = forms.DecimalField(
        label=_("Right class hours"),
        max_digits=4,
        decimal_places=1,
        min_value=0,
        required=False,
        help_text=_("Empty: as the line says."),
    )
    rate = forms.DecimalField(
        label=_("Right yuan a class hour"),
        max_digits=8,
        decimal_places=2,
        min_value=0,
        required=False,
        help_text=_("Empty: as the line says."),
    )


class PlanForm(forms.ModelForm[TrainingPlan]):
    """A training plan of a teacher."""

    class Meta:
        model = TrainingPlan
        fields = ("university", "host", "aims", "first_day", "last_day", "planned_days")
        widgets: dict[str, forms.Widget] = {**_days("first_day", "last_day"), "aims": _area()}

    def __init__(self, *args: Any, universities: Any, by_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        university: Any = self.fields["university"]
        university.queryset, university.empty_label = universities, None
        firms = Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE)
        self.fields["host"].queryset = firms  # type: ignore[attr-defined]
        if by_email:
            self.fields = {"teacher": ByEmail(label=_("E-mail address of the teacher")), **self.fields}

    def _post_clean(self) -> None:
        """The service checks the model, with the teacher it is for."""


class StayForm(forms.Form):
    """Days with the host firm."""

    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    days = forms.IntegerField(label=_("Days there"), min_value=1)
    report = forms.CharField(label=_("What was done"), max_length=2000, widget=_area(5))


class CertifyForm(forms.Form):
    """A certificate to grant."""

    number = forms.CharField(label=_("Number of the certificate"), max_length=60)
    granted_on = day_field(_("Granted on"), initial=timezone.localdate)
    expires_on = day_field(_("Valid through"))


class CertificationEndForm(ReasonForm):
    """From when a certificate holds no longer, and why."""

    on = day_field(_("First day without it"), initial=timezone.localdate)


class SatisfactionForm(forms.Form):
    """How satisfied a teacher is."""

    score = forms.TypedChoiceField(
        label=_("How satisfied are you with this training?"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[
            (5, _("5 – very satisfied")),
            (4, _("4 – satisfied")),
            (3, _("3 – neither")),
            (2, _("2 – dissatisfied")),
            (1, _("1 – very dissatisfied")),
        ],
    )
