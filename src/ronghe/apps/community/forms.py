"""Forms of the registry. They read what was typed; whether it may stand is the services' to say."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import selectors
from ronghe.apps.community.models import (
    AcademicYear,
    Chain,
    Cohort,
    Departure,
    Organisation,
    OrganisationKind,
    Region,
    RoleKind,
    StudyField,
    Tier,
)

ANY = [("", _("All"))]


# Nobody means a day outside these, and beyond the year 9999 there is no calendar to draw.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class DayField(forms.DateField):
    """A day, chosen from a calendar."""

    default_validators = [
        MinValueValidator(EARLIEST, _("Choose a day after 1899.")),
        MaxValueValidator(LATEST, _("Choose a day before 2200.")),
    ]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}))
        super().__init__(**kwargs)


def known_regions() -> Any:
    """The choices of a region: all of them, each with its parent."""
    return selectors.regions_with_parts()


class RegionField(forms.ModelChoiceField[Region]):
    """A region, a city after its province."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Region.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.parent.name} · {obj.name}" if obj.parent_id else obj.name


class OrganisationForm(forms.ModelForm[Organisation]):
    """What the register says of an organisation. Unique and other checks are the service's."""

    region = RegionField(label=_("Region"), required=False)
    website = forms.URLField(label=_("Website"), required=False, max_length=200, assume_scheme="https")
    registered_on = DayField(label=_("Takes part since"), initial=timezone.localdate)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Organisation
        fields = ["kind", "name_zh", "name_en", "registration_number", "region", "website", "registered_on"]
        help_texts = {"registration_number": _("18 characters, as on the business licence.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = known_regions()  # type: ignore[attr-defined]
        if self.instance.pk:
            del self.fields["kind"]
            self.fields["revision"].initial = self.instance.revision
        else:
            del self.fields["revision"]

    def _post_clean(self) -> None:
        """Leave the instance alone: the service applies the changes to the current row and checks it there."""


class CampusForm(forms.Form):
    """A place of an organisation."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    region = RegionField(label=_("Region"))
    address = forms.CharField(label=_("Address"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = known_regions()  # type: ignore[attr-defined]


class OrganisationFilter(forms.Form):
    """Which organisations to list."""

    text = forms.CharField(label=_("Name or credit code"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[*ANY, *OrganisationKind.choices])
    region = forms.ChoiceField(label=_("Region"), required=False)
    chain = forms.ModelChoiceField(
        Chain.objects.none(), label=_("Chain"), required=False, empty_label=_("All"), to_field_name="uid"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = Region.objects.filter(organisations__isnull=False).select_related("parent").distinct().order_by("code")
        known = {region.code: region for region in used}
        known |= {region.parent.code: region.parent for region in used if region.parent}
        choices = [(code, region.name) for code, region in sorted(known.items())]
        self.fields["region"].choices = [*ANY, *choices]  # type: ignore[attr-defined]
        self.fields["chain"].queryset = Chain.objects.all()  # type: ignore[attr-defined]


class PersonFilter(forms.Form):
    """Which people to list."""

    text = forms.CharField(label=_("Name, pinyin or e-mail"), required=False, help_text=_("zhangwei and zw find 张伟."))
    kind = forms.ChoiceField(label=_("Role"), required=False, choices=[*ANY, *RoleKind.choices])


class AppointForm(forms.Form):
    """A role, where, and from when."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"))
    kind = forms.ChoiceField(label=_("Role"), choices=[("", "---------"), *RoleKind.choices])
    valid_from = DayField(label=_("Valid from"), initial=timezone.localdate)
    valid_until = DayField(
        label=_("Valid until"), required=False, help_text=_("The first day without the role, if it is known.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.all()  # type: ignore[attr-defined]


class NewPersonForm(forms.Form):
    """Someone who is not known yet."""

    name = forms.CharField(label=_("Full name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), help_text=_("A link to sign in can be sent there."))


class EndForm(forms.Form):
    """The day from which something no longer holds."""

    on = DayField(label=_("First day without it"), initial=timezone.localdate)


class DepartureForm(EndForm):
    """The day on which a student is out of a cohort, and how it ended."""

    departure = forms.ChoiceField(
        label=pgettext_lazy("student", "How it ended"),
        choices=[(one.value, one.label) for one in (Departure.GRADUATED, Departure.WITHDREW)],
        widget=forms.RadioSelect,
    )


class ChainForm(forms.Form):
    """A new chain."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    field = forms.ChoiceField(label=_("Field"), choices=StudyField.choices)
    region = RegionField(label=_("Region"), required=False)
    founded_on = DayField(label=_("Founded on"), initial=timezone.localdate)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = known_regions()  # type: ignore[attr-defined]


class ChainEditForm(ChainForm):
    """What is said of a chain that stands."""

    closed_on = DayField(label=_("Closed on"), required=False, help_text=_("The first day on which it stands no more."))
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AdmitForm(forms.Form):
    """An organisation that joins a chain."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"))
    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices, initial=Tier.MEMBER)
    valid_from = DayField(label=_("Joins on"), initial=timezone.localdate)
    brought_in_by = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Brought in by"), required=False, empty_label=_("Nobody in particular")
    )

    def __init__(self, *args: Any, chain: Chain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        joining = Organisation.objects.filter(kind__in=[OrganisationKind.ENTERPRISE, OrganisationKind.UNIVERSITY])
        self.fields["organisation"].queryset = joining  # type: ignore[attr-defined]
        members = selectors.organisations(chain=chain.pk)
        self.fields["brought_in_by"].queryset = members  # type: ignore[attr-defined]


class TierForm(forms.Form):
    """Another tier from a day on."""

    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices)
    on = DayField(label=_("From day"), initial=timezone.localdate)


class YearForm(forms.Form):
    """A new academic year."""

    label = forms.CharField(label=_("Academic year"), max_length=9, help_text=_("For example 2026-2027."))
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))


class CohortForm(forms.Form):
    """A new cohort of a year."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("University"))
    academic_year = forms.ModelChoiceField(AcademicYear.objects.none(), label=_("Academic year"))
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    field = forms.ChoiceField(label=_("Field"), choices=StudyField.choices)
    intake = forms.IntegerField(label=_("Planned intake"), min_value=0, max_value=100_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = selectors.universities()  # type: ignore[attr-defined]
        self.fields["academic_year"].queryset = AcademicYear.objects.order_by("-starts_on")  # type: ignore[attr-defined]


class CohortEditForm(forms.Form):
    """What is said of a cohort that is open; university and year stay."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    field = forms.ChoiceField(label=_("Field"), choices=StudyField.choices)
    intake = forms.IntegerField(label=_("Planned intake"), min_value=0, max_value=100_000)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class TransferForm(forms.Form):
    """To which cohort, and from when."""

    to = forms.ModelChoiceField(Cohort.objects.none(), label=_("To cohort"))
    on = DayField(label=_("First day there"), initial=timezone.localdate)

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = selectors.cohorts(organisation=cohort.organisation_id).exclude(pk=cohort.pk)
        self.fields["to"].queryset = others  # type: ignore[attr-defined]


class DayForm(forms.Form):
    """The day a page tells about."""

    on = DayField(label=_("As of"), required=False)
