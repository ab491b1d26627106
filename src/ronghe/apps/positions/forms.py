"""What people fill in about positions, order classes and rounds. Whether it may stand is the services' to say."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement
from ronghe.apps.community.models import Campus, Chain, Cohort, Organisation, Region, StudyField
from ronghe.apps.curriculum.models import Unit
from ronghe.apps.demand.forms import SKILL_LEVELS, SkillNameField, day_input
from ronghe.apps.demand.models import Requirement
from ronghe.apps.positions.models import DecisionKind, Mode, OrderClass, Position, Round, RoundPosition
from ronghe.apps.positions.models.rounds import Beyond, Share
from ronghe.apps.positions.services import OrderData, PositionData, QuotaData, RoundData, SkillAsked, TaskData, data_of

# A group that a quota may name: its key and its label.
Group = tuple[str, str]
SKILL_ROWS = 8
_UNITS_SHOWN = 60


def _text(label: Any, rows: int, most: int, help_text: Any = "", **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, widget=widget, help_text=help_text, **options)


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=day_input(), **options)


def _money(label: Any, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=9, decimal_places=2, min_value=0, required=False, **options)


class PositionForm(forms.Form):
    """A position as its firm describes it. `revision` is the one that a change starts from."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Enterprise"))
    title_zh = forms.CharField(label=_("Chinese title"), max_length=120)
    title_en = forms.CharField(label=_("English title"), max_length=160, required=False)
    tasks = _text(_("What a student does there"), 5, 4000)
    field = forms.ChoiceField(label=_("Field"), choices=StudyField.choices)
    seats = forms.IntegerField(label=_("Seats"), min_value=1, max_value=5000)
    starts_on = _day(_("First day"))
    ends_on = _day(_("Last day"))
    campus = forms.ModelChoiceField(
        Campus.objects.none(), label=_("Campus"), required=False, empty_label=_("Another place")
    )
    region = forms.ModelChoiceField(
        Region.objects.all(),
        label=_("City"),
        required=False,
        empty_label=_("The city of the campus"),
    )
    pay = _money(_("Pay in yuan a month"), help_text=_("Empty: not said."))
    post_pay = _money(
        _("Pay of staff in the same post, yuan a month"), help_text=_("Rules on interns compare with it.")
    )
    post_staff = forms.IntegerField(label=_("Staff in the same post"), min_value=0, required=False)
    least_mentors = forms.IntegerField(label=_("Mentors at least"), min_value=0, max_value=500, required=False)
    chain = forms.ModelChoiceField(Chain.objects.none(), label=_("Chain"), required=False, empty_label=_("No chain"))
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Agreement behind it"), required=False, empty_label=_("None")
    )
    order_class = forms.ModelChoiceField(
        OrderClass.objects.none(),
        label=_("Order class"),
        required=False,
        empty_label=_("Open to all"),
        help_text=_("Only members of the class can then be matched to it."),
    )
    requirements = forms.ModelMultipleChoiceField(
        Requirement.objects.none(),
        label=_("Requirements it answers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(),
        label=_("Teaching units it practises"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    SECTIONS = (
        (_("The position"), ("organisation", "title_zh", "title_en", "tasks", "field")),
        (_("Where and when"), ("seats", "starts_on", "ends_on", "campus", "region")),
        (pgettext_lazy("position", "Terms"), ("pay", "post_pay", "post_staff", "least_mentors")),
        (_("What it belongs to"), ("chain", "agreement", "order_class", "requirements", "units")),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        enterprises: Sequence[Organisation],
        agreements: Iterable[Agreement] = (),
        position: Position | None = None,
        amends: bool = False,
    ) -> None:
        said = data_of(position) if position is not None else None
        super().__init__(data, initial=_initial(position, said))
        own = [one.pk for one in enterprises]
        querysets: dict[str, Any] = {
            "organisation": Organisation.objects.filter(pk__in=own),
            "campus": Campus.objects.filter(organisation__in=own).select_related("region"),
            "region": Region.objects.filter(parent__isnull=False),
            "chain": Chain.objects.filter(memberships__organisation__in=own, closed_on=None).distinct(),
            "agreement": Agreement.objects.filter(pk__in=[one.pk for one in agreements]),
            "order_class": OrderClass.objects.filter(organisation__in=own),
            "requirements": _requirements(own, said),
            "units": _units(own, said),
        }
        for name, queryset in querysets.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]
        if position is not None or len(own) == 1:
            del self.fields["organisation"]
        for name in ("campus", "chain", "agreement", "order_class", "requirements", "units"):
            if not querysets[name].exists():
                del self.fields[name]
        if "campus" not in self.fields:
            region: Any = self.fields["region"]
            region.empty_label, region.required = _("Choose a city"), True
        asked = said.skills if said else ()
        for number in range(SKILL_ROWS):
            one = asked[number] if number < len(asked) else None
            self.fields[f"skill_{number}"] = SkillNameField(
                label=_("Skill"), required=False, initial=one.skill if one else None
            )
            self.fields[f"level_{number}"] = forms.TypedChoiceField(
                label=_("Skill level"),
                choices=SKILL_LEVELS,
                coerce=int,
                required=False,
                initial=str(one.skill_level if one else 3),
            )
            self.fields[f"required_{number}"] = forms.BooleanField(
                label=pgettext_lazy("skill", "Required"), required=False, initial=bool(one and one.is_required)
            )
        if amends:
            self.fields["from_day"] = _day(_("Holds from"), initial=timezone.localdate())

    def sections(self) -> Iterator[tuple[Any, list[BoundField]]]:
        """The fields under their headings, without the skills."""
        for heading, names in self.SECTIONS:
            fields = [self[name] for name in names if name in self.fields]
            if fields:
                yield heading, fields

    def skill_rows(self) -> list[tuple[BoundField, BoundField, BoundField]]:
        """The rows of the table of skills."""
        return [
            (self[f"skill_{number}"], self[f"level_{number}"], self[f"required_{number}"])
            for number in range(SKILL_ROWS)
        ]

    def position_data(self) -> PositionData:
        """What was filled in, once it is valid."""
        data = self.cleaned_data
        names = (
            "title_zh", "title_en", "tasks", "field", "seats", "starts_on", "ends_on", "campus", "region", "pay",
            "post_pay", "post_staff", "least_mentors", "chain", "agreement", "order_class",
        )  # fmt: skip
        said: dict[str, Any] = {name: data.get(name) for name in names}
        return PositionData(
            **said,
            skills=tuple(
                SkillAsked(data[f"skill_{number}"], data.get(f"level_{number}") or 3, data[f"required_{number}"])
                for number in range(SKILL_ROWS)
                if data.get(f"skill_{number}")
            ),
            requirements=tuple(data.get("requirements", ())),
            units=tuple(data.get("units", ())),
        )


def _initial(position: Position | None, said: PositionData | None) -> dict[str, Any]:
    if position is None or said is None:
        return {}
    names = [name for name in PositionForm.base_fields if name not in ("organisation", "revision")]
    initial = {name: getattr(said, name) for name in names}
    initial["requirements"] = [one.pk for one in said.requirements]
    initial["units"] = [one.pk for one in said.units]
    return initial | {"revision": position.revision}


def _requirements(own: Sequence[int], said: PositionData | None) -> Any:
    named = [one.pk for one in said.requirements] if said else []
    found = Requirement.objects.filter(organisation__in=own).select_related("organisation", "skill")
    return found.exclude(state="withdrawn") | found.filter(pk__in=named)


def _units(own: Sequence[int], said: PositionData | None) -> Any:
    """Units taught today that declare a skill which one of the firm's requirements asks for."""
    today = timezone.localdate()
    asked = Requirement.objects.filter(organisation__in=own).exclude(state="withdrawn").values("skill")
    taught = Unit.objects.filter(
        version__state="released", version__taught_from__lte=today, version__taught_until__gt=today
    )
    keys = list(taught.filter(declarations__skill__in=asked).distinct().values_list("pk", flat=True)[:_UNITS_SHOWN])
    keys += [one.pk for one in said.units] if said else []
    return Unit.objects.filter(pk__in=keys)


class ReasonForm(forms.Form):
    """Why something is sent back, withdrawn, left or called off."""

    reason = _text(_("Reason"), 3, 300)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ChainRuleForm(forms.Form):
    """What a chain asks of positions."""

    asks_for_agreement = forms.BooleanField(
        label=_("Positions open only under a signed talent-supply agreement"), required=False
    )
    clause = forms.CharField(
        label=_("Clause"), max_length=300, help_text=_("Where it was decided: document and paragraph.")
    )
    valid_from = _day(_("Holds from"))


class OrderForm(forms.Form):
    """An order class as its firm describes it."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Enterprise"))
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    university = forms.ModelChoiceField(Organisation.objects.filter(kind="university"), label=_("University"))
    field = forms.ChoiceField(label=_("Field"), choices=StudyField.choices)
    summary = _text(_("What the class is for"), 3, 2000, required=False)
    size = forms.IntegerField(label=_("Students"), min_value=1, max_value=5000)
    seats_promised = forms.IntegerField(label=_("Seats that the firm promises"), min_value=0)
    jobs_promised = forms.IntegerField(label=_("Jobs that the firm promises"), min_value=0, initial=0)
    starts_on = _day(_("First day"))
    ends_on = _day(_("Last day"))
    answer_by = _day(_("Students answer by"))
    chain = forms.ModelChoiceField(Chain.objects.none(), label=_("Chain"), required=False, empty_label=_("No chain"))
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Talent-supply agreement"), required=False, empty_label=_("None")
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        enterprises: Sequence[Organisation],
        agreements: Iterable[Agreement] = (),
        order: OrderClass | None = None,
    ) -> None:
        names = [name for name in self.base_fields if name != "organisation"]
        super().__init__(data, initial={name: getattr(order, name) for name in names} if order else {})
        own = [one.pk for one in enterprises]
        choices: dict[str, Any] = {
            "organisation": Organisation.objects.filter(pk__in=own),
            "chain": Chain.objects.filter(memberships__organisation__in=own, closed_on=None).distinct(),
            "agreement": Agreement.objects.filter(pk__in=[one.pk for one in agreements]),
        }
        for name, queryset in choices.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]
        if order is not None or len(own) == 1:
            del self.fields["organisation"]

    def order_data(self) -> OrderData:
        """What was filled in, once it is valid."""
        return OrderData(
            **{name: value for name, value in self.cleaned_data.items() if name not in ("organisation", "revision")}
        )


class TaskForm(forms.Form):
    """A task from real operations."""

    title_zh = forms.CharField(label=_("Chinese title"), max_length=160)
    title_en = forms.CharField(label=_("English title"), max_length=200, required=False)
    operation = _text(
        _("Which operation of the firm it is taken from"), 3, 2000, _("The product, the shift, the customer, the data.")
    )
    criteria = _text(_("Accepted when"), 4, 2000, _("One criterion a line, each of which can be checked."))

    def task_data(self) -> TaskData:
        """What was filled in, once it is valid."""
        return TaskData(**self.cleaned_data)


class StudentsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Students by name and number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Person.objects.none(), widget=forms.CheckboxSelectMultiple, **options)


class PlacesForm(forms.Form):
    """Which students are offered a place in an order class."""

    people = StudentsField(label=_("Students"))

    def __init__(self, data: Any = None, *, people: Any) -> None:
        super().__init__(data)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


class RoundForm(forms.Form):
    """A round of matching."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    cohorts = forms.ModelMultipleChoiceField(
        Cohort.objects.none(), label=_("Cohorts"), widget=forms.CheckboxSelectMultiple
    )
    opens_on = _day(_("Preferences from"))
    closes_on = _day(_("Preferences until"))
    starts_on = _day(_("First day of the stays"))
    ends_on = _day(_("Last day of the stays"))
    mode = forms.ChoiceField(
        label=_("What the result is to be"),
        choices=Mode.choices,
        help_text=_("Stable: no student and no position would rather have each other. Best: all quotas are kept."),
    )
    beyond = forms.ChoiceField(label=_("Positions that are not listed"), choices=Beyond.choices)
    same_field = forms.BooleanField(label=_("Only positions of the student's field"), required=False, initial=True)
    most_wishes = forms.IntegerField(label=_("Wishes at most"), min_value=1, max_value=100, initial=12)
    at_least = forms.IntegerField(
        label=_("Positions open from so many students"),
        min_value=0,
        max_value=100,
        initial=0,
        required=False,
        help_text=_("0: from one. It can be set for each position later."),
    )
    seed = forms.IntegerField(
        label=_("Seed of the lots"),
        min_value=0,
        max_value=2**31 - 1,
        help_text=_("Anyone can draw the lots again from it."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, round: Round | None = None, seed: int = 1) -> None:
        initial: dict[str, Any] = {"seed": seed}
        if round is not None:
            initial = {name: getattr(round, name) for name in self.base_fields if name not in ("cohorts", "at_least")}
            initial["cohorts"] = list(round.cohorts.values_list("pk", flat=True))
        super().__init__(data, initial=initial)
        cohorts = Cohort.objects.select_related("organisation", "academic_year")
        self.fields["cohorts"].queryset = cohorts.order_by("-academic_year__starts_on", "name_zh")  # type: ignore[attr-defined]
        if round is not None:
            del self.fields["at_least"]

    def round_data(self) -> RoundData:
        """What was filled in, once it is valid."""
        left_out = ("cohorts", "at_least", "revision")
        return RoundData(**{name: value for name, value in self.cleaned_data.items() if name not in left_out})


class RoundPlacesForm(forms.Form):
    """The positions of a round in a table: which take part, with how many seats, and what is asked of each."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, round: Round, positions: Sequence[Position]) -> None:
        super().__init__(data, initial={"revision": round.revision})
        standing = {one.position_id: one for one in RoundPosition.objects.filter(round=round)}
        self.positions = positions
        for one in positions:
            row = standing.get(one.pk)
            self.fields[f"in_{one.pk}"] = forms.BooleanField(
                label=_("Takes part"), required=False, initial=row is not None
            )
            for name, label, value in (
                ("seats", _("Seats"), row.seats if row else one.seats),
                ("least", _("To be filled"), row.least if row else 0),
                ("cohort", _("Opens from"), row.cohort if row else 0),
            ):
                self.fields[f"{name}_{one.pk}"] = forms.IntegerField(
                    label=label, min_value=0, max_value=one.seats, required=False, initial=value
                )

    def rows(self) -> list[tuple[Position, BoundField, list[BoundField]]]:
        """Each position with its checkbox and its numbers."""
        return [
            (one, self[f"in_{one.pk}"], [self[f"{name}_{one.pk}"] for name in ("seats", "least", "cohort")])
            for one in self.positions
        ]

    def chosen(self) -> list[tuple[Position, int, int, int]]:
        """Position, seats, least and cohort of those that take part."""
        data = self.cleaned_data
        return [
            (one, data.get(f"seats_{one.pk}") or 0, data.get(f"least_{one.pk}") or 0, data.get(f"cohort_{one.pk}") or 0)
            for one in self.positions
            if data.get(f"in_{one.pk}")
        ]


class QuotaForm(forms.Form):
    """What is asked of a round's result."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Students read it where it decided."))
    students = forms.ChoiceField(label=_("Of which students"), required=False)
    positions = forms.ChoiceField(label=_("To which positions"), required=False)
    least = forms.IntegerField(label=_("At least"), min_value=0, initial=0, required=False)
    most = forms.IntegerField(label=_("At most"), min_value=0, required=False)
    least_share = forms.DecimalField(
        label=_("Least share"),
        min_value=0,
        max_value=1,
        max_digits=4,
        decimal_places=3,
        required=False,
        help_text=_("0.3 is 30%."),
    )
    share_of = forms.ChoiceField(label=_("Share of"), choices=Share.choices)

    def __init__(
        self,
        data: Any = None,
        *,
        students: Sequence[tuple[str, str]],
        positions: Sequence[tuple[str, str]],
        **more: Any,
    ) -> None:
        super().__init__(data, **more)
        self.fields["students"].choices = [("", _("All students")), *students]  # type: ignore[attr-defined]
        self.fields["positions"].choices = [("", _("All positions")), *positions]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("most") is not None and data["most"] < (data.get("least") or 0):
            self.add_error("most", _("That is fewer than at least asked for."))
        return data

    def quota_data(self) -> QuotaData:
        """What was filled in, once it is valid."""
        data = dict(self.cleaned_data)
        return QuotaData(**{**data, "least": data.get("least") or 0})


class PositionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A position by title and firm."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class StudentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A student by name, with the address that tells people of one name apart."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.email}"


class PairForm(forms.Form):
    """A student and a position, fixed or ruled out."""

    person = StudentField(Person.objects.none(), label=_("Student"))
    position = PositionField(Position.objects.none(), label=_("Position"))
    kind = forms.ChoiceField(label=pgettext_lazy("matching", "Decision"), choices=DecisionKind.choices)
    reason = _text(_("Reason"), 2, 300, _("The student reads it."))

    def __init__(self, data: Any = None, *, round: Round, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        taking = round.participations.filter(excused="").values("person")
        offered = round.round_positions.values("position")
        self.fields["person"].queryset = Person.objects.filter(pk__in=taking).order_by("name")  # type: ignore[attr-defined]
        positions = Position.objects.filter(pk__in=offered).select_related("organisation")
        self.fields["position"].queryset = positions.order_by("title_zh")  # type: ignore[attr-defined]


class PublishForm(forms.Form):
    """Until when students may appeal."""

    appeals_until = _day(_("Appeals until"))
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AppealForm(forms.Form):
    """A student's word."""

    text = _text(_("What is wrong, and what you ask for"), 5, 2000)


class AnswerForm(forms.Form):
    """The office's answer."""

    upheld = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("no", _("Dismissed")), ("yes", _("Upheld"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = _text(_("Answer"), 5, 2000, _("The student reads it. What was published stays; say what happens next."))


class SkillForm(forms.Form):
    """A skill that a student declares."""

    skill = SkillNameField(
        label=_("Skill"), help_text=_("Type a few letters and choose; any usual name is understood.")
    )
    skill_level = forms.TypedChoiceField(label=_("Skill level"), choices=SKILL_LEVELS, coerce=int)
    evidence = forms.CharField(
        label=_("What shows it"), max_length=300, help_text=_("A project, a commit, a competition, whom to ask.")
    )
