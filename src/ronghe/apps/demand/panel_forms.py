"""What is filled in for a panel: by the office its plan and its rounds, by an expert a token and the answers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.demand import extraction
from ronghe.apps.demand.forms import day_input
from ronghe.apps.demand.models import ConsensusRule, Panel, PanelItem, PanelRound, RoundKind, Skill
from ronghe.apps.demand.panel_results import FAMILIARITY
from ronghe.apps.demand.services import ItemData, PairwiseAnswer, PanelData, RatingAnswer
from ronghe.apps.demand.services.answers import LONGEST_REASON, Seat

CRITERION = (
    "points",
    "band_from",
    "rule",
    "least_share",
    "most_variation",
    "most_spread",
    "most_change",
    "most_rounds",
)
_LONGEST_ITEM = 300
_FAMILIARITIES = (
    _("very familiar"),
    _("familiar"),
    _("fairly familiar"),
    _("little familiar"),
    _("hardly familiar"),
    _("not familiar"),
)
BASIS_LABELS = {
    "practice": _("My own practice"),
    "theory": _("Theory and analysis"),
    "literature": _("Literature, at home and abroad"),
    "intuition": _("Intuition"),
}
_SIZES = (("0", _("large")), ("1", _("middle")), ("2", _("small")))


class PanelForm(forms.Form):
    """The plan of a panel. `revision` is the one that an amendment starts from."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    question_zh = forms.CharField(
        label=_("Question in Chinese"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    question_en = forms.CharField(
        label=_("Question in English"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    items = forms.CharField(
        label=_("Items"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "One a line: the name of a skill, or a statement as “Chinese | English”. Up to nine can also be compared "
            "in pairs."
        ),
    )
    experts = forms.CharField(
        label=_("Experts"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One e-mail address a line, of people with a role at a school or an enterprise. At least five."),
    )
    points = forms.IntegerField(label=_("Points of the scale"), min_value=3, max_value=9, initial=5)
    band_from = forms.IntegerField(
        label=_("Agreement from point"), min_value=2, max_value=9, initial=4, help_text=_("Up to the highest point.")
    )
    rule = forms.ChoiceField(label=_("Consensus is"), choices=ConsensusRule.choices, initial=ConsensusRule.EITHER)
    least_share = forms.FloatField(label=_("Least share in agreement"), min_value=0.01, max_value=1, initial=0.75)
    most_variation = forms.FloatField(label=_("Greatest coefficient of variation"), min_value=0.01, initial=0.25)
    most_spread = forms.FloatField(label=_("Greatest interquartile range"), min_value=0, initial=1)
    most_change = forms.FloatField(
        label=_("Stable below this share of changes"),
        min_value=0.01,
        max_value=1,
        initial=0.15,
        help_text=_("Net change of the distribution of answers between two rounds."),
    )
    most_rounds = forms.IntegerField(label=_("Rounds at most"), min_value=2, max_value=6, initial=3)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, panel: Panel | None = None) -> None:
        initial: dict[str, Any] = {}
        if panel is not None:
            names = ("name_zh", "name_en", "question_zh", "question_en", "revision", *CRITERION)
            initial = {name: getattr(panel, name) for name in names}
            initial["items"] = "\n".join(_as_line(item) for item in panel.items.select_related("skill"))
            invited = panel.experts.select_related("person")
            initial["experts"] = "\n".join(one.person.email for one in invited if one.person)
        super().__init__(data, initial=initial)

    def clean_items(self) -> list[ItemData]:
        return [_item(line) for line in _lines(self.cleaned_data["items"])]

    def clean_experts(self) -> list[Person]:
        typed = list(dict.fromkeys(line.lower() for line in _lines(self.cleaned_data["experts"])))
        found = {person.email: person for person in Person.objects.filter(email__in=typed, is_active=True)}
        if unknown := [email for email in typed if email not in found]:
            raise ValidationError(
                [gettext("Nobody here signs in as %(email)s.") % {"email": email} for email in unknown]
            )
        return [found[email] for email in typed]

    @property
    def data_of_panel(self) -> PanelData:
        """The plan as the service takes it, once the form is valid."""
        said = self.cleaned_data
        return PanelData(
            **{name: said[name] for name in ("name_zh", "name_en", "question_zh", "question_en", "items", "experts")},
            criterion={name: said[name] for name in CRITERION},
        )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _item(line: str) -> ItemData:
    code = extraction.names().resolve(line) if "|" not in line and "｜" not in line else None
    skill = Skill.objects.current().filter(code=code).first() if code else None
    if skill is not None:
        return ItemData(skill.name_zh, skill.name_en, skill)
    zh, _bar, en = line.replace("｜", "|").partition("|")
    if max(len(zh), len(en)) > _LONGEST_ITEM:
        raise ValidationError(gettext("“%(start)s…” is longer than 300 characters.") % {"start": line[:30]})
    return ItemData(zh.strip(), en.strip())


def _as_line(item: PanelItem) -> str:
    return item.text_zh if item.skill or not item.text_en else f"{item.text_zh} | {item.text_en}"


class RoundForm(forms.Form):
    """What the office decides when it opens a round."""

    kind = forms.ChoiceField(label=_("How the items are judged"), choices=RoundKind.choices, widget=forms.RadioSelect)
    due_on = forms.DateField(label=_("Answers by"), widget=day_input())
    renew_tokens = forms.BooleanField(
        label=_("Send everyone a new token"),
        required=False,
        help_text=_("When somebody lost theirs. Earlier answers stay counted; nobody sees their own earlier ones."),
    )

    def __init__(self, data: Any = None, *, panel: Panel) -> None:
        super().__init__(data, initial={"kind": RoundKind.RATING})
        self.fields["due_on"].widget.attrs["min"] = timezone.localdate().isoformat()
        if panel.opened_on is None:
            del self.fields["renew_tokens"]


class TokenForm(forms.Form):
    """The door: a token, typed or put there from the link of the mail."""

    token = forms.CharField(
        label=_("Token"),
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "XXXXX-XXXXX-XXXXX-XXXXX",
                "data-token-from-address": "",
            }
        ),
        help_text=_("Twenty letters and digits from the mail. Capitals and dashes do not matter."),
    )


class RatingForm(forms.Form):
    """One field an item for the rating, one for the reason, and what the judgment rests on."""

    def __init__(self, seat: Seat, data: Any = None) -> None:
        own = seat.own.get(seat.current.number, {}) if seat.current else {}
        super().__init__(data, initial=_ratings_before(own))
        points = [("", gettext("cannot judge")), *((str(n), str(n)) for n in range(1, seat.panel.points + 1))]
        for item in seat.items:
            self.fields[f"rating_{item.pk}"] = forms.TypedChoiceField(
                label=_("Your rating"), choices=points, required=False, coerce=int, empty_value=None
            )
            self.fields[f"reason_{item.pk}"] = forms.CharField(
                label=gettext("Reason"),
                required=False,
                max_length=LONGEST_REASON,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.fields["familiarity"] = forms.TypedChoiceField(
            label=_("How familiar are you with the matter?"),
            choices=[("", "—"), *((str(value), name) for value, name in zip(FAMILIARITY, _FAMILIARITIES, strict=True))],
            coerce=float,
        )
        for name, label in BASIS_LABELS.items():
            self.fields[f"basis_{name}"] = forms.TypedChoiceField(label=label, choices=_SIZES, coerce=int, initial="1")
        self._items = [item.pk for item in seat.items]

    @property
    def answer(self) -> RatingAnswer:
        """The answer as the service takes it, once the form is valid."""
        said = self.cleaned_data
        return RatingAnswer(
            ratings={key: said[f"rating_{key}"] for key in self._items if said[f"rating_{key}"] is not None},
            reasons={key: said[f"reason_{key}"] for key in self._items},
            familiarity=said["familiarity"],
            bases={name: said[f"basis_{name}"] for name in BASIS_LABELS},
        )

    def rows(self, seat: Seat) -> Iterator[dict[str, Any]]:
        """Per item: the item, its two fields, and the feedback of the last round."""
        last = seat.last_rated
        told = {row["item"]: row for row in last.result["items"]} if last is not None and last.result else {}
        before = seat.own.get(last.number, {}).get("ratings", {}) if last is not None else {}
        for item in seat.items:
            feedback = told.get(item.pk)
            yield {
                "item": item,
                "rating": self[f"rating_{item.pk}"],
                "reason": self[f"reason_{item.pk}"],
                "feedback": feedback if feedback and feedback["median"] is not None else None,
                "before": before.get(str(item.pk)),
            }


def _ratings_before(own: Mapping[str, Any]) -> dict[str, Any]:
    if "ratings" not in own:
        return {}
    return {
        **{f"rating_{key}": str(value) for key, value in own["ratings"].items()},
        **{f"reason_{key}": text for key, text in own["reasons"].items()},
        **{f"basis_{name}": str(size) for name, size in own["bases"].items()},
        "familiarity": str(own["familiarity"]),
    }


class PairwiseForm(forms.Form):
    """One field a pair of items on Saaty's scale; what is left open is a missing judgment."""

    def __init__(self, seat: Seat, data: Any = None) -> None:
        own = seat.own.get(seat.current.number, {}) if seat.current else {}
        before = {key: _step(ratio) for key, ratio in own.get("ratios", {}).items()}
        super().__init__(data, initial={f"pair_{key.replace(':', '_')}": step for key, step in before.items()})
        self._pairs = list(combinations(sorted(seat.items, key=lambda item: item.pk), 2))
        for first, second in self._pairs:
            self.fields[f"pair_{first.pk}_{second.pk}"] = forms.TypedChoiceField(
                label=gettext("%(first)s or %(second)s") % {"first": first.text, "second": second.text},
                choices=_steps(first.text, second.text),
                required=False,
                coerce=_ratio,
                empty_value=None,
            )

    @property
    def answer(self) -> PairwiseAnswer:
        """The answer as the service takes it, once the form is valid."""
        said = {(a.pk, b.pk): self.cleaned_data[f"pair_{a.pk}_{b.pk}"] for a, b in self._pairs}
        return PairwiseAnswer({pair: ratio for pair, ratio in said.items() if ratio is not None})


_WORDS = {
    3: _("somewhat more important"),
    5: _("clearly more important"),
    7: _("very much more important"),
    9: _("extremely more important"),
}


def _steps(first: str, second: str) -> Sequence[tuple[str, str]]:
    """Saaty's seventeen steps from one end to the other, the even ones between the words."""

    def label(winner: str, size: int) -> str:
        word = _WORDS.get(size)
        return f"{size} · {winner} {word}" if word else f"{size} · {winner}"

    return [
        ("", gettext("left open")),
        *((f"{size}", label(first, size)) for size in range(9, 1, -1)),
        ("1", gettext("1 · equally important")),
        *((f"-{size}", label(second, size)) for size in range(2, 10)),
    ]


def _ratio(step: str) -> float:
    size = int(step)
    return float(size) if size > 0 else 1 / -size


def _step(ratio: float) -> str:
    return f"{round(ratio)}" if ratio >= 1 else f"-{round(1 / ratio)}"


def form_of(seat: Seat, current: PanelRound, data: Any = None) -> RatingForm | PairwiseForm:
    """The form in which a round is answered."""
    return RatingForm(seat, data) if current.kind == RoundKind.RATING else PairwiseForm(seat, data)
