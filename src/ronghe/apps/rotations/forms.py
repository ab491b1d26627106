"""What people type about plans of rotations; that a plan holds together the services say."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.rotations.models import Group, PinKind, Plan, _is_chinese
from ronghe.apps.sites.models import MachineFamily, Site
from ronghe.methods.scheduling import PATTERNS

USUAL_ZONE = "Asia/Shanghai"
TIME = (
    "first_day", "fortnights", "pattern", "pattern_starts_on", "opens", "slot_minutes", "slots_a_day", "days", "zone",
)  # fmt: skip
WORK = (
    "wanted", "least", "group_day", "group_nights", "rest_hours", "away", "load", "mentor_day", "mentor_week",
    "mentor_nights",
)  # fmt: skip


def _next_monday() -> date:
    today = timezone.localdate()
    return today + timedelta(days=7 - today.weekday())


class PlanForm(forms.ModelForm[Plan]):
    """A plan with its rules, mentors and the fortnights at each family."""

    class Meta:
        model = Plan
        fields = ["name_zh", "name_en", *TIME, *WORK, "mentors"]
        widgets = {
            "first_day": forms.DateInput(attrs={"type": "date"}),
            "pattern_starts_on": forms.DateInput(attrs={"type": "date"}),
            "opens": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(one.code, one.name_zh if _is_chinese() else one.name_en) for one in PATTERNS]
        self.fields["pattern"] = forms.ChoiceField(
            label=self.fields["pattern"].label, choices=names, initial=PATTERNS[0].code
        )
        zones = {USUAL_ZONE, *Site.objects.values_list("zone", flat=True)}
        self.fields["zone"] = forms.ChoiceField(
            label=self.fields["zone"].label,
            choices=[(name, name) for name in sorted(zones)],
            initial=USUAL_ZONE,
            help_text=_("That of the sites."),
        )
        for name in ("first_day", "pattern_starts_on"):
            self.fields[name].initial = _next_monday
        leading = Role.objects.known().filter(kind=RoleKind.MENTOR).values("person")
        self.fields["mentors"] = forms.ModelMultipleChoiceField(
            Person.objects.filter(pk__in=leading).order_by("name"),
            label=_("Mentors"),
            required=True,
            widget=forms.CheckboxSelectMultiple,
        )
        for family in MachineFamily.objects.filter(machines__isnull=False).distinct().order_by("code"):
            self.fields[f"family_{family.pk}"] = forms.IntegerField(
                label=_("Fortnights at %(family)s") % {"family": family.name}, min_value=0, initial=0, required=False
            )

    @property
    def families(self) -> list[forms.BoundField]:
        """The fields that ask for fortnights."""
        return [self[name] for name in self._family_names()]

    @property
    def time(self) -> list[forms.BoundField]:
        """The fields that say when."""
        return [self[name] for name in TIME]

    @property
    def work(self) -> list[forms.BoundField]:
        """The fields that say how much, for trainees and mentors."""
        return [self[name] for name in WORK]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        families = MachineFamily.objects.in_bulk([int(name.removeprefix("family_")) for name in self._family_names()])
        cleaned["needs"] = {
            families[int(name.removeprefix("family_"))]: cleaned.pop(name, None) or 0 for name in self._family_names()
        }
        return cleaned

    def _family_names(self) -> list[str]:
        return [name for name in self.fields if name.startswith("family_")]


class PinForm(forms.Form):
    """Where a group has to be in a fortnight or must not be, and why."""

    group = forms.ModelChoiceField(Group.objects.none(), label=_("Group of trainees"))
    fortnight = forms.TypedChoiceField(label=_("Fortnight"), coerce=int)
    family = forms.ModelChoiceField(MachineFamily.objects.none(), label=_("Machine family"))
    kind = forms.ChoiceField(label=pgettext_lazy("rotation plan", "Decision"), choices=PinKind.choices)
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Whoever plans after you reads it."))

    def __init__(self, data: Any = None, *, plan: Plan) -> None:
        super().__init__(data)
        self.fields["group"].queryset = plan.groups.order_by("number")  # type: ignore[attr-defined]
        families = MachineFamily.objects.filter(pk__in=plan.needs.values("family"))
        self.fields["family"].queryset = families.order_by("code")  # type: ignore[attr-defined]
        starts = [plan.first_day + timedelta(days=14 * number) for number in range(plan.fortnights)]
        self.fields["fortnight"].choices = [  # type: ignore[attr-defined]
            (number, f"{number + 1} · {day.isoformat()}") for number, day in enumerate(starts)
        ]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Everyone concerned reads it."))


class RepairForm(ReasonForm):
    """Why, and which repair was shown."""

    digest = forms.CharField(widget=forms.HiddenInput)


class CapacityForm(forms.Form):
    """What the yearly capacity is computed from; the page fills in what the community has today."""

    months = forms.DecimalField(label=_("Months of practice a year"), min_value=0, max_value=12, initial=9)
    load = forms.IntegerField(label=_("Trainees of a mentor"), min_value=1, max_value=50, initial=5)
    mentors = forms.IntegerField(label=_("Mentors"), min_value=0)
    share = forms.IntegerField(label=_("Enterprise mentors, least share in %"), min_value=0, max_value=100, initial=60)
    enterprise = forms.IntegerField(label=_("Enterprise mentors"), min_value=0)
    machines = forms.IntegerField(label=_("Machines"), min_value=0)
    machine_hours = forms.IntegerField(label=_("Hours a year of one machine"), min_value=1, initial=6000)
    trainee_hours = forms.DecimalField(label=_("Machine hours of one trainee"), min_value=0, initial=60)
    seats = forms.IntegerField(label=_("Seats of positions a year"), min_value=0)
    dropout = forms.DecimalField(label=_("Drop-out in %"), min_value=0, max_value=100, initial=5)
    absent = forms.DecimalField(label=_("Mentors who do not turn up in %"), min_value=0, max_value=100, initial=3)
    target = forms.IntegerField(label=_("Intake aimed at"), min_value=0, required=False)
