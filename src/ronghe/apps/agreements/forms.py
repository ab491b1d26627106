"""What people fill in about agreements. Forms read what was typed; whether it may stand is the services' to say."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import selectors
from ronghe.apps.agreements.clauses import FIELDS, ClauseKind, Value
from ronghe.apps.agreements.models import AgreementKind, Party, Signatory, Signature, TemplateVersion
from ronghe.apps.agreements.models.agreements import side_label
from ronghe.apps.agreements.services import PartyData
from ronghe.apps.community import standing
from ronghe.apps.community.models import Chain, Organisation, RoleKind

# As many lines for parties as the form shows; an import or the API of a later day may bring more.
PARTY_LINES = 4


def _sides() -> list[tuple[int, str]]:
    return [(side, side_label(side)) for side in range(1, 7)]


def day_input() -> forms.DateInput:
    """A calendar of the browser's own."""
    return forms.DateInput(attrs={"type": "date"})


class AgreementFilter(forms.Form):
    """Which agreements a list shows."""

    text = forms.CharField(label=_("Title or number"), required=False, max_length=100)
    standing = forms.ChoiceField(label=_("How it stands"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    chain = forms.ModelChoiceField(Chain.objects.none(), label=_("Chain"), required=False, empty_label=_("All"))
    on = forms.DateField(label=_("On the day"), required=False, widget=day_input())

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        choice = {name: field for name, field in self.fields.items() if isinstance(field, forms.ChoiceField)}
        choice["standing"].choices = [("", _("All")), *selectors.STANDINGS.items()]
        choice["kind"].choices = [("", _("All")), *AgreementKind.choices]
        chains = self.fields["chain"]
        if isinstance(chains, forms.ModelChoiceField):
            chains.queryset = selectors.chains_with_agreements(user)


class DraftForm(forms.Form):
    """What a draft begins with; a line for each party."""

    template = forms.ModelChoiceField(
        TemplateVersion.objects.none(), label=_("Template"), required=False, empty_label=_("Without a template")
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=AgreementKind.choices, required=False, help_text=_("With a template, its kind counts.")
    )
    title_zh = forms.CharField(label=_("Chinese title"), max_length=160)
    title_en = forms.CharField(label=_("English title"), max_length=200, required=False)
    number = forms.CharField(label=_("Number"), max_length=40, required=False)
    chain = forms.ModelChoiceField(Chain.objects.none(), label=_("Chain"), required=False)
    first_day = forms.DateField(label=_("In force from"), widget=day_input())
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=day_input(), help_text=_("Empty: without an end.")
    )
    notice_days = forms.IntegerField(label=_("Days of notice"), min_value=0, max_value=3650, initial=30)

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        self._user = user
        self._choose("template", selectors.newest_versions(user))
        self._choose("chain", Chain.objects.visible_to(user))
        organisations = Organisation.objects.visible_to(user)
        for line in range(1, PARTY_LINES + 1):
            self.fields[f"organisation_{line}"] = forms.ModelChoiceField(
                organisations, label=_("Organisation"), required=False
            )
            self.fields[f"person_{line}"] = forms.EmailField(label=_("or a person, by e-mail address"), required=False)
            self.fields[f"side_{line}"] = forms.TypedChoiceField(
                label=_("Side"), choices=_sides, coerce=int, initial=min(line, 3), required=False
            )
            self.fields[f"signatures_{line}"] = forms.IntegerField(
                label=_("Signatures required"), min_value=1, max_value=5, initial=1, required=False
            )
        own = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        if own:
            self.fields["organisation_1"].initial = min(own)

    def _choose(self, name: str, found: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = found

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        """The fields of each party."""
        names = ("organisation", "person", "side", "signatures")
        return [[self[f"{name}_{line}"] for name in names] for line in range(1, PARTY_LINES + 1)]

    @property
    def head(self) -> list[forms.BoundField]:
        """The fields that are not a party's."""
        return [self[name] for name in self.fields if not name[-1].isdigit()]

    @property
    def parties(self) -> list[PartyData]:
        """The parties that were named."""
        return [found for line in range(1, PARTY_LINES + 1) if (found := self._party(line)) is not None]

    def _party(self, line: int) -> PartyData | None:
        given = self.cleaned_data
        organisation, person = given.get(f"organisation_{line}"), given.get(f"the_person_{line}")
        if organisation is None and person is None:
            return None
        return PartyData(
            side=given.get(f"side_{line}") or line,
            organisation=organisation,
            person=person,
            signatures_required=1 if person else given.get(f"signatures_{line}") or 1,
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for line in range(1, PARTY_LINES + 1):
            address = (given.get(f"person_{line}") or "").lower()
            if not address:
                continue
            if given.get(f"organisation_{line}"):
                self.add_error(f"person_{line}", _("Name either an organisation or a person in one line."))
                continue
            person = Person.objects.filter(email=address, is_active=True).first()
            if person is None:
                self.add_error(f"person_{line}", _("Nobody signs in with this address."))
            given[f"the_person_{line}"] = person
        return given


class PaperForm(forms.Form):
    """The days of a draft."""

    first_day = forms.DateField(label=_("In force from"), widget=day_input())
    last_day = forms.DateField(label=_("Last day"), required=False, widget=day_input())
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AmendForm(forms.Form):
    """What an amendment begins with."""

    first_day = forms.DateField(label=_("Takes effect on"), widget=day_input())
    reason = forms.CharField(label=_("Why it is amended"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class RenewForm(forms.Form):
    """What a renewal begins with."""

    last_day = forms.DateField(
        label=_("New last day"), required=False, widget=day_input(), help_text=_("Empty: without an end.")
    )
    reason = forms.CharField(
        label=_("Remark"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )


class EndForm(forms.Form):
    """How an agreement ends before its time."""

    party = forms.ModelChoiceField(Party.objects.none(), label=_("Who ends it"))
    notice_given_on = forms.DateField(label=_("Notice given on"), widget=day_input())
    ended_on = forms.DateField(
        label=_("Ended from"), widget=day_input(), help_text=_("The first day on which it holds no longer.")
    )
    without_notice = forms.BooleanField(label=_("Both sides agreed, or there is cause: no notice"), required=False)
    reason = forms.CharField(label=_("Why it ends"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    consequences = forms.CharField(
        label=_("What happens to students, open positions and fees"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, parties: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["party"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = parties


class ReasonForm(forms.Form):
    """A reason, for whatever needs one."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)


class SendForm(forms.Form):
    """Until when, and who signs for each organisation."""

    sign_by = forms.DateField(label=_("To be signed by"), widget=day_input())
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, parties: Sequence[Party], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._parties = parties
        for party in parties:
            if party.organisation is not None:
                held = selectors.signatories_of(party.organisation)
                self.fields[f"party_{party.place}"] = forms.ModelMultipleChoiceField(
                    Person.objects.filter(pk__in=held.order_by().values("person")).order_by("name_latin"),
                    label=f"{party.side_label} · {party.name}",
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                    help_text=_("Signatures required: %(count)s. Only signatories with a standing today are shown.")
                    % {"count": party.signatures_required},
                )

    @property
    def signatories(self) -> dict[int, list[Person]]:
        """The chosen people by the party's place."""
        return {party.place: list(self.cleaned_data.get(f"party_{party.place}") or []) for party in self._parties}


class ScanForm(forms.Form):
    """A scan of what was signed outside."""

    file = forms.FileField(label=_("Scan"), help_text=_("PDF, PNG or JPEG, 20 MB at most."))
    party = forms.ModelChoiceField(
        Party.objects.none(), label=_("Signed by"), required=False, empty_label=_("All who have not signed here")
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=day_input())

    def __init__(self, data: Any, files: Any, parties: Any, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        field = self.fields["party"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = parties


class HandOverForm(forms.Form):
    """Who signs instead."""

    to = forms.ModelChoiceField(Person.objects.none(), label=_("New signatory"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)

    def __init__(self, data: Any, signature: Signature) -> None:
        super().__init__(data)
        field = self.fields["to"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = selectors.may_hand_over_to(signature)


class SignatoryForm(forms.Form):
    """A standing to be given."""

    email = forms.EmailField(label=_("E-mail address of the person"))
    title_zh = forms.CharField(label=_("Position held, in Chinese"), max_length=60)
    title_en = forms.CharField(label=_("Position held, in English"), max_length=80, required=False)
    basis = forms.CharField(
        label=_("By what"),
        max_length=200,
        required=False,
        help_text=_("Such as: legal representative; authorisation of 2026-09-01."),
    )
    valid_from = forms.DateField(label=_("Valid from"), widget=day_input())
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=day_input(), help_text=_("The first day it no longer holds.")
    )

    def clean_email(self) -> Person:
        person = Person.objects.filter(email=str(self.cleaned_data["email"]).lower(), is_active=True).first()
        if person is None:
            raise ValidationError(_("Nobody signs in with this address. The office adds people."))
        return person


class EndSignatoryForm(forms.Form):
    """When a standing ends and who takes over."""

    on = forms.DateField(label=_("First day without it"), widget=day_input())
    successor = forms.ModelChoiceField(
        Person.objects.none(), label=_("Papers that wait go to"), required=False, empty_label=_("Nobody")
    )

    def __init__(self, data: Any, signatory: Signatory, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        held = selectors.signatories_of(signatory.organisation).exclude(person=signatory.person_id)
        field = self.fields["successor"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Person.objects.filter(pk__in=held.order_by().values("person"))


class TemplateForm(forms.Form):
    """A new template."""

    kind = forms.ChoiceField(label=_("Kind"), choices=AgreementKind.choices)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)


class ClauseKindForm(forms.Form):
    """What a new clause is about."""

    kind = forms.ChoiceField(label=_("What is the clause about?"), choices=ClauseKind.choices)


class ClauseForm(forms.Form):
    """One clause: heading and text in both languages, and the typed values of its kind."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        kind: str,
        parties: Sequence[Party] = (),
        clause: Mapping[str, Any] | None = None,
        revision: int = 1,
    ) -> None:
        super().__init__(data, initial={"revision": revision})
        self.kind = kind
        self._key = str(clause["key"]) if clause else ""
        given = clause or {"heading": {}, "text": {}, "values": {}}
        default = str(ClauseKind(kind).label) if clause is None else ""
        for field in FIELDS[kind]:
            shown = _field(field, parties)
            shown.initial = given["values"].get(field.name)
            self.fields[field.name] = shown
        for language, label in (("zh", _("Chinese heading")), ("en", _("English heading"))):
            self.fields[f"heading_{language}"] = forms.CharField(
                label=label,
                max_length=160,
                required=language == "zh",
                initial=given["heading"].get(language) or default,
            )
        for language, label in (("zh", _("Chinese text")), ("en", _("English text"))):
            self.fields[f"text_{language}"] = forms.CharField(
                label=label,
                required=False,
                max_length=6000,
                initial=given["text"].get(language),
                widget=forms.Textarea(attrs={"rows": 5}),
            )

    @property
    def clause(self) -> dict[str, Any]:
        """The clause as it was typed."""
        given = self.cleaned_data
        return {
            "key": self._key,
            "kind": self.kind,
            "heading": {language: given.get(f"heading_{language}", "") for language in ("zh", "en")},
            "text": {language: given.get(f"text_{language}", "") for language in ("zh", "en")},
            "values": {field.name: given.get(field.name) for field in FIELDS[self.kind]},
        }


def _field(field: Any, parties: Sequence[Party]) -> forms.Field:
    label = field.label
    if field.value is Value.NUMBER:
        return forms.IntegerField(label=label, required=False, min_value=1, max_value=10_000_000)
    if field.value is Value.MONEY:
        return forms.DecimalField(label=label, required=False, min_value=0, max_digits=10, decimal_places=2)
    if field.value is Value.DAY:
        return forms.DateField(label=label, required=False, widget=day_input(), help_text=_("Empty: as the agreement."))
    if field.value is Value.CHOICE:
        return forms.ChoiceField(label=label, required=False, choices=[("", "—"), *field.choices.choices])
    if field.value is Value.PARTY:
        choices = [("", "—"), *((party.place, f"{party.side_label} · {party.name}") for party in parties)]
        return forms.ChoiceField(label=label, required=False, choices=choices, disabled=not parties)
    return forms.CharField(label=label, required=False, max_length=200)


class VerifyForm(forms.Form):
    """A code, or the file itself."""

    code = forms.CharField(label=_("Verification code"), required=False, max_length=40)
    file = forms.FileField(label=_("or the file (PDF)"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("code") and not given.get("file"):
            raise ValidationError(_("Enter the code that is printed on the paper, or choose the file."))
        return given
