"""Panels of experts: prepared, opened, asked in rounds and ended by the office. Answering is in `answers`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand import events, panel_results, tokens
from ronghe.apps.demand.models import (
    ExpertSide,
    Panel,
    PanelAnswer,
    PanelExpert,
    PanelItem,
    PanelRound,
    PanelSeat,
    PanelState,
    RoundKind,
    Skill,
)
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision

FEWEST_EXPERTS = 5
MOST_EXPERTS = 60
FEWEST_ITEMS, MOST_ITEMS = 2, 40
# More items than this are more pairs than anybody compares with care.
MOST_COMPARED = 9
_SCHOOL_ROLES = (RoleKind.TEACHER, RoleKind.OFFICE)
_ENTERPRISE_ROLES = (RoleKind.MENTOR, RoleKind.ENTERPRISE_HR)
_MAIL_THAT_STAYS = {f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "filebased", "dummy")}
_CRITERION = (
    "points",
    "band_from",
    "rule",
    "least_share",
    "most_variation",
    "most_spread",
    "most_change",
    "most_rounds",
)


class PanelNotReady(Exception):
    """What was asked of the panel does not fit where it stands; the text says what to do."""


@dataclass(frozen=True, slots=True)
class ItemData:
    """One item to be judged: a skill, or a statement."""

    text_zh: str
    text_en: str = ""
    skill: Skill | None = None


@dataclass(frozen=True, slots=True)
class PanelData:
    """What the office says of a panel before its first round."""

    name_zh: str
    question_zh: str
    items: Sequence[ItemData]
    experts: Sequence[Person]
    name_en: str = ""
    question_en: str = ""
    criterion: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def prepare_panel(*, actor: Person, data: PanelData) -> Panel:
    """Prepare a panel; nobody is asked yet. Raises ValidationError by field."""
    demand(actor, "demand.run_panel")
    panel = Panel(prepared_by=actor)
    _write(panel, data)
    ledger.record(actor=actor, type=events.PANEL_PREPARED, subject=panel, payload=_said(panel))
    return panel


@transaction.atomic
def amend_panel(*, actor: Person, panel: Panel, revision: int, data: PanelData) -> Panel:
    """Change a panel that was not opened yet. Raises StaleRevision, PanelNotReady and ValidationError."""
    demand(actor, "demand.run_panel")
    panel = take_revision(Panel, panel.pk, expected=revision)
    if panel.state != PanelState.DRAFT:
        raise PanelNotReady(
            _("The first round has been opened: question, items, scale and criterion stand. Prepare a new panel.")
        )
    _write(panel, data)
    ledger.record(actor=actor, type=events.PANEL_AMENDED, subject=panel, payload=_said(panel))
    return panel


@transaction.atomic
def open_round(
    *,
    actor: Person,
    panel: Panel,
    kind: str,
    due_on: date,
    site: str,
    renew_tokens: bool = False,
    mail: BaseEmailBackend | None = None,
) -> PanelRound:
    """Open the next round. The first one fixes the criterion and sends every expert a token, once.

    `site` is the address that the mail names, `mail` carries it (else the mail server). With `renew_tokens` every
    expert gets a new token. Raises PanelNotReady and ValidationError; when the mail is refused, nothing is opened.
    """
    demand(actor, "demand.run_panel")
    panel = Panel.objects.select_for_update().get(pk=panel.pk)
    today = timezone.localdate()
    _check_next_round(panel, kind, due_on, today)
    is_first = panel.state == PanelState.DRAFT
    if is_first:
        panel.state, panel.opened_on = PanelState.RUNNING, today
        panel.revision += 1
        panel.save()
        ledger.record(actor=actor, type=events.PANEL_OPENED, subject=panel, payload=_said(panel))
    number = panel.rounds.count() + 1
    opened = PanelRound.objects.create(panel=panel, number=number, kind=kind, opened_on=today, due_on=due_on)
    made = _new_seats(panel) if is_first or renew_tokens else []
    _lay_out(opened)
    ledger.record(
        actor=actor,
        type=events.PANEL_ROUND_OPENED,
        subject=panel,
        payload={"round": number, "kind": str(kind), "due_on": due_on, "new_tokens": bool(made)},
    )
    if made:
        _mail(panel, opened, made, site, mail)
    return opened


@transaction.atomic
def renew_tokens(*, actor: Person, panel: Panel, site: str) -> PanelRound:
    """Give every expert a new token in the round that runs, which thereby begins again without its answers.

    Nobody can tell whose seat a lost token opened, so all tokens are renewed or none. Raises PanelNotReady.
    """
    demand(actor, "demand.run_panel")
    panel = Panel.objects.select_for_update().get(pk=panel.pk)
    running = _open_round_of(panel)
    if running is None:
        raise PanelNotReady(_("No round is open. New tokens can be sent together with the next round."))
    dropped = running.answers.filter(content__isnull=False).count()
    running.answers.all().delete()
    made = _new_seats(panel)
    _lay_out(running)
    ledger.record(
        actor=actor,
        type=events.PANEL_TOKENS_RENEWED,
        subject=panel,
        payload={"round": running.number, "answers_dropped": dropped},
    )
    _mail(panel, running, made, site)
    return running


@transaction.atomic
def close_round(*, actor: Person, panel: Panel, number: int) -> PanelRound:
    """Close round `number`: no more answers, and its result stands. Raises PanelNotReady when it is not open."""
    demand(actor, "demand.run_panel")
    panel = Panel.objects.select_for_update().get(pk=panel.pk)
    running = _open_round_of(panel)
    if running is None or running.number != number:
        raise PanelNotReady(_("This round is closed already."))
    answers = sorted(running.answers.all(), key=lambda answer: answer.seat_id)
    # Written anew at one stroke, so that nothing in the table still tells which answer came when.
    running.answers.all().delete()
    PanelAnswer.objects.bulk_create(
        PanelAnswer(round=running, seat_id=answer.seat_id, content=answer.content) for answer in answers
    )
    given = panel_results.given_in(running)
    running.closed_on = timezone.localdate()
    running.result = panel_results.result_of(running, given, len(answers))
    running.digest = panel_results.digest_of(running.result)
    running.save()
    ledger.record(
        actor=actor,
        type=events.PANEL_ROUND_CLOSED,
        subject=panel,
        payload={
            "round": number,
            "answers": len(given),
            "receipts": panel_results.digest_of(running.result["receipts"]),
            "result": running.digest,
        },
    )
    return running


@transaction.atomic
def end_panel(*, actor: Person, panel: Panel) -> Panel:
    """End a panel whose rounds are closed. Raises PanelNotReady."""
    demand(actor, "demand.run_panel")
    panel = Panel.objects.select_for_update().get(pk=panel.pk)
    if panel.state != PanelState.RUNNING:
        raise PanelNotReady(_("Only a running panel can be ended."))
    if _open_round_of(panel) is not None:
        raise PanelNotReady(_("A round is still open. Close it first."))
    panel.state, panel.ended_on = PanelState.ENDED, timezone.localdate()
    panel.revision += 1
    panel.save()
    ledger.record(actor=actor, type=events.PANEL_ENDED, subject=panel, payload={"rounds": panel.rounds.count()})
    return panel


def mail_is_real() -> bool:
    """Whether messages leave this machine by a mail server, and are not written into a log or a folder."""
    return settings.EMAIL_BACKEND not in _MAIL_THAT_STAYS


def side_of(person: Person) -> str | None:
    """From where somebody would be invited; None for those who hold no role at a school or an enterprise."""
    if any(standing.holds(person, role) for role in _ENTERPRISE_ROLES):
        return ExpertSide.ENTERPRISE
    return ExpertSide.SCHOOL if any(standing.holds(person, role) for role in _SCHOOL_ROLES) else None


def _write(panel: Panel, data: PanelData) -> None:
    panel.name_zh, panel.name_en = data.name_zh.strip(), data.name_en.strip()
    panel.question_zh, panel.question_en = data.question_zh.strip(), data.question_en.strip()
    if unknown := sorted(set(data.criterion) - set(_CRITERION)):
        raise TypeError(f"{', '.join(unknown)} is no part of a panel's criterion")
    for name, value in data.criterion.items():
        setattr(panel, name, value)
    panel.clean_fields(exclude=["prepared_by"])
    sides = {person: side_of(person) for person in data.experts}
    _check(panel, data, sides)
    panel.save()
    panel.items.all().delete()
    PanelItem.objects.bulk_create(
        PanelItem(panel=panel, position=place, skill=one.skill, text_zh=one.text_zh, text_en=one.text_en)
        for place, one in enumerate(data.items, start=1)
    )
    panel.experts.all().delete()
    PanelExpert.objects.bulk_create(
        PanelExpert(panel=panel, person=person, side=side) for person, side in sides.items() if side
    )


def _check(panel: Panel, data: PanelData, sides: dict[Person, str | None]) -> None:
    wrong: dict[str, str] = {}
    if not 1 < panel.band_from <= panel.points:
        wrong["band_from"] = _("Choose a point of the scale above the lowest.")
    if not 0 < panel.least_share <= 1:
        wrong["least_share"] = _("Give a share between 0 and 1, such as 0.75.")
    if panel.most_variation <= 0 or panel.most_spread < 0 or panel.most_change <= 0:
        wrong["most_variation"] = _("The bounds of the criterion must be above 0.")
    if panel.most_change > 1:
        wrong["most_change"] = _("Give a share between 0 and 1, such as 0.15.")
    if not 2 <= panel.most_rounds <= 6:
        wrong["most_rounds"] = _("Plan 2 to 6 rounds: one alone cannot show stability.")
    texts = [one.text_zh for one in data.items]
    repeated = sorted({text for text in texts if texts.count(text) > 1})
    if not FEWEST_ITEMS <= len(texts) <= MOST_ITEMS:
        wrong["items"] = _("A panel judges %(fewest)s to %(most)s items; there are %(count)s.") % {
            "fewest": FEWEST_ITEMS,
            "most": MOST_ITEMS,
            "count": len(texts),
        }
    elif repeated:
        wrong["items"] = _("%(item)s stands there twice.") % {"item": repeated[0]}
    without = [person.email for person, side in sides.items() if side is None]
    if without:
        wrong["experts"] = _("%(who)s holds no role at a school or an enterprise. Appoint them first.") % {
            "who": "、".join(without)
        }
    elif len(sides) > MOST_EXPERTS:
        wrong["experts"] = _("Invite at most %(most)s experts.") % {"most": MOST_EXPERTS}
    if wrong:
        raise ValidationError(wrong)


def _check_next_round(panel: Panel, kind: str, due_on: date, today: date) -> None:
    wrong: dict[str, str] = {}
    if kind not in RoundKind.values:
        wrong["kind"] = _("Choose rating or pairwise comparison.")
    elif kind == RoundKind.PAIRWISE and panel.items.count() > MOST_COMPARED:
        wrong["kind"] = _("At most %(most)s items can be compared in pairs; this panel has %(count)s.") % {
            "most": MOST_COMPARED,
            "count": panel.items.count(),
        }
    if due_on < today:
        wrong["due_on"] = _("The last day for answers lies in the past.")
    if wrong:
        raise ValidationError(wrong)
    if panel.state == PanelState.ENDED:
        raise PanelNotReady(_("This panel has ended. Prepare a new one to ask again."))
    if _open_round_of(panel) is not None:
        raise PanelNotReady(_("A round is still open. Close it first."))
    rated = panel.rounds.filter(kind=RoundKind.RATING).count()
    if kind == RoundKind.RATING and rated >= panel.most_rounds:
        raise PanelNotReady(
            _("The criterion allows %(most)s rounds of rating, and they are done. End the panel.")
            % {"most": panel.most_rounds}
        )
    experts = panel.experts.filter(person__isnull=False).count()
    if experts < FEWEST_EXPERTS:
        raise PanelNotReady(
            _("Invite at least %(fewest)s experts: fewer answers are never shown.") % {"fewest": FEWEST_EXPERTS}
        )


def _open_round_of(panel: Panel) -> PanelRound | None:
    return panel.rounds.filter(closed_on__isnull=True).first()


def _new_seats(panel: Panel) -> list[str]:
    """As many new seats as experts, in the order of their hashes; the seats there were open nothing any more."""
    panel.seats.update(is_void=True)
    made = [tokens.new_token() for _expert in range(panel.experts.filter(person__isnull=False).count())]
    hashes = sorted(tokens.hash_of(tokens.read_token(token) or "") for token in made)
    PanelSeat.objects.bulk_create(PanelSeat(token_hash=digest, panel=panel) for digest in hashes)
    return made


def _lay_out(opened: PanelRound) -> None:
    """A blank answer for every seat: an answer that comes later adds no row, so no row's place tells when it came."""
    seats = opened.panel.seats.filter(is_void=False).order_by("token_hash")
    PanelAnswer.objects.bulk_create(PanelAnswer(round=opened, seat=seat) for seat in seats)


def _mail(
    panel: Panel, opened: PanelRound, made: Sequence[str], site: str, mail: BaseEmailBackend | None = None
) -> None:
    """Send each expert a token. Which one goes to whom is drawn here and written nowhere."""
    people = [invited.person for invited in panel.experts.select_related("person").order_by("?") if invited.person]
    messages = [_message(panel, opened, person, token, site) for person, token in zip(people, made, strict=True)]
    try:
        (mail or get_connection()).send_messages(messages)
    except OSError as error:
        raise PanelNotReady(
            _("The mail server did not take the messages (%(why)s). Nothing was opened; tokens already sent are void.")
            % {"why": error}
        ) from error


def _message(panel: Panel, opened: PanelRound, person: Person, token: str, site: str) -> EmailMessage:
    with translation.override(person.language):
        # What follows # never leaves the browser, so that no log of the way there holds the token.
        address = f"{site.rstrip('/')}{reverse('demand:answer')}#{token}"
        body = _(
            "%(name)s,\n\nyou are invited to judge as an expert:\n\n%(panel)s\n%(question)s\n\n"
            "Your token:\n\n    %(token)s\n\nAnswer here until %(due)s:\n\n    %(address)s\n\n"
            "The token was drawn for you by lot, and only its hash is kept: nobody, the community office included, can "
            "tell which answer is yours. Whoever holds it can read and replace your answer, so do not pass it on, and "
            "keep this message: it opens the later rounds too, and it is not sent again. Signing in is not needed."
        ) % {
            "name": person.name,
            "panel": panel.name,
            "question": panel.question,
            "token": token,
            "due": opened.due_on.isoformat(),
            "address": address,
        }
        return EmailMessage(_("Your token for the panel “%(panel)s”") % {"panel": panel.name}, body, to=[person.email])


def _said(panel: Panel) -> dict[str, Any]:
    """What the ledger keeps of a panel: the criterion in plain numbers, the items and the invited by digest."""
    items = [[one.position, one.skill.code if one.skill else "", one.text_zh, one.text_en] for one in _items_of(panel)]
    question = {"zh": panel.question_zh, "en": panel.question_en, "items": items}
    experts = list(panel.experts.values_list("side", flat=True))
    return {
        **{name: getattr(panel, name) for name in _CRITERION},
        "criterion": panel_results.criterion_of(panel).hash,
        "name": panel.name_zh,
        "items": len(items),
        "question": panel_results.digest_of(question),
        "experts_school": experts.count(ExpertSide.SCHOOL),
        "experts_enterprise": experts.count(ExpertSide.ENTERPRISE),
        "revision": panel.revision,
    }


def _items_of(panel: Panel) -> Sequence[PanelItem]:
    return list(panel.items.select_related("skill"))
