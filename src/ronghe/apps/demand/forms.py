"""What people fill in about demand. Forms read what was typed; whether it may stand is the services' to say."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community.models import Organisation
from ronghe.apps.demand import extraction
from ronghe.apps.demand.models import AnswerKind, Requirement, Skill, Source

LONGEST_TEXT = 20_000
_LONGEST_NAME = 160
# The element of the page into which names on offer are put while one types.
SUGGESTIONS = "skill-suggestions"

SKILL_LEVELS = (
    ("1", _("1 · knows what it is about")),
    ("2", _("2 · does it under guidance")),
    ("3", _("3 · does it alone")),
    ("4", _("4 · improves it and guides others")),
    ("5", _("5 · leads the field")),
)
SEVERITIES = (
    ("1", _("1 · would be good to have")),
    ("2", _("2 · slows some work down")),
    ("3", _("3 · slows a project down")),
    ("4", _("4 · endangers a delivery")),
    ("5", _("5 · work stands still")),
)


def day_input() -> forms.DateInput:
    """A calendar of the browser's own."""
    return forms.DateInput(attrs={"type": "date"})


def _unknown(name: str) -> str:
    language = get_language() or ""
    nearest = extraction.names().suggest(name, language)
    if not nearest:
        text = gettext("No skill is called “%(name)s”. Try another name for it, in Chinese or English.")
        return text % {"name": name}
    separator = "、" if language.startswith("zh") else ", "
    return gettext("No skill is called “%(name)s”. Did you mean: %(nearest)s?") % {
        "name": name,
        "nearest": separator.join(nearest),
    }


class SkillNameField(forms.CharField):
    """A skill by any of its names in either language; cleans to the skill, or None where it may be left empty."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            attrs={
                "list": SUGGESTIONS,
                "autocomplete": "off",
                "placeholder": _("Chinese or English name"),
                "hx-get": reverse_lazy("demand:skill_suggestions"),
                "hx-trigger": "input changed delay:150ms",
                "hx-target": f"#{SUGGESTIONS}",
                "hx-swap": "innerHTML",
                "hx-select": "unset",
                "hx-push-url": "false",
                "hx-sync": "this:replace",
            }
        )
        super().__init__(max_length=_LONGEST_NAME, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        name = super().clean(value)
        if not name:
            return None
        code = extraction.names().resolve(name)
        skill = Skill.objects.current().filter(code=code).first() if code else None
        if skill is None:
            raise ValidationError(_unknown(name), code="unknown")
        return skill

    def prepare_value(self, value: Any) -> Any:
        return value.name if isinstance(value, Skill) else value


class RequirementForm(forms.Form):
    """What an enterprise needs. `revision` is the one that an amendment starts from."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Enterprise"))
    skill = SkillNameField(
        label=_("Skill"), help_text=_("Type a few letters and choose; any usual name is understood.")
    )
    head_count = forms.IntegerField(label=_("Head count"), min_value=1, max_value=100_000)
    skill_level = forms.TypedChoiceField(
        label=_("Skill level"),
        choices=[("", _("Not decided")), *SKILL_LEVELS],
        required=False,
        coerce=int,
        empty_value=None,
    )
    needed_by = forms.DateField(label=_("Needed by"), widget=day_input())
    severity = forms.TypedChoiceField(label=_("Severity"), choices=SEVERITIES, coerce=int, initial="3")
    reason = forms.CharField(
        label=_("What it is needed for"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "A sentence or two: the work, the product, what happens without it. The office and teachers read it."
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, enterprises: Sequence[Organisation] = (), requirement: Requirement | None = None
    ) -> None:
        initial: dict[str, Any] = {}
        if requirement is not None:
            names = ("skill", "head_count", "needed_by", "reason", "revision")
            initial = {name: getattr(requirement, name) for name in names}
            initial["skill_level"] = str(requirement.skill_level or "")
            initial["severity"] = str(requirement.severity)
        super().__init__(data, initial=initial)
        if requirement is not None or len(enterprises) == 1:
            del self.fields["organisation"]
        else:
            keys = [enterprise.pk for enterprise in enterprises]
            choice: Any = self.fields["organisation"]
            choice.queryset = Organisation.objects.filter(pk__in=keys)
        if requirement is None:
            del self.fields["revision"]
            self.fields["needed_by"].widget.attrs["min"] = timezone.localdate().isoformat()


class AnswerForm(forms.Form):
    """What the office answers."""

    kind = forms.ChoiceField(label=_("Answer"), choices=AnswerKind.choices, widget=forms.RadioSelect)
    planned_for = forms.DateField(
        label=_("Taught by"), required=False, widget=day_input(), help_text=_("Only where it will be taught.")
    )
    text = forms.CharField(
        label=_("Explanation"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The enterprise reads this."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class WithdrawForm(forms.Form):
    """Why something is no longer needed."""

    explanation = forms.CharField(
        label=_("Why is it no longer needed?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class TextForm(forms.Form):
    """A text in which skills are to be found."""

    text = forms.CharField(
        label=_("Text of an advertisement"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("Paste a text first.")},
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").replace("\r", "\n")
        if not text.strip():
            raise ValidationError(_("Paste a text first."))
        return text


class SourceForm(forms.ModelForm[Source]):
    """Where postings come from. Whether the name is taken is the service's to say."""

    address = forms.URLField(label=pgettext_lazy("on the web", "Address"), required=False, assume_scheme="https")

    class Meta:
        model = Source
        fields = ["name", "licence", "address", "is_example"]
        labels = {
            "name": _("Name of the source"),
            "licence": _("Licence"),
            "is_example": _("Generated example, not real advertisements"),
        }
        help_texts = {"licence": _("Under which terms the texts may be used here.")}

    def _post_clean(self) -> None:
        """Build nothing here: the service makes the source and checks it."""


class DecisionForm(forms.Form):
    """One person's word on one span. `seen` is the verdict that stood on the page; `verdict` "" takes it back."""

    skill = forms.CharField(max_length=80)
    start = forms.IntegerField(min_value=0)
    end = forms.IntegerField(min_value=1)
    verdict = forms.CharField(max_length=10, required=False)
    seen = forms.CharField(max_length=10, required=False)
