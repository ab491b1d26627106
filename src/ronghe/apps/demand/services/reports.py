"""Demand rounds: started, amended, and ended in a white paper that is frozen with its hash in the ledger."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand import drafts, events, panel_results, white_paper
from ronghe.apps.demand.models import DemandRound, DemandRoundState, Panel, PanelState, Posting, SkillField
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision

_LONGEST_DAYS = 20 * 366


class RoundFrozen(Exception):
    """The white paper is frozen: nothing of it changes any more."""

    def __init__(self) -> None:
        super().__init__(_("This white paper is frozen. Start a new round; it will show what changed."))


@dataclass(frozen=True, slots=True)
class RoundData:
    """What a round looks at: a period, a field (None: all), and a panel, if experts were asked."""

    name_zh: str
    first_day: date
    last_day: date
    name_en: str = ""
    field: SkillField | None = None
    panel: Panel | None = None


@transaction.atomic
def start_round(*, actor: Person, data: RoundData) -> DemandRound:
    """Start a demand round. Raises ValidationError by field."""
    demand(actor, "demand.run_round")
    started = DemandRound(started_by=actor)
    _write(started, data)
    ledger.record(actor=actor, type=events.ROUND_STARTED, subject=started, payload=_said(started))
    return started


@transaction.atomic
def amend_round(*, actor: Person, round: DemandRound, revision: int, data: RoundData) -> DemandRound:
    """Change what a round looks at, until it is frozen. Raises StaleRevision, RoundFrozen and ValidationError."""
    demand(actor, "demand.run_round")
    taken = _take(round, revision)
    _write(taken, data)
    ledger.record(actor=actor, type=events.ROUND_AMENDED, subject=taken, payload=_said(taken))
    return taken


@transaction.atomic
def freeze_round(*, actor: Person, round: DemandRound, revision: int) -> DemandRound:
    """Write the white paper of a round, once. Raises StaleRevision, RoundFrozen, and ValidationError without postings.

    All figures are read in this one transaction, so that they tell of one state of the data; a draft that was computed
    of this very state is taken as it is.
    """
    demand(actor, "demand.run_round")
    drafted = drafts.kept_content(round)
    taken = _take(round, revision)
    if not Posting.objects.filter(published_on__range=(taken.first_day, taken.last_day)).exists():
        raise ValidationError(_("No posting was published in this period. Import postings, or change the period."))
    if taken.panel is not None and taken.panel.state != PanelState.ENDED:
        raise ValidationError(_("The panel still runs. End it first, or take it out of the round."))
    taken.content = drafted or white_paper.content_of(taken)
    taken.digest = panel_results.digest_of(taken.content)
    taken.state, taken.frozen_at = DemandRoundState.FROZEN, timezone.now()
    taken.save()
    ledger.record(
        actor=actor,
        type=events.ROUND_FROZEN,
        subject=taken,
        payload={"digest": taken.digest, "figures": len(taken.content["records"]), "format": white_paper.FORMAT},
    )
    return taken


def is_intact(round: DemandRound) -> bool:
    """Whether the white paper is the one that was frozen, to the last digit."""
    return round.content is not None and panel_results.digest_of(round.content) == round.digest


def _take(round: DemandRound, revision: int) -> DemandRound:
    """Take the next revision of a round that runs; of a frozen one the database would refuse it."""
    if DemandRound.objects.filter(pk=round.pk, state=DemandRoundState.FROZEN).exists():
        raise RoundFrozen
    return take_revision(DemandRound, round.pk, expected=revision)


def _write(round: DemandRound, data: RoundData) -> None:
    round.name_zh, round.name_en = data.name_zh.strip(), data.name_en.strip()
    round.first_day, round.last_day = data.first_day, data.last_day
    round.field, round.panel = data.field, data.panel
    round.clean_fields(exclude=["started_by", "content"])
    wrong: dict[str, str] = {}
    if data.last_day < data.first_day:
        wrong["last_day"] = _("The first day comes after the last one.")
    elif data.last_day > timezone.localdate():
        wrong["last_day"] = _("The last day lies in the future.")
    elif (data.last_day - data.first_day).days > _LONGEST_DAYS:
        wrong["first_day"] = _("Ask for at most twenty years at a time.")
    if data.panel is not None and data.panel.state == PanelState.DRAFT:
        wrong["panel"] = _("This panel has not been opened yet.")
    if wrong:
        raise ValidationError(wrong)
    round.save()


def _said(round: DemandRound) -> dict[str, Any]:
    return {
        "name": round.name_zh,
        "first_day": round.first_day,
        "last_day": round.last_day,
        "field": round.field.code if round.field else None,
        "panel": round.panel,
    }
