"""Forms of screening, confirmation, leaving and the network. They read; whether it may stand the services say."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors, standing
from ronghe.apps.community.dependents import Found, Settlement
from ronghe.apps.community.forms import DayField, RegionField, known_regions
from ronghe.apps.community.models import (
    AdmissionState,
    Chain,
    ChainMembership,
    DuplicateVerdict,
    FactKind,
    GateCriterion,
    Organisation,
    OrganisationKind,
    RefusalReason,
    RoleKind,
    Stage,
    Standing,
    Tier,
    Verdict,
)
from ronghe.apps.metrics import registry

ANYTHING = [("", _("All"))]
NOTHING = [("", "---------")]
_FIRM_TIERS = [(Tier.MEMBER, Tier.MEMBER.label), (Tier.LEADER, Tier.LEADER.label)]


class OrganisationChoice(forms.ModelChoiceField[Organisation]):
    """One of some organisations."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Organisation.objects.none(), **kwargs)


class InviteForm(forms.Form):
    """Whom to invite to a chain. The office may choose a firm that is on the register."""

    organisation_name = forms.CharField(label=_("Name of the firm"), max_length=160, required=False)
    organisation = OrganisationChoice(
        label=_("Or a firm on the register"), required=False, empty_label=_("Not on the register yet")
    )
    email = forms.EmailField(label=_("E-mail of its HR"), help_text=_("The link goes there; it works once."))
    tier = forms.ChoiceField(label=_("Tier"), choices=_FIRM_TIERS)
    on_behalf_of = OrganisationChoice(label=_("On behalf of"), required=False, empty_label=_("The community office"))
    message = forms.CharField(
        label=_("Message"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, chain: Chain, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = selectors.organisations(chain=chain.pk, kind=OrganisationKind.ENTERPRISE)
        behalf: Any = self.fields["on_behalf_of"]
        if standing.holds(user, RoleKind.OFFICE):
            self.fields["organisation"].queryset = selectors.enterprises()  # type: ignore[attr-defined]
            behalf.queryset = members
        else:
            del self.fields["organisation"]
            behalf.queryset = members.filter(pk__in=standing.organisations(user, RoleKind.ENTERPRISE_HR))
            behalf.required, behalf.empty_label = True, None
            self.fields["tier"].choices = _FIRM_TIERS[:1]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("organisation") and not data.get("organisation_name", "").strip():
            self.add_error("organisation_name", _("Give the name of the firm."))
        return data


class AcceptForm(forms.Form):
    """What an invited firm says of itself."""

    name_zh = forms.CharField(label=_("Chinese name of the firm"), max_length=120)
    name_en = forms.CharField(label=_("English name of the firm"), max_length=160, required=False)
    registration_number = forms.CharField(
        label=_("Unified social credit code"), max_length=18, help_text=_("18 characters, as on the business licence.")
    )
    region = RegionField(label=_("Region"), required=False)
    website = forms.URLField(label=_("Website"), required=False, max_length=200, assume_scheme="https")
    person_name = forms.CharField(label=_("Your full name"), max_length=80)
    statement = forms.CharField(
        label=_("Why you want to join"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = known_regions()  # type: ignore[attr-defined]


class AcceptKnownForm(forms.Form):
    """An invited firm that is on the register already."""

    statement = forms.CharField(
        label=_("Why you want to join"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class ApplyForm(forms.Form):
    """An application of one's own firm, or (the office) of anyone."""

    organisation = OrganisationChoice(label=_("Organisation"))
    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices, initial=Tier.MEMBER)
    statement = forms.CharField(
        label=_("Why the firm wants to join"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, chain: Chain, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = ChainMembership.objects.on(timezone.localdate()).filter(chain=chain)
        firms = Organisation.objects.filter(kind__in=[OrganisationKind.ENTERPRISE, OrganisationKind.UNIVERSITY])
        if not standing.holds(user, RoleKind.OFFICE):
            firms = firms.filter(pk__in=standing.organisations(user, RoleKind.ENTERPRISE_HR))
            self.fields["tier"].choices = _FIRM_TIERS  # type: ignore[attr-defined]
        self.fields["organisation"].queryset = firms.exclude(  # type: ignore[attr-defined]
            pk__in=there.values("organisation")
        )


class AdmissionFilter(forms.Form):
    """Which applications to list."""

    text = forms.CharField(label=_("Name"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[*ANYTHING, *AdmissionState.choices])
    stage = forms.ChoiceField(
        label=_("Waiting at gate"), required=False, choices=[*ANYTHING, *((str(k), v) for k, v in Stage.choices)]
    )


class EvidenceForm(forms.Form):
    """One piece of evidence: a note, a file, a number or a record."""

    criterion = forms.ModelChoiceField(
        GateCriterion.objects.none(),
        label=_("For which criterion"),
        required=False,
        empty_label=_("For the gate as a whole"),
    )
    text = forms.CharField(label=_("What it shows"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("PDF, PNG or JPEG, up to 20 MB. Only the firm, the chain's leader and the office see it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )
    metric = forms.ChoiceField(label=_("Or a number"), required=False)
    reference = forms.CharField(
        label=_("Or a page of this platform"),
        required=False,
        max_length=500,
        help_text=_("Its address, beginning with /."),
    )

    def __init__(self, *args: Any, criteria: list[GateCriterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = GateCriterion.objects.filter(pk__in=[criterion.pk for criterion in criteria])
        self.fields["criterion"].queryset = asked.order_by("code")  # type: ignore[attr-defined]
        numbers = [
            (one.name, str(one.label))
            for one in registry.all_metrics()
            if one.subject in ("community.organisation", "community.chain")
        ]
        self.fields["metric"].choices = [*NOTHING, *numbers]  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    """The decision at a gate."""

    verdict = forms.ChoiceField(
        label=pgettext_lazy("admission", "Decision"), choices=Verdict.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The firm will read it."),
    )
    ground = forms.ChoiceField(
        label=_("Ground of a refusal"), required=False, choices=[*NOTHING, *RefusalReason.choices]
    )
    due_on = DayField(label=_("Returned: evidence is due on"), required=False)
    joins_on = DayField(label=_("Last gate passed: joins on"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_last: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_last:
            del self.fields["joins_on"]


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class WithdrawForm(ReasonForm):
    """A reason, for the version of the application that was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class CriterionForm(forms.Form):
    """What a gate asks for from a day on."""

    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("Small letters and hyphens; it stays the same."))
    stage = forms.TypedChoiceField(label=_("Gate"), choices=Stage.choices, coerce=int)
    tier = forms.ChoiceField(label=_("Only for the tier"), required=False, choices=[*ANYTHING, *Tier.choices])
    text_zh = forms.CharField(label=_("Asked for (Chinese)"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    text_en = forms.CharField(label=_("Asked for (English)"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    metric = forms.CharField(
        label=_("Metric that answers it"),
        required=False,
        max_length=100,
        help_text=_("A name of the registry of metrics."),
    )
    at_least = forms.FloatField(label=_("At least"), required=False)
    is_required = forms.BooleanField(label=_("The gate cannot be passed without it"), required=False, initial=True)
    valid_from = DayField(label=_("From day"), initial=timezone.localdate)


class LeaveForm(forms.Form):
    """The day from which a firm is outside, and what becomes of what hangs on its membership."""

    on = DayField(label=_("First day outside the chain"), initial=timezone.localdate)

    def __init__(self, *args: Any, membership: ChainMembership, found: list[Found], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in found:
            self.fields[f"settle_{one.dependent.name}"] = forms.ChoiceField(
                label=one.dependent.label,
                choices=[(str(choice), choice.label) for choice in one.dependent.choices],
                widget=forms.RadioSelect,
            )
        if any(Settlement.TRANSFER in one.dependent.choices for one in found):
            others = selectors.organisations(chain=membership.chain_id).exclude(pk=membership.organisation_id)
            self.fields["successor"] = forms.ModelChoiceField(
                others, label=_("Successor"), required=False, empty_label=_("Nobody takes over")
            )


class ReplaceForm(LeaveForm):
    """Who takes the place of a member, and from when."""

    def __init__(self, *args: Any, membership: ChainMembership, found: list[Found], **kwargs: Any) -> None:
        super().__init__(*args, membership=membership, found=found, **kwargs)
        same_kind = Organisation.objects.filter(kind=membership.organisation.kind).exclude(
            pk=membership.organisation_id
        )
        self.fields["successor"] = forms.ModelChoiceField(same_kind, label=_("Takes its place"))


class LeaderForm(forms.Form):
    """Which member takes the lead, and from when."""

    successor = forms.ModelChoiceField(ChainMembership.objects.none(), label=_("Next leader"))
    on = DayField(label=_("From day"), initial=timezone.localdate)

    def __init__(self, *args: Any, chain: Chain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["successor"]
        members = ChainMembership.objects.on(timezone.localdate()).filter(chain=chain, tier=Tier.MEMBER)
        field.queryset = members.select_related("organisation").order_by("organisation__name_zh")
        field.label_from_instance = lambda membership: membership.organisation.name


class SupplyForm(forms.Form):
    """Who supplies whom with what."""

    supplier = OrganisationChoice(label=_("Supplier"))
    customer = OrganisationChoice(label=_("Customer"))
    goods_zh = forms.CharField(label=_("What is supplied (Chinese)"), max_length=120)
    goods_en = forms.CharField(label=_("What is supplied (English)"), max_length=160, required=False)
    valid_from = DayField(label=_("Since"), initial=timezone.localdate)

    def __init__(self, *args: Any, chain: Chain, actor: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        members = selectors.organisations(chain=chain.pk)
        for name in ("supplier", "customer"):
            self.fields[name].queryset = members  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A firm's HR speaks for its own firm; said at its field, so that nothing typed is lost."""
        data = super().clean() or {}
        supplier, customer = data.get("supplier"), data.get("customer")
        own = standing.organisations(self.actor, RoleKind.ENTERPRISE_HR)
        speaks_for_all = standing.holds(self.actor, RoleKind.OFFICE)
        if supplier and customer and not speaks_for_all and not {supplier.pk, customer.pk} & own:
            self.add_error(
                "customer", _("You can enter what your own firm supplies or is supplied with, nothing else.")
            )
        return data


class MapFilter(forms.Form):
    """The day and the region of a chain map."""

    on = DayField(label=_("As of"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [*ANYTHING, *regions]  # type: ignore[attr-defined]


class RegionPlaceForm(forms.Form):
    """What a region is in the network from a day on."""

    region = RegionField(label=_("Region"))
    standing = forms.ChoiceField(
        label=_("Place in the network"), required=False, choices=[*Standing.choices, ("", _("Neither any more"))]
    )
    core = RegionField(label=_("Its core"), required=False, help_text=_("For a satellite."))
    valid_from = DayField(label=_("From day"), initial=timezone.localdate)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = known_regions()  # type: ignore[attr-defined]
        cores = selectors.cores(timezone.localdate()).select_related("parent")
        self.fields["core"].queryset = cores  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """What a confirmation rests on."""

    basis = forms.CharField(
        label=_("What it rests on"),
        max_length=300,
        help_text=_("For example: licence seen, code found in the public register of enterprises, called back."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DuplicateForm(forms.Form):
    """Whether two entries are one organisation."""

    verdict = forms.ChoiceField(label=_("Finding"), choices=DuplicateVerdict.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class FactForm(forms.Form):
    """A number a firm declares of itself."""

    kind = forms.ChoiceField(label=_("Fact"), choices=FactKind.choices)
    value = forms.DecimalField(label=_("Value"), min_value=0, max_digits=16, decimal_places=2)
    valid_from = DayField(label=_("Holds from"))
    valid_until = DayField(
        label=_("Holds until"), required=False, help_text=_("The first day on which it holds no more, if it is known.")
    )
    evidence = forms.CharField(
        label=pgettext_lazy("admission", "Evidence"),
        max_length=300,
        help_text=_("What proves it, and where it can be seen."),
    )
