"""Forms of policies. They read what was typed; whether it may stand is the services' to say."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, OrganisationKind
from ronghe.apps.policies import levels, names
from ronghe.apps.policies.content import IncentiveEntry
from ronghe.apps.policies.loading import LARGEST
from ronghe.apps.policies.models import ClaimState, UpliftKind
from ronghe.apps.policies.selectors.incentives import DECLARED
from ronghe.apps.policies.selectors.obligations import Moment
from ronghe.apps.policies.services.incentives import MOST, NEXT
from ronghe.methods.rules import Verdict

EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)


class DayField(forms.DateField):
    """A day, chosen from a calendar."""

    default_validators = [
        MinValueValidator(EARLIEST, _("Choose a day after 1989.")),
        MaxValueValidator(LATEST, _("Choose a day before 2200.")),
    ]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}))
        super().__init__(**kwargs)


class AmountField(forms.DecimalField):
    """An amount with two places that is not negative."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": Decimal(0), "max_value": MOST, "decimal_places": 2, **kwargs})


class TextField(forms.CharField):
    """A text of several lines."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(**kwargs)


class MomentForm(forms.Form):
    """The day asked about, and optionally the day as of whose knowledge it is told."""

    on = DayField(label=_("On the day"), required=False)
    known = DayField(label=_("As it was known on"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (day := data.get("on")) and day > timezone.localdate():
            self.add_error("on", _("This day is still to come. Choose today or an earlier one."))
        return data

    def moment(self) -> Moment:
        """The moment asked about; today as it is known now when nothing, or nothing possible, was asked."""
        if not self.is_bound or not self.is_valid():
            return Moment(timezone.localdate())
        known = self.cleaned_data.get("known")
        known_at = None
        if known is not None:
            known_at = timezone.make_aware(datetime.combine(known + timedelta(days=1), time.min))
        return Moment(self.cleaned_data.get("on") or timezone.localdate(), known_at)


class BoardForm(MomentForm):
    """Which lines of the board."""

    verdict = forms.ChoiceField(
        label=_("Worst verdict"),
        required=False,
        choices=[("", _("All")), *((one.value, names.VERDICTS[one][1]) for one in Verdict)],
    )


class ProposalForm(forms.Form):
    """A rule set's text, typed or as a file, and why."""

    text = forms.CharField(
        label=_("Rule set (TOML)"),
        required=False,
        max_length=LARGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "code-input"}),
    )
    file = forms.FileField(
        label=_("or a file"), required=False, help_text=_("UTF-8, at most 500 kB; it wins over the text.")
    )
    note = forms.CharField(label=_("What changes and why"), max_length=500)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file is not None:
            try:
                data["text"] = file.read(LARGEST + 1).decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("The file is not UTF-8. Save it as UTF-8 and try again."))
        elif not (data.get("text") or "").strip():
            self.add_error("text", _("Write the rule set or choose a file."))
        # A browser sends line ends as CR LF; the digest does not see them, but the stored text should be one.
        data["text"] = (data.get("text") or "").replace("\r\n", "\n")
        return data


class NoteForm(forms.Form):
    """A reason in a sentence or two."""

    note = TextField(label=_("Reason"), max_length=500)


class ExemptionForm(forms.Form):
    """Why a rule should not bind, and for how long."""

    reason = TextField(label=_("Reason"), max_length=500)
    first_day = DayField(label=_("First day"), initial=timezone.localdate)
    last_day = DayField(label=_("Last day"), help_text=_("Two years at most."))


class RevokeForm(NoteForm):
    """From which day a rule binds again."""

    from_day = DayField(label=_("The rule binds again from"), initial=timezone.localdate)
    field_order = ["from_day", "note"]


class SignForm(forms.Form):
    """What a reviewer found."""

    note = TextField(label=_("What was found"), max_length=2_000, required=False)


class QuestionForm(forms.Form):
    """A reviewer's question."""

    record = forms.CharField(widget=forms.HiddenInput, required=False, max_length=120)
    text = TextField(label=_("Question"), max_length=2_000)


class AnswerForm(forms.Form):
    """The answer to a reviewer's question."""

    answer = TextField(label=_("Answer"), max_length=2_000)


class ClaimForm(forms.Form):
    """What a firm declares for an incentive; the fields follow from its kind."""

    def __init__(self, *args: Any, incentive: IncentiveEntry, with_year: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if with_year:
            this_year = timezone.localdate().year
            years = range(this_year, max(incentive.validity.first.year, this_year - 6) - 1, -1)
            self.fields["year"] = forms.TypedChoiceField(
                label=_("Year"), coerce=int, choices=[(year, str(year)) for year in years]
            )
        else:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)
        for name in DECLARED[incentive.kind]:
            places = 0 if name == "persons" else 2
            self.fields[name] = AmountField(label=names.declared_label(name), decimal_places=places)

    def declared(self) -> dict[str, Decimal | None]:
        """What was declared."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("year", "revision")}


class ClaimStepForm(forms.Form):
    """Where a claim went, on which day."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    state = forms.TypedChoiceField(label=_("It was"), coerce=ClaimState)
    day = DayField(label=_("On the day"), initial=timezone.localdate)
    amount = AmountField(label=_("Amount granted (yuan)"), required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [(one.value, one.label) for one in NEXT[state]]  # type: ignore[attr-defined]


class PayLinkForm(forms.Form):
    """A line of a pay table."""

    level = forms.TypedChoiceField(label=_("Worker level"), coerce=int, choices=levels.CHOICES)
    post_zh = forms.CharField(label=_("Post (Chinese)"), max_length=80)
    post_en = forms.CharField(label=_("Post (English)"), max_length=120, required=False)
    kind = forms.TypedChoiceField(label=_("Promised as"), coerce=UpliftKind, choices=UpliftKind.choices)
    uplift = AmountField(label=_("Uplift"))
    valid_from = DayField(label=_("Valid from"), initial=timezone.localdate)


class EndForm(forms.Form):
    """From which day something no longer holds."""

    day = DayField(label=_("It no longer holds from"), initial=timezone.localdate)


class PayslipForm(forms.Form):
    """What was earned in a month."""

    organisation = forms.ModelChoiceField(label=_("Enterprise"), queryset=Organisation.objects.none())
    month = DayField(label=_("Month"), help_text=_("Any day of the month."))
    post_zh = forms.CharField(label=_("Post, as in the firm's pay table"), max_length=80)
    base_pay = AmountField(label=_("Base pay of the post (yuan a month)"))
    paid = AmountField(label=_("Paid (yuan)"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
            kind=OrganisationKind.ENTERPRISE
        )


class FirmPayslipForm(PayslipForm):
    """The same, declared by HR for somebody who works there."""

    email = forms.EmailField(label=_("E-mail address of the worker"))
    field_order = ["organisation", "email"]

    def __init__(self, *args: Any, firms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = firms  # type: ignore[attr-defined]

    def clean_email(self) -> Person:
        """The person of that address, who must take part in the community."""
        found = Person.objects.filter(email=self.cleaned_data["email"].lower(), is_active=True).first()
        if found is None:
            raise ValidationError(_("Nobody of the community has this address."))
        return found


class DigestForm(forms.Form):
    """Whether one wants the weekly mail."""

    is_wanted = forms.BooleanField(label=_("Send me the weekly mail"), required=False)
