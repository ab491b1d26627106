"""Forms of the pool; what they ask is checked by the services."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.agreements.models import Agreement
from ronghe.apps.community.models import Organisation, OrganisationKind, StudyField
from ronghe.apps.pool.contributors import NobodyMeant, meant_by
from ronghe.apps.pool.models import Asset, AssetKind, ConversionKind, IncomeKind, Licence, LicenceKind, LicenceState
from ronghe.apps.pool.services import ShareLine
from ronghe.apps.pool.services.conversions import CLAIMABLE
from ronghe.apps.pool.services.shares import LONGEST_CONTRIBUTION, MOST_CONTRIBUTORS
from ronghe.methods.shares import NoShare, read_share

_DAY = {"type": "date"}
FIRST_ROWS = 4
MORE_ROWS = 4


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, by the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(_DAY), **options)


def _text(label: Any, rows: int = 3, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **options)


def _taking_part() -> Any:
    return Organisation.objects.filter(kind__in=[OrganisationKind.ENTERPRISE, OrganisationKind.UNIVERSITY])


class AssetFilter(forms.Form):
    """What a list of assets is narrowed by."""

    text = forms.CharField(label=_("Name or number"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    field = forms.ChoiceField(label=_("Field"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("kind", AssetKind.choices), ("field", StudyField.choices)):
            self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]


class ProjectForm(forms.Form):
    """A project."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    number = forms.CharField(label=_("Project number"), max_length=60, required=False)
    host = forms.ModelChoiceField(label=_("Lead organisation"), queryset=Organisation.objects.none())
    partners = forms.ModelMultipleChoiceField(
        label=_("Partner organisations"),
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field = forms.ChoiceField(label=_("Field"), choices=StudyField.choices)
    started_on = day_field(_("Started on"))
    summary = _text(_("Summary"), max_length=2000, required=False)

    def __init__(self, *args: Any, hosts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host"].queryset = hosts  # type: ignore[attr-defined]
        self.fields["partners"].queryset = _taking_part()  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    """The day on which a project was closed."""

    closed_on = day_field(_("Closing day"))
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AssetForm(forms.Form):
    """What is written of an asset, new or changed."""

    kind = forms.ChoiceField(label=_("Kind"), choices=AssetKind.choices)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    number = forms.CharField(
        label=_("Registered number"),
        max_length=60,
        required=False,
        help_text=_("As on the certificate; empty where none is."),
    )
    registered_on = day_field(_("Registered on"), required=False)
    owners = forms.ModelMultipleChoiceField(
        label=_("Owners"), queryset=Organisation.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    summary = _text(_("Summary"), max_length=2000, required=False)
    is_open = forms.BooleanField(
        label=_("Open to the community"),
        required=False,
        initial=True,
        help_text=_("Otherwise only owners, contributors, the office and reviewers know of it."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, owners: Iterable[int] = (), **kwargs: Any) -> None:
        """With `owners` it is a new asset; without, the kind and the owners of a standing one are left alone."""
        super().__init__(*args, **kwargs)
        if owners:
            self.fields["owners"].queryset = Organisation.objects.filter(pk__in=owners)  # type: ignore[attr-defined]
            del self.fields["revision"]
        else:
            del self.fields["owners"], self.fields["kind"]


class LapseForm(forms.Form):
    """The day from which an asset is protected no longer."""

    lapsed_on = day_field(_("Lapsed on"))
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why something is refused, withdrawn or undone."""

    reason = _text(_("Reason"), max_length=300)


class SharesForm(forms.Form):
    """Contributors in rows: who, which share or how many points, for what. Empty rows are left out."""

    valid_from = day_field(_("In force from"), help_text=_("Income received from that day on is divided by it."))
    by_points = forms.ChoiceField(
        label=_("Shares are given"),
        choices=[("", _("as shares: 1/3, 40%, 0.25")), ("points", _("as points of contribution: 5, 3, 2"))],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, asset: Asset, rows: int = FIRST_ROWS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asset = asset
        self.row_count = min(max(rows, FIRST_ROWS), MOST_CONTRIBUTORS)
        for number in range(1, self.row_count + 1):
            self.fields[f"who_{number}"] = forms.CharField(label=_("Contributor"), max_length=254, required=False)
            self.fields[f"share_{number}"] = forms.CharField(
                label=pgettext_lazy("of an asset", "Share"), max_length=30, required=False
            )
            self.fields[f"work_{number}"] = forms.CharField(
                label=_("Contribution"), max_length=LONGEST_CONTRIBUTION, required=False
            )

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The fields row by row, for the page."""
        return [
            [self[f"{part}_{number}"] for part in ("who", "share", "work")] for number in range(1, self.row_count + 1)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        lines = []
        for number in range(1, self.row_count + 1):
            who, share, work = (data.get(f"{part}_{number}", "").strip() for part in ("who", "share", "work"))
            if not (who or share or work):
                continue
            meant, exact, points = None, None, None
            try:
                meant = meant_by(who, self.asset)
            except NobodyMeant as nobody:
                self.add_error(f"who_{number}", str(nobody))
            try:
                exact, points = self._share(share, by_points=data.get("by_points") == "points")
            except NoShare:
                self.add_error(
                    f"share_{number}",
                    _("Write a whole number above 0.")
                    if data.get("by_points")
                    else _("Write a part of the whole, such as 1/3, 40% or 0.25."),
                )
            if not work:
                self.add_error(f"work_{number}", _("Say what they contributed."))
            if meant is not None:
                lines.append(
                    ShareLine(
                        contribution=work,
                        person=meant.person,
                        organisation=meant.organisation,
                        share=exact,
                        points=points,
                    )
                )
        data["lines"] = lines
        return data

    @staticmethod
    def _share(text: str, *, by_points: bool) -> tuple[Fraction | None, int | None]:
        if not by_points:
            return read_share(text), None
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**6):
            raise NoShare(text)
        return None, int(text)


class LicenceForm(forms.Form):
    """A licence to offer."""

    licensee = forms.ModelChoiceField(label=_("Licensee"), queryset=Organisation.objects.none())
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=LicenceKind.choices,
        initial=LicenceKind.ORDINARY,
        help_text=_("Exclusive: only the licensee uses it. Sole: the licensee and the owners do."),
    )
    fields_of_use = forms.MultipleChoiceField(
        label=_("Fields of use"),
        choices=StudyField.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: every field."),
    )
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"), required=False, help_text=_("Empty: without an end."))
    fee = forms.DecimalField(label=_("Fee in yuan"), max_digits=14, decimal_places=2, min_value=0, initial=0)
    royalty = forms.CharField(
        label=_("Royalty"), max_length=200, required=False, help_text=_("In words, such as 3% of net sales.")
    )
    agreement = forms.ModelChoiceField(
        label=_("Signed agreement"),
        queryset=Agreement.objects.none(),
        required=False,
        empty_label=_("None"),
        help_text=_("Needed for an exclusive or sole licence of what several organisations own."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["licensee"].queryset = _taking_part()  # type: ignore[attr-defined]
        self.fields["agreement"].queryset = Agreement.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["first_day"].initial = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["fields"] = data.pop("fields_of_use", [])
        return data

    def add_error(self, field: str | None, error: Any) -> None:
        """What the service says of `fields` stands at the field of that meaning."""
        super().add_error("fields_of_use" if field == "fields" else field, error)


class EndLicenceForm(forms.Form):
    """An earlier end of a licence."""

    last_day = day_field(_("Last day"))
    reason = _text(_("Reason"), max_length=300)


class ConversionForm(forms.Form):
    """That an organisation put an asset to use."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(one.value, one.label) for one in ConversionKind if one in CLAIMABLE]
    )
    party = forms.ModelChoiceField(
        label=_("Adopted by"),
        queryset=Organisation.objects.none(),
        help_text=_("Its HR or a signatory of it confirms; nobody who contributed can."),
    )
    happened_on = day_field(_("Date"))
    evidence = _text(
        _("Supporting evidence"),
        4,
        max_length=2000,
        help_text=_("A contract, an acceptance report, a product in which it is used."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"].queryset = _taking_part()  # type: ignore[attr-defined]


class IncomeForm(forms.Form):
    """What an asset earned."""

    kind = forms.ChoiceField(label=_("Kind"), choices=IncomeKind.choices)
    amount = forms.DecimalField(label=_("Amount in yuan"), max_digits=14, decimal_places=2)
    received_on = day_field(_("Received on"), help_text=_("It is divided by the shares in force on this day."))
    document = forms.CharField(
        label=_("Voucher"), max_length=120, help_text=_("Number of the invoice or of the bank receipt.")
    )
    licence = forms.ModelChoiceField(
        label=_("Licence"), queryset=Licence.objects.none(), required=False, empty_label=_("None")
    )

    def __init__(self, *args: Any, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        granted = asset.licences.filter(state=LicenceState.GRANTED).select_related("licensee")
        self.fields["licence"].queryset = granted  # type: ignore[attr-defined]
