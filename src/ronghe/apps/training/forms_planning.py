"""Forms by which a placement is planned and changed: days, hosts with their shares, days of the week, mentor."""

from copy import deepcopy
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement, AgreementKind
from ronghe.apps.community.models import CohortMembership, Organisation
from ronghe.apps.mentors.models import Appointment
from ronghe.apps.positions.models import Position, PositionState
from ronghe.apps.training.forms import PersonChoice, day_field, text_field
from ronghe.apps.training.models import (
    ALL_DAYS,
    CLOSES,
    OPENS,
    WHOLE,
    WORKING_DAYS,
    Placement,
    PlacementState,
    SupervisionKind,
)
from ronghe.apps.training.selectors.placements import shown_on
from ronghe.apps.training.services import Change, Times, supervisor_on
from ronghe.apps.training.services.history import known_stays
from ronghe.methods.scheduling import PATTERNS, Part
from ronghe.methods.scheduling.patterns import ALL_DAYS as ALL_WEEK

_DAYS = [(day, WEEKDAYS[int(day) - 1]) for day in ALL_DAYS]


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _enterprises() -> Any:
    return Organisation.objects.filter(kind="enterprise").order_by("name_zh")


def days_of(pattern: str) -> str:
    """The days of the week, Monday is 1, on which a training pattern has practice; of whole weeks, the working days."""
    found = next(one for one in PATTERNS if one.code == pattern)
    practised = {day for phase in found.phases if phase.part is Part.PRACTICE for day in phase.days}
    return WORKING_DAYS if practised == ALL_WEEK else "".join(str(day + 1) for day in sorted(practised))


class TimesForm(forms.Form):
    """On which days of the week and at which hours a student is at the host: those of a training pattern, or others."""

    pattern = forms.ChoiceField(label=_("Training pattern"), required=False)
    days = forms.MultipleChoiceField(
        label=_("Days at the host"),
        choices=_DAYS,
        widget=forms.CheckboxSelectMultiple,
        initial=list(WORKING_DAYS),
        required=False,
        help_text=_("Days not ticked are kept for study."),
    )
    opens = forms.TimeField(
        label=_("Work begins at"),
        initial=OPENS,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    closes = forms.TimeField(
        label=_("Work ends at"),
        initial=CLOSES,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(one.code, one.name_zh if _is_chinese() else one.name_en) for one in PATTERNS]
        self.fields["pattern"].choices = [("", _("The days ticked below")), *names]  # type: ignore[attr-defined]

    def times(self) -> Times:
        """What was chosen; a pattern wins over the days ticked."""
        data = self.cleaned_data
        days = days_of(data["pattern"]) if data.get("pattern") else "".join(sorted(data["days"]))
        return Times(days, data["opens"] or OPENS, data["closes"] or CLOSES)


class HostsForm(forms.Form):
    """One host or two, with their shares of the week."""

    host = forms.ModelChoiceField(label=_("Host"), queryset=Organisation.objects.none())
    share = forms.IntegerField(label=_("Share of the week in %"), min_value=1, max_value=WHOLE, initial=WHOLE)
    second_host = forms.ModelChoiceField(
        label=_("Second host"), queryset=Organisation.objects.none(), required=False, empty_label=_("None")
    )
    second_share = forms.IntegerField(
        label=_("Its share of the week in %"), min_value=1, max_value=WHOLE, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("host", "second_host"):
            self.fields[name].queryset = _enterprises()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        second, share = data.get("second_host"), data.get("second_share")
        if (second is None) != (share is None):
            self.add_error("second_share", _("Name a second host and its share, or neither."))
        if data.get("host") is not None and data.get("share") is not None:
            data["hosts"] = [(data["host"], data["share"])]
            if second is not None and share is not None:
                data["hosts"].append((second, share))
        return data


class AsksAboutStudy(forms.Form):
    """Offers to go on over class sessions, once it was told which these are."""

    despite_study = forms.BooleanField(label=_("It shall be so although classes are met"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "despite_study" not in self.data:
            del self.fields["despite_study"]

    def ask_about_study(self) -> None:
        """Show the box."""
        self.fields.setdefault("despite_study", deepcopy(AsksAboutStudy.base_fields["despite_study"]))


class PlanForm(AsksAboutStudy, HostsForm, TimesForm):
    """A placement that the office plans by itself."""

    student = PersonChoice(label=_("Student"), queryset=Person.objects.none())
    position = forms.ModelChoiceField(
        label=_("Position"), queryset=Position.objects.none(), required=False, empty_label=_("None")
    )
    work_zh = forms.CharField(label=_("Work (Chinese)"), max_length=120)
    work_en = forms.CharField(label=_("Work (English)"), max_length=160, required=False)
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"))
    field_order = (
        "student", "position", "work_zh", "work_en", "starts_on", "ends_on", "host", "share", "second_host",
        "second_share", "pattern", "days", "opens", "closes", "despite_study",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        enrolled = CohortMembership.objects.on(timezone.localdate()).values("person")
        fields: Any = self.fields
        fields["student"].queryset = Person.objects.filter(pk__in=enrolled).order_by("name_latin", "pk")
        fields["position"].queryset = Position.objects.filter(state=PositionState.OPEN).order_by("title_zh")


class ChangeForm(AsksAboutStudy, HostsForm, TimesForm):
    """Other days, hosts, hours or mentor of a placement; what is left as it stands does not change."""

    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"))
    mentor = PersonChoice(
        label=_("Mentor at the host"), queryset=Person.objects.none(), required=False, empty_label=_("None")
    )
    agreement = forms.ModelChoiceField(
        label=_("Another three-party agreement"),
        queryset=Agreement.objects.none(),
        required=False,
        empty_label=_("As it is"),
        help_text=_("Only if the new host or the new days stand in another one."),
    )
    on = day_field(
        _("Host, hours and mentor change on"), required=False, help_text=_("Left empty: today, or the first day.")
    )
    reason = text_field(_("Reason"), 300)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = (
        "starts_on", "ends_on", "host", "share", "second_host", "second_share", "pattern", "days", "opens", "closes",
        "mentor", "agreement", "on", "reason", "despite_study", "revision",
    )  # fmt: skip

    def __init__(self, *args: Any, placement: Placement, user: Any, moves_hosts: bool, **kwargs: Any) -> None:
        today = timezone.localdate()
        stays = known_stays(placement)
        there = shown_on(stays, today)
        self.is_planned = placement.state == PlacementState.PLANNED
        day = max(placement.starts_on, min(today, placement.ends_on))
        self.before: dict[str, Any] = {
            "starts_on": placement.starts_on,
            "ends_on": placement.ends_on,
            "hosts": [(stay.organisation, stay.share) for stay in there],
            "times": Times.of(there[0]) if there else Times(),
            "mentor": supervisor_on(placement, SupervisionKind.MENTOR, day),
        }
        super().__init__(*args, initial=self._initial(placement), **kwargs)
        fields: Any = self.fields
        fitting = Appointment.objects.on(day)
        if not moves_hosts:
            for name in HostsForm.base_fields:
                del self.fields[name]
            fitting = fitting.filter(organisation__in=[stay.organisation_id for stay in stays])
        if self.is_planned:
            del self.fields["on"]
        else:
            del self.fields["starts_on"]
        fields["mentor"].queryset = Person.objects.filter(pk__in=fitting.values("person")).order_by("name_latin", "pk")
        found = Agreement.objects.visible_to(user).filter(
            kind=AgreementKind.THREE_PARTY, parties__person=placement.person_id
        )
        fields["agreement"].queryset = found.exclude(pk=placement.agreement_id or 0).order_by("-created_at")

    def _initial(self, placement: Placement) -> dict[str, Any]:
        before = self.before
        times = before["times"]
        initial = {name: before[name] for name in ("starts_on", "ends_on", "mentor")}
        initial |= {"days": list(times.days), "opens": times.opens, "closes": times.closes}
        for (host, share), (of, its) in zip(
            before["hosts"], (("host", "share"), ("second_host", "second_share")), strict=False
        ):
            initial |= {of: host, its: share}
        return initial | {"revision": placement.revision}

    def change(self) -> Change:
        """What is otherwise than it stands."""
        data, before = self.cleaned_data, self.before
        hosts, times, mentor = data.get("hosts"), self.times(), data["mentor"]
        return Change(
            starts_on=_other(data.get("starts_on"), before["starts_on"]),
            ends_on=_other(data["ends_on"], before["ends_on"]),
            hosts=_other(hosts, before["hosts"]),
            times=_other(times, before["times"]),
            mentor=_other(mentor, before["mentor"]),
            agreement=data["agreement"],
            on=data.get("on"),
        )


def _other(now: Any, before: Any) -> Any:
    """What was chosen, or None where it is what stands."""
    return None if now == before else now
