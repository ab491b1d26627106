"""Forms of sites; what they ask is checked by the services."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import AcademicYear, Campus, Cohort, Organisation
from ronghe.apps.sites.models import Machine, MachineFamily, MachineTerms, Quota, Site, TeachingTerm
from ronghe.apps.sites.zones import AN_HOUR, clock, moment, parse_clock

WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, by the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **options)


def time_field(label: Any, **options: Any) -> forms.TimeField:
    """A time of day, by the browser's own picker."""
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget, **options)


class SpansField(forms.CharField):
    """Spans of a day such as "08:00-12:00, 14:00-22:00"; one that ends earlier than it begins ends the next day."""

    def to_python(self, value: Any) -> list[tuple[int, int]]:  # type: ignore[override]
        """Minutes of the day, in pairs."""
        text = super().to_python(value) or ""
        spans = []
        for part in text.replace("，", ",").replace("、", ",").replace("；", ",").split(","):
            if not part.strip():
                continue
            begins, separator, ends = part.replace("–", "-").replace("—", "-").replace("~", "-").partition("-")
            try:
                opens, closes = parse_clock(begins), parse_clock(ends)
            except ValueError:
                separator = ""
            if not separator:
                raise ValidationError(
                    _("“%(part)s” is no span of time: write 08:00-12:00, several separated by commas.")
                    % {"part": part.strip()}
                )
            spans.append((opens, closes if closes > opens else closes + 24 * AN_HOUR))
        return spans

    def validate(self, value: Any) -> None:
        """An empty day is a day on which the place is closed."""

    def prepare_value(self, value: Any) -> Any:
        """Spans as a person writes them."""
        if isinstance(value, str) or value is None:
            return value
        return ", ".join(f"{clock(opens)}-{clock(closes % (24 * AN_HOUR))}" for opens, closes in value)


class PersonField(forms.CharField):
    """A person of the platform, by e-mail."""

    widget = forms.EmailInput

    def clean(self, value: Any) -> Person | None:
        """The person, or an error that says how to mend it."""
        text = super().clean(value).strip()
        if not text:
            return None
        return found_person(text)


def found_person(email: str) -> Person:
    """Who signs in by an address."""
    person = Person.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        raise ValidationError(
            _("Nobody signs in with %(email)s. Write the address by which the person signs in.") % {"email": email}
        )
    return person


def zones() -> list[tuple[str, str]]:
    """The time zones of the world by name, ours first."""
    here = settings.TIME_ZONE
    return [(name, name) for name in (here, *sorted(name for name in available_timezones() - {here} if "/" in name))]


def lengths(site: Site) -> list[tuple[int, str]]:
    """The lengths that a booking of a site may have, in minutes, with their words."""
    steps = range(site.grid_minutes, site.longest_minutes + 1, site.grid_minutes)
    return [
        (minutes, _("%(minutes)s minutes") % {"minutes": minutes})
        if minutes < AN_HOUR
        else (minutes, pgettext("length", "%(hours)s hours") % {"hours": f"{minutes / AN_HOUR:g}"})
        for minutes in steps
    ]


class BookForm(forms.Form):
    """When somebody wants a machine, by the clock of its site, and what for."""

    day = day_field(pgettext_lazy("calendar", "Day"))
    time = time_field(gettext_lazy("Starts at"))
    minutes = forms.TypedChoiceField(label=gettext_lazy("How long"), coerce=int)
    purpose = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The task or course you work on; the site reads it."),
    )
    person = PersonField(
        label=gettext_lazy("For whom"),
        required=False,
        help_text=gettext_lazy("E-mail of the person; empty: for yourself."),
    )
    companions = forms.CharField(
        label=gettext_lazy("Who comes along"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("E-mail addresses, one a line."),
    )
    despite_study = forms.BooleanField(label=gettext_lazy("Book it although it meets class sessions"), required=False)

    def __init__(self, *args: Any, machine: Machine, for_others: bool, asks_study: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.machine = machine
        self.fields["minutes"].choices = lengths(machine.site)  # type: ignore[attr-defined]
        if not for_others:
            del self.fields["person"]
        if machine.places == 1:
            del self.fields["companions"]
        if not asks_study:
            del self.fields["despite_study"]

    def ask_about_study(self) -> None:
        """Offer the box by which somebody books over class sessions, once they were told which these are."""
        self.fields.setdefault("despite_study", deepcopy(type(self).base_fields["despite_study"]))

    def clean_companions(self) -> list[Person]:
        """The people named, each once."""
        lines = self.cleaned_data["companions"].replace(",", "\n").replace("，", "\n").splitlines()
        return list({person.pk: person for person in (found_person(line) for line in lines if line.strip())}.values())

    def clean(self) -> dict[str, Any]:
        """The two moments that the local time and the length name; skipped and repeated times are refused."""
        data = super().clean() or {}
        if data.get("day") and data.get("time") is not None and data.get("minutes"):
            try:
                data["start"] = moment(datetime.combine(data["day"], data["time"]), self.machine.site.zone_info)
            except ValidationError as error:
                self.add_error("time", error)
            else:
                data["end"] = data["start"] + timedelta(minutes=data["minutes"])
        return data


class SpanForm(forms.Form):
    """From one local moment of a site to another."""

    first_day = day_field(gettext_lazy("First day"))
    first_time = time_field(gettext_lazy("Starts at"))
    last_day = day_field(gettext_lazy("Last day"))
    last_time = time_field(gettext_lazy("Ends at"))

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site

    def clean(self) -> dict[str, Any]:
        """The two moments."""
        data = super().clean() or {}
        for side, name in (("first", "start"), ("last", "end")):
            if data.get(f"{side}_day") and data.get(f"{side}_time") is not None:
                try:
                    local = datetime.combine(data[f"{side}_day"], data[f"{side}_time"])
                    data[name] = moment(local, self.site.zone_info)
                except ValidationError as error:
                    self.add_error(f"{side}_time", error)
        return data


class MaintenanceForm(SpanForm):
    """When a machine is away, and why."""

    reason = forms.CharField(label=gettext_lazy("What is done"), max_length=200)
    is_breakdown = forms.BooleanField(label=gettext_lazy("It broke down"), required=False)
    displace = forms.BooleanField(
        label=gettext_lazy("Cancel the bookings in that time and tell people"), required=False
    )


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


_RULES = (
    "zone", "grid_minutes", "longest_minutes", "days_ahead", "cancel_hours", "answer_hours", "no_shows_allowed",
    "keeps_holidays",
)  # fmt: skip


class SiteForm(forms.ModelForm[Site]):
    """A site with its rules."""

    class Meta:
        model = Site
        fields = ("campus", "name_zh", "name_en", *_RULES)
        widgets = {"zone": forms.Select(choices=zones())}

    def __init__(self, *args: Any, campuses: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["campus"]
        field.queryset = campuses.select_related("organisation", "region")
        field.label_from_instance = lambda campus: f"{campus.organisation.name} · {campus.name}"


class AmendSiteForm(forms.ModelForm[Site]):
    """The name and the rules of a site."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Site
        fields = ("name_zh", "name_en", *_RULES)
        widgets = {"zone": forms.Select(choices=zones())}


class HoursForm(forms.Form):
    """The hours of each weekday, from a day on."""

    def __init__(self, *args: Any, machines: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS):
            self.fields[f"day{number}"] = SpansField(
                label=name,
                required=False,
                help_text=_("Such as 08:00-12:00, 14:00-22:00; empty: closed.") if not number else "",
            )
        self.fields["machine"] = forms.ModelChoiceField(
            label=_("Only for the machine"),
            queryset=machines,
            required=False,
            empty_label=_("All machines of the site"),
            help_text=_("A machine with hours of its own no longer follows the site."),
        )
        self.fields["valid_from"] = day_field(_("Valid from"), initial=timezone.localdate)

    def hours(self) -> dict[int, list[tuple[int, int]]]:
        """By weekday, its spans."""
        return {number: self.cleaned_data[f"day{number}"] for number in range(len(WEEKDAYS))}


class ExceptionForm(forms.Form):
    """Other hours on one day, or none."""

    day = day_field(pgettext_lazy("calendar", "Day"))
    spans = SpansField(
        label=gettext_lazy("Opening hours"),
        required=False,
        help_text=gettext_lazy("Such as 08:00-12:00; empty: closed."),
    )
    machine = forms.ModelChoiceField(
        label=gettext_lazy("Only for the machine"),
        queryset=Machine.objects.none(),
        required=False,
        empty_label=gettext_lazy("All machines of the site"),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def __init__(self, *args: Any, machines: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["machine"].queryset = machines  # type: ignore[attr-defined]


class MachineForm(forms.ModelForm[Machine]):
    """A machine of a site."""

    class Meta:
        model = Machine
        fields = ("family", "code", "name_zh", "name_en", "places", "in_use_from", "in_use_until")
        widgets = {
            "in_use_from": forms.DateInput(attrs={"type": "date"}),
            "in_use_until": forms.DateInput(attrs={"type": "date"}),
        }


class AmendMachineForm(forms.ModelForm[Machine]):
    """What of a machine may change."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Machine
        fields = ("name_zh", "name_en", "places", "in_use_until")
        widgets = {"in_use_until": forms.DateInput(attrs={"type": "date"})}


class TermsForm(forms.ModelForm[MachineTerms]):
    """What an hour costs and which window is declared, from a day on."""

    class Meta:
        model = MachineTerms
        fields = ("cost_per_hour", "declared_hours", "valid_from")
        widgets = {"valid_from": forms.DateInput(attrs={"type": "date"})}


class FamilyForm(forms.ModelForm[MachineFamily]):
    """A machine family."""

    class Meta:
        model = MachineFamily
        fields = ("code", "name_zh", "name_en", "needs_authorisation", "instruction_months")


class AmendFamilyForm(forms.ModelForm[MachineFamily]):
    """What of a machine family may change."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = MachineFamily
        fields = ("name_zh", "name_en", "needs_authorisation", "instruction_months")


class AuthorisationForm(forms.Form):
    """Who was instructed, and until when it holds."""

    person = PersonField(label=gettext_lazy("Person"), help_text=gettext_lazy("E-mail of the person."))
    valid_from = day_field(gettext_lazy("Valid from"), initial=timezone.localdate)
    valid_until = day_field(
        gettext_lazy("First day it no longer holds"),
        required=False,
        help_text=gettext_lazy("Empty: as long as an instruction of the family lasts."),
    )
    basis = forms.CharField(
        label=gettext_lazy("Proof of instruction"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Instruction, test, certificate."),
    )


class EndAuthorisationForm(forms.Form):
    """From when on somebody may no longer use a family, and why."""

    day = day_field(gettext_lazy("First day it no longer holds"), initial=timezone.localdate)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class QuotaForm(forms.ModelForm[Quota]):
    """Hours a week."""

    class Meta:
        model = Quota
        fields = ("site", "family", "cohort", "hours", "valid_from")
        widgets = {"valid_from": forms.DateInput(attrs={"type": "date"})}


class TravelForm(forms.Form):
    """How long the way between two campuses takes."""

    origin = forms.ModelChoiceField(label=gettext_lazy("From"), queryset=Campus.objects.none())
    destination = forms.ModelChoiceField(label=gettext_lazy("To"), queryset=Campus.objects.none())
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=0, max_value=24 * AN_HOUR)
    back = forms.IntegerField(
        label=gettext_lazy("Minutes back"),
        min_value=0,
        max_value=24 * AN_HOUR,
        required=False,
        help_text=gettext_lazy("Empty: the same."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("origin", "destination"):
            field: Any = self.fields[name]
            field.queryset = Campus.objects.select_related("organisation").order_by("organisation__name_zh", "name_zh")
            field.label_from_instance = lambda campus: f"{campus.organisation.name} · {campus.name}"


class TermForm(forms.ModelForm[TeachingTerm]):
    """A term of a university."""

    class Meta:
        model = TeachingTerm
        fields = ("organisation", "academic_year", "name_zh", "name_en", "starts_on", "weeks", "zone", "keeps_holidays")
        widgets = {"starts_on": forms.DateInput(attrs={"type": "date"}), "zone": forms.Select(choices=zones())}

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation: Any = self.fields["organisation"]
        organisation.queryset = organisations
        organisation.label = _("University")
        year: Any = self.fields["academic_year"]
        year.queryset = AcademicYear.objects.order_by("-starts_on")


class AmendTermForm(forms.ModelForm[TeachingTerm]):
    """What of a term may change."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = TeachingTerm
        fields = ("name_zh", "name_en", "starts_on", "weeks", "zone", "keeps_holidays")
        widgets = {"starts_on": forms.DateInput(attrs={"type": "date"}), "zone": forms.Select(choices=zones())}


class SectionsForm(forms.Form):
    """When the sections of the day begin and end, from a day on."""

    organisation = forms.ModelChoiceField(label=gettext_lazy("University"), queryset=Organisation.objects.none())
    sections = SpansField(
        label=gettext_lazy("Sections in their order"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Such as 08:00-08:45, 08:55-09:40; the first is section 1."),
    )
    valid_from = day_field(gettext_lazy("Valid from"), initial=timezone.localdate)

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class WithdrawForm(forms.Form):
    """Which class sessions are taken back, and why."""

    cohort = forms.ModelChoiceField(label=gettext_lazy("Cohort"), queryset=Cohort.objects.none())
    course = forms.ChoiceField(label=gettext_lazy("Course"), required=False)
    first_day = day_field(gettext_lazy("First day"))
    last_day = day_field(gettext_lazy("Last day"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def __init__(self, *args: Any, cohorts: Any, courses: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].choices = [("", _("All courses")), *((one, one) for one in courses)]  # type: ignore[attr-defined]
        self.fields["cohort"].queryset = cohorts  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Days in their order."""
        data = super().clean() or {}
        first: date | None = data.get("first_day")
        last: date | None = data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        return data
