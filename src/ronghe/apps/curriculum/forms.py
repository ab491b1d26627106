"""What people fill in about the curriculum. Forms read what was typed; whether it may stand is the services' to say."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors as community
from ronghe.apps.community.forms import DayField
from ronghe.apps.community.models import Cohort, Organisation, RoleKind, StudyField
from ronghe.apps.curriculum.models import (
    IndustryProject,
    Licence,
    Programme,
    ProjectPart,
    TeachingCase,
    Unit,
    Verdict,
)
from ronghe.apps.curriculum.services import Declared, UnitData
from ronghe.apps.demand.forms import SKILL_LEVELS, SkillNameField

# Free lines for skills below those that a unit declares already.
FREE_LINES = 3
_MOST_LINES = 30
_HOURS: dict[str, Any] = {"max_digits": 5, "decimal_places": 1, "min_value": 0}


def _text(label: Any, rows: int = 4, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **options)


def _names() -> tuple[forms.CharField, forms.CharField]:
    return (
        forms.CharField(label=_("Chinese name"), max_length=120),
        forms.CharField(label=_("English name"), max_length=160, required=False),
    )


def _level(label: Any) -> forms.TypedChoiceField:
    """A skill level that may be left open; 0 then."""
    nothing: Any = 0
    return forms.TypedChoiceField(
        label=label, choices=[("", "—"), *SKILL_LEVELS], required=False, coerce=int, empty_value=nothing
    )


class ProgrammeForm(forms.Form):
    """A programme of a university."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("University"))
    name_zh, name_en = _names()
    field = forms.ChoiceField(label=_("Field"), choices=StudyField.choices)
    months = forms.IntegerField(label=_("Length in months"), min_value=1, max_value=96, initial=36)

    def __init__(self, *args: Any, universities: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["organisation"]
        choice.queryset = Organisation.objects.filter(pk__in=[one.pk for one in universities])
        if len(universities) == 1:
            choice.initial = universities[0]


class ProgrammeEditForm(forms.Form):
    """What a programme is called, how long it takes, and who follows it."""

    name_zh, name_en = _names()
    field = forms.ChoiceField(label=_("Field"), choices=StudyField.choices)
    months = forms.IntegerField(label=_("Length in months"), min_value=1, max_value=96)
    cohorts = forms.ModelMultipleChoiceField(
        Cohort.objects.none(),
        label=_("Cohorts that follow it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Their students count as the supply of what is taught."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, programme: Programme) -> None:
        initial = {name: getattr(programme, name) for name in ("name_zh", "name_en", "field", "months", "revision")}
        super().__init__(data, initial={**initial, "cohorts": programme.cohorts.all()})
        choice: Any = self.fields["cohorts"]
        choice.queryset = Cohort.objects.filter(organisation=programme.organisation_id)


class CourseForm(forms.Form):
    """A course of a programme."""

    code = forms.CharField(label=_("Course code"), max_length=30)
    name_zh, name_en = _names()
    credits = forms.DecimalField(label=_("Credits"), max_digits=4, decimal_places=1, min_value=0, initial=2)


class PackageForm(forms.Form):
    """A dynamic package of a course."""

    name_zh, name_en = _names()


class RetireForm(forms.Form):
    """Why a package is taught no more."""

    explanation = _text(_("Why is it taught no more?"), rows=3, max_length=2000)


class SummaryForm(forms.Form):
    """What is new in a version."""

    summary = _text(
        _("What is new and why"), rows=3, max_length=2000, required=False, help_text=_("Reviewers read this first.")
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class RevisionForm(forms.Form):
    """A deed on a version as it was seen."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class ReviewForm(RevisionForm):
    """What a reviewer says."""

    verdict = forms.ChoiceField(label=_("Verdict"), choices=Verdict.choices, widget=forms.RadioSelect)
    comment = _text(
        _("Comment"), rows=4, max_length=2000, required=False, help_text=_("Needed where changes are asked for.")
    )


class ReleaseForm(RevisionForm):
    """The day of a release; those who may not date it back have no field for it."""

    released_on = DayField(
        label=_("Taught since"),
        required=False,
        help_text=_("Only for what was taught before it was recorded here; otherwise leave it empty."),
    )

    def __init__(self, *args: Any, may_backdate: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_backdate:
            del self.fields["released_on"]


class UnitForm(forms.Form):
    """A teaching unit without its skills, which stand in lines below it."""

    name_zh, name_en = _names()
    content = _text(_("What is taught"), rows=6, max_length=8000, required=False)
    hours = forms.DecimalField(label=_("Hours"), **_HOURS)
    practice_hours = forms.DecimalField(label=_("of which practice"), initial=0, **_HOURS)
    source_part = forms.ModelChoiceField(
        ProjectPart.objects.none(), label=_("Made from the part of a project"), required=False
    )
    source_case = forms.ModelChoiceField(TeachingCase.objects.none(), label=_("Real case"), required=False)
    university_author = forms.ModelChoiceField(
        Person.objects.none(), label=_("Author from the university"), required=False
    )
    enterprise_author = forms.ModelChoiceField(
        Person.objects.none(), label=_("Author from an enterprise"), required=False
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, data: Any = None, *, programme: Programme, unit: Unit | None = None) -> None:
        names = (
            "name_zh", "name_en", "content", "hours", "practice_hours", "source_part", "source_case",
            "university_author", "enterprise_author", "revision",
        )  # fmt: skip
        initial = {name: getattr(unit, name) for name in names} if unit else {}
        super().__init__(data, initial=initial)
        today = timezone.localdate()
        querysets = {
            "source_part": ProjectPart.objects.select_related("project").order_by("project__name_zh", "position"),
            "source_case": TeachingCase.objects.order_by("name_zh"),
            "university_author": community.people_with(RoleKind.TEACHER, programme.organisation, today),
            "enterprise_author": Person.objects.filter(
                roles__kind=RoleKind.MENTOR, roles__superseded_at__isnull=True
            ).distinct().order_by("name_latin", "name"),
        }  # fmt: skip
        for name, found in querysets.items():
            choice: Any = self.fields[name]
            choice.queryset = found
        part: Any = self.fields["source_part"]
        part.label_from_instance = lambda one: f"{one.project.name} · {one.name}"


class DeclarationForm(forms.Form):
    """One line: a skill that the unit teaches. A line without a skill is left out."""

    skill = SkillNameField(label=_("Skill"), required=False)
    skill_level = _level(_("Skill level"))
    hours = forms.DecimalField(label=_("Hours"), required=False, **_HOURS)
    practice_hours = forms.DecimalField(label=_("of which practice"), required=False, **_HOURS)
    evidence = forms.CharField(
        label=_("Evidence"), max_length=300, required=False,
        widget=forms.TextInput(attrs={"placeholder": _("what the learner shows: a board, a report, a demonstration")}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("skill") is None and not self.errors:
            if any(data.get(name) for name in ("skill_level", "hours", "practice_hours", "evidence")):
                self.add_error("skill", _("Name the skill of this line, or empty the line."))
        elif data.get("skill") is not None:
            if not data.get("skill_level"):
                self.add_error("skill_level", _("Choose the skill level that learners reach."))
            if not data.get("hours"):
                self.add_error("hours", _("Give the hours spent on this skill, more than 0."))
        return data


class _Lines(forms.BaseFormSet):  # type: ignore[type-arg]
    """The lines of one unit, with those that are filled in as declarations."""

    def declared(self) -> tuple[Declared, ...]:
        return tuple(
            Declared(
                skill=line["skill"],
                skill_level=line["skill_level"],
                hours=line["hours"],
                practice_hours=line["practice_hours"] or Decimal(0),
                evidence=line["evidence"],
            )
            for line in (form.cleaned_data for form in self.forms)
            if line.get("skill") is not None
        )


def declaration_lines(data: Any = None, unit: Unit | None = None) -> Any:
    """The lines of a unit and some free ones."""
    lines: Any = forms.formset_factory(
        DeclarationForm, formset=_Lines, extra=FREE_LINES, max_num=_MOST_LINES, validate_max=True
    )
    initial = [
        {
            "skill": one.skill,
            "skill_level": str(one.skill_level),
            "hours": one.hours,
            "practice_hours": one.practice_hours,
            "evidence": one.evidence,
        }
        for one in (unit.declarations.select_related("skill") if unit else [])
    ]
    return lines(data, initial=initial, prefix="skills")


def unit_data(form: UnitForm, lines: Any) -> UnitData:
    """What a filled-in form says, for the service."""
    values = {name: value for name, value in form.cleaned_data.items() if name != "revision"}
    return UnitData(**values, declared=lines.declared())


class SuggestionForm(forms.Form):
    """What a person makes of a suggested skill."""

    skill = forms.CharField(max_length=80)
    accept = forms.BooleanField(required=False)
    skill_level = _level(_("Skill level"))
    hours = forms.DecimalField(label=_("Hours"), required=False, **_HOURS)
    practice_hours = forms.DecimalField(label=_("of which practice"), required=False, **_HOURS)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ProjectForm(forms.Form):
    """A project of an enterprise."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Enterprise"))
    name_zh, name_en = _names()
    summary = _text(_("What it was about"), max_length=4000, required=False)
    started_on = DayField(label=_("Started on"))
    ended_on = DayField(label=_("Ended on"), required=False)

    def __init__(self, *args: Any, enterprises: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_enterprises(self, enterprises)


class PartForm(forms.Form):
    """A part of a project that can be taught."""

    name_zh, name_en = _names()
    work = _text(_("What is done in it"), max_length=4000, required=False)


class BreakForm(forms.Form):
    """Which parts become units of which draft."""

    parts = forms.ModelMultipleChoiceField(
        ProjectPart.objects.none(), label=_("Parts"), widget=forms.CheckboxSelectMultiple
    )
    version = forms.ChoiceField(label=_("Draft that takes them"))
    hours = forms.DecimalField(label=_("Hours of each unit, to begin with"), initial=8, **_HOURS)

    def __init__(self, *args: Any, project: IndustryProject, drafts: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts: Any = self.fields["parts"]
        parts.queryset = project.parts.all()
        version: Any = self.fields["version"]
        version.choices = [(str(one.uid), f"{one.package.name} · {one.number}") for one in drafts]


class CaseForm(forms.Form):
    """A real case for the library."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Enterprise"))
    name_zh, name_en = _names()
    summary = _text(_("The case in short"), max_length=4000)
    happened_on = DayField(label=_("Happened on"))
    licence = forms.ChoiceField(label=_("Licence"), choices=Licence.choices)
    terms = forms.CharField(label=_("Terms"), max_length=300, required=False, help_text=_("Only for other terms."))
    address = forms.URLField(label=_("Address of the material"), required=False, assume_scheme="https")

    def __init__(self, *args: Any, enterprises: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_enterprises(self, enterprises)


def _offer_enterprises(form: forms.Form, enterprises: Sequence[Organisation]) -> None:
    choice: Any = form.fields["organisation"]
    choice.queryset = Organisation.objects.filter(pk__in=[one.pk for one in enterprises])
    if len(enterprises) == 1:
        choice.initial = enterprises[0]


class CaseFileForm(forms.Form):
    """A file in the CASE format."""

    file = forms.FileField(label=_("CASE file"), help_text=_("JSON of IMS CASE 1.0, up to 5 MB."))


class WhatIfForm(forms.Form):
    """One skill changed: taught to a level, in some hours, of which a share is practice."""

    skill = SkillNameField(label=_("Skill"))
    skill_level = forms.TypedChoiceField(
        label=_("taught to skill level"), choices=SKILL_LEVELS, coerce=int, initial="3"
    )
    hours = forms.DecimalField(label=_("in hours"), initial=8, **_HOURS)
    practice_hours = forms.DecimalField(label=_("of which practice"), initial=4, **_HOURS)
