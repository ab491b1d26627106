"""What people fill in about certificates. Forms read what was typed; whether it may stand is the services' to say."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors as community
from ronghe.apps.community.forms import DayField
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials.models import (
    Achievement,
    AchievementType,
    AchievementVersion,
    CertificateState,
    Framework,
    Issuer,
    RecognitionAgreement,
    ReportState,
    Scope,
    Standing,
    StatusChange,
    StatusReason,
    WorkerLevel,
)
from ronghe.apps.credentials.services.achievements import METRIC_SUBJECT, AchievementData, ConditionData
from ronghe.apps.credentials.services.status import REASONS
from ronghe.apps.demand.forms import SKILL_LEVELS, SkillNameField
from ronghe.apps.metrics import registry

SKILL_LINES = 6
CONDITION_LINES = 3


def _text(label: Any, rows: int = 4, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **options)


def _optional_number(label: Any, choices: Sequence[tuple[Any, Any]]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=[("", "—"), *choices], required=False, coerce=int, empty_value=None
    )


def end_of(day: Any) -> datetime:
    """The last moment of a day in the site's time zone."""
    return timezone.make_aware(datetime.combine(day, time.max.replace(microsecond=0)))


class IssuerForm(forms.Form):
    """Which organisation is to issue."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"))
    for_site = forms.BooleanField(
        label=_("It speaks for the site itself"),
        required=False,
        help_text=_(
            "Its DID is the site's own address. One issuer can; choose it for the community's leading university."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["organisation"]
        choice.queryset = Organisation.objects.filter(issuer__isnull=True).exclude(kind="government")
        if Issuer.objects.filter(is_site=True).exists():
            del self.fields["for_site"]


class RevokeKeyForm(forms.Form):
    """Why a key is not safe any more."""

    reason = _text(_("Why is it not safe any more?"), rows=3, max_length=500)


class AchievementForm(forms.Form):
    """An achievement's version, with lines for skills and conditions; an empty line is left out."""

    issuer = forms.ModelChoiceField(Issuer.objects.none(), label=_("Issuer"))
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Such as IC-UVM-1; it stays through all versions.")
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    type = forms.ChoiceField(label=_("Kind"), choices=AchievementType.choices)
    worker_level = _optional_number(_("Eight-level worker"), WorkerLevel.choices)
    eqf_level = _optional_number(_("EQF level, our own reading"), [(level, str(level)) for level in range(1, 9)])
    months_valid = forms.IntegerField(
        label=_("Months for which a certificate holds"),
        required=False,
        min_value=1,
        max_value=240,
        help_text=_("Leave it empty where it does not run out."),
    )
    criteria_zh = _text(_("Criteria in Chinese"), rows=5, max_length=4000)
    criteria_en = _text(_("Criteria in English"), rows=5, max_length=4000, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(
        self,
        data: Any = None,
        *,
        issuers: Sequence[Issuer] = (),
        version: AchievementVersion | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(version) if version else {})
        if version is None:
            choice: Any = self.fields["issuer"]
            choice.queryset = Issuer.objects.filter(pk__in=[one.pk for one in issuers]).select_related("organisation")
            if len(issuers) == 1:
                choice.initial = issuers[0]
        else:
            del self.fields["issuer"], self.fields["code"]
        metrics = [(one.name, one.label) for one in registry.all_metrics() if one.subject == METRIC_SUBJECT]
        for number in range(1, SKILL_LINES + 1):
            self.fields[f"skill_{number}"] = SkillNameField(label=_("Skill"), required=False)
            self.fields[f"level_{number}"] = _optional_number(_("Skill level"), SKILL_LEVELS)
        for number in range(1, CONDITION_LINES + 1):
            self.fields[f"metric_{number}"] = forms.CharField(
                label=_("Metric"),
                max_length=120,
                required=False,
                widget=forms.TextInput(attrs={"list": "metrics-about-people", "autocomplete": "off"}),
            )
            self.fields[f"condition_{number}"] = forms.CharField(label=_("In words"), max_length=120, required=False)
            self.fields[f"least_{number}"] = forms.FloatField(label=_("At least"), required=False)
            self.fields[f"waiver_{number}"] = forms.CharField(
                label=_("Not asked for, because"), max_length=300, required=False
            )
        self.metrics = metrics

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for number in range(1, SKILL_LINES + 1):
            if cleaned.get(f"skill_{number}") and not cleaned.get(f"level_{number}"):
                self.add_error(f"level_{number}", _("Choose the level that was reached."))
        for number in range(1, CONDITION_LINES + 1):
            if cleaned.get(f"metric_{number}"):
                if not cleaned.get(f"condition_{number}"):
                    self.add_error(f"condition_{number}", _("Say in words what is asked for."))
                if cleaned.get(f"least_{number}") is None:
                    self.add_error(f"least_{number}", _("Give the least value."))
        return cleaned

    @property
    def skill_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """The lines of skills as the page shows them."""
        return ((self[f"skill_{number}"], self[f"level_{number}"]) for number in range(1, SKILL_LINES + 1))

    @property
    def condition_rows(self) -> Iterator[tuple[forms.BoundField, ...]]:
        """The lines of conditions as the page shows them."""
        names = ("condition", "metric", "least", "waiver")
        return (tuple(self[f"{name}_{number}"] for name in names) for number in range(1, CONDITION_LINES + 1))

    @property
    def data_of_version(self) -> AchievementData:
        """What was typed, as the services take it."""
        said = self.cleaned_data
        return AchievementData(
            name_zh=said["name_zh"],
            name_en=said["name_en"],
            criteria_zh=said["criteria_zh"],
            criteria_en=said["criteria_en"],
            type=said["type"],
            worker_level=said["worker_level"],
            eqf_level=said["eqf_level"],
            months_valid=said["months_valid"],
            skills=[
                (said[f"skill_{number}"], said[f"level_{number}"])
                for number in range(1, SKILL_LINES + 1)
                if said[f"skill_{number}"]
            ],
            conditions=[
                ConditionData(
                    metric=said[f"metric_{number}"],
                    least=said[f"least_{number}"],
                    name_zh=said[f"condition_{number}"],
                    waiver_reason=said[f"waiver_{number}"],
                )
                for number in range(1, CONDITION_LINES + 1)
                if said[f"metric_{number}"]
            ],
        )


def _initial(version: AchievementVersion) -> dict[str, Any]:
    names = (
        "name_zh", "name_en", "type", "worker_level", "eqf_level", "months_valid", "criteria_zh", "criteria_en",
        "revision",
    )  # fmt: skip
    initial = {name: getattr(version, name) for name in names}
    for number, skill in enumerate(version.skills.select_related("skill"), 1):
        initial |= {f"skill_{number}": skill.skill, f"level_{number}": skill.skill_level}
    for number, condition in enumerate(version.conditions.all(), 1):
        initial |= {
            f"metric_{number}": condition.metric,
            f"condition_{number}": condition.name_zh,
            f"least_{number}": condition.least,
            f"waiver_{number}": condition.waiver_reason,
        }
    return initial


class IssueForm(forms.Form):
    """One certificate: of what, for whom."""

    version = forms.ModelChoiceField(AchievementVersion.objects.none(), label=_("Achievement"))
    student = forms.CharField(
        label=_("Student"),
        max_length=254,
        help_text=_("The e-mail address or the student number."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, versions: Sequence[AchievementVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["version"]
        choice.queryset = AchievementVersion.objects.filter(pk__in=[one.pk for one in versions])

    def clean_student(self) -> Person:
        found = find_student(self.cleaned_data["student"])
        if found is None:
            raise ValidationError(_("Nobody has this e-mail address or student number."))
        return found


def find_student(text: str) -> Person | None:
    """The one person of an e-mail address or a student number; None when there is none, or several."""
    text = text.strip()
    found = list(Person.objects.filter(email=text.lower())[:1]) if "@" in text else []
    if not found:
        numbered = Person.objects.filter(
            cohort_memberships__student_number=text, cohort_memberships__superseded_at__isnull=True
        )
        found = list(numbered.distinct()[:2])
    return found[0] if len(found) == 1 else None


class StatusForm(forms.Form):
    """A change of status and its reason."""

    reason = forms.ChoiceField(label=_("Reason"), choices=(), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        help_text=_("Only the community office and the holder read it."),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["reason"]
        offered = [reason for reason in REASONS[kind] if (kind, reason) != (StatusChange.Kind.REVOKED, "replaced")]
        choice.choices = [(reason, StatusReason(reason).label) for reason in offered]


class CertificateFilter(forms.Form):
    """What the list of certificates can be narrowed by."""

    text = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Code or name of the holder")}),
    )
    achievement = forms.ModelChoiceField(
        Achievement.objects.order_by("code"), label=_("Achievement"), required=False, empty_label=_("All")
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *CertificateState.choices])


class ShareForm(forms.Form):
    """With whom a certificate is shared, until when, and what of it is shown."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("With an enterprise"),
        required=False,
        empty_label=_("No: make a link"),
        help_text=_("Its HR sees the certificate after signing in. Without one you get a link that anyone can open."),
    )
    until = DayField(label=_("Open until"))
    shows_name = forms.BooleanField(
        label=_("Show my full name"), required=False, help_text=_("Otherwise only the family name is shown.")
    )
    disclosed = forms.TypedMultipleChoiceField(
        label=_("Events to show"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, events: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        firm: Any = self.fields["organisation"]
        firm.queryset = community.enterprises()
        until: Any = self.fields["until"]
        until.initial = timezone.localdate() + timedelta(days=30)
        choice: Any = self.fields["disclosed"]
        choice.choices = events
        if not events:
            del self.fields["disclosed"]


class DiscloseForm(forms.Form):
    """Which events of the path go into the file."""

    disclosed = forms.TypedMultipleChoiceField(
        label=_("Events to show"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, events: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["disclosed"]
        choice.choices = events


class ReportForm(forms.Form):
    """What somebody found that does not fit."""

    code = forms.CharField(
        label=_("Code of the certificate"),
        max_length=40,
        required=False,
        help_text=_("As it is printed: four groups of four signs."),
    )
    text = _text(_("What does not fit?"), rows=6, max_length=2000)
    contact = forms.EmailField(
        label=_("E-mail address for an answer"), required=False, help_text=_("Used for this answer and nothing else.")
    )


class AnswerForm(forms.Form):
    """The office's answer to a report."""

    state = forms.ChoiceField(
        label=_("What was found"),
        choices=[(state, ReportState(state).label) for state in (ReportState.CONFIRMED, ReportState.UNFOUNDED)],
        widget=forms.RadioSelect,
    )
    answer = _text(_("Answer"), rows=5, max_length=2000)


class ApiKeyForm(forms.Form):
    """What a program of an organisation may do."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"))
    name = forms.CharField(label=_("Name of the program"), max_length=80)
    scopes = forms.MultipleChoiceField(label=_("It may"), choices=(), widget=forms.CheckboxSelectMultiple)
    per_minute = forms.IntegerField(label=_("Requests a minute"), min_value=1, max_value=6_000, initial=60)
    until = DayField(label=_("Valid until"), required=False)

    def __init__(
        self, *args: Any, organisations: Sequence[Organisation], may_let_issue: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["organisation"]
        choice.queryset = Organisation.objects.filter(pk__in=[one.pk for one in organisations])
        if len(organisations) == 1:
            choice.initial = organisations[0]
        scopes: Any = self.fields["scopes"]
        scopes.choices = [pair for pair in Scope.choices if may_let_issue or pair[0] != Scope.ISSUE]


class MappingForm(forms.Form):
    """What an achievement corresponds to in a framework."""

    framework = forms.ChoiceField(label=_("Framework"), choices=Framework.choices)
    identifier = forms.CharField(
        label=_("Identifier"), max_length=300, help_text=_("A level from 1 to 8, or the address of the skill in ESCO.")
    )
    label_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    label_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    standing = forms.ChoiceField(label=_("How sure it is"), choices=Standing.choices)
    source = forms.CharField(label=_("Source"), max_length=500, help_text=_("The document or page that this rests on."))
    valid_from = DayField(label=_("Valid from"), required=False)


class RecognitionForm(forms.Form):
    """An agreement with another body, with its paper."""

    name_zh = forms.CharField(label=_("The other body, in Chinese"), max_length=120)
    name_en = forms.CharField(label=_("The other body, in English"), max_length=160, required=False)
    direction = forms.ChoiceField(label=_("Direction"), choices=RecognitionAgreement.Direction.choices)
    country = forms.CharField(label=_("Country or region"), max_length=60, required=False)
    achievements = forms.ModelMultipleChoiceField(
        Achievement.objects.order_by("code"), label=_("Achievements"), widget=forms.CheckboxSelectMultiple
    )
    extent = _text(_("What is recognised as what"), rows=4, max_length=2000)
    source = forms.CharField(label=_("Source"), max_length=500, help_text=_("Title, number and date of the paper."))
    valid_from = DayField(label=_("Valid from"))
    valid_until = DayField(label=_("Valid until"), required=False)
    evidence = forms.FileField(
        label=_("The paper"),
        required=False,
        help_text=_("PDF, PNG or JPEG. Without it nobody can confirm the agreement."),
    )
