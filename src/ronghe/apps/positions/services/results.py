"""Runs of a round, each kept; publishing one, which freezes it; and appeals against what was published."""

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.jobs import services as jobs
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.positions import events
from ronghe.apps.positions.computing import SECONDS, Computed, compute
from ronghe.apps.positions.market import Built, market_of, own_fit
from ronghe.apps.positions.models import (
    Appeal,
    AppealState,
    Assignment,
    Mode,
    Round,
    RoundState,
    Run,
)
from ronghe.runners.apart import watched

JOB = "positions.match"
APPEAL_DAYS = 7
# Above this many student–position pairs a computation goes to a process of its own.
SMALL = 2_000


@transaction.atomic
def start_run(*, actor: Person, round: Round, mode: str = "") -> Run:
    """Compute the round once more, in the background. Raises ValidationError while wishes are taken."""
    run = _begin(actor, round, mode)
    run.job = jobs.start(actor=actor, kind=JOB, run=str(run.uid))
    run.save(update_fields=["job"])
    return run


def compute_now(*, actor: Person, round: Round, mode: str = "") -> Run:
    """Compute the round at once, without a task that shows how far it is: for small rounds and programs."""
    with transaction.atomic():
        run = _begin(actor, round, mode)
    try:
        built = build_for(run)
        return keep_run(run=run, built=built, found=computed(built, run.mode, lambda _seconds: None))
    finally:
        end_computing(run)


def _begin(actor: Person, round: Round, mode: str) -> Run:
    demand(actor, "positions.run_round")
    now = Round.objects.select_for_update().get(pk=round.pk)
    if now.state not in (RoundState.COLLECTING, RoundState.PROPOSED, RoundState.COMPUTING):
        raise ValidationError(_("This round is over; what was published stays."))
    if now.state == RoundState.COMPUTING and _is_running(now):
        raise ValidationError(_("A matching is being computed; wait for it or cancel the task."))
    if timezone.localdate() <= now.closes_on and now.state == RoundState.COLLECTING:
        raise ValidationError(
            _("Students may state preferences until %(day)s. Close them earlier by changing the round.")
            % {"day": now.closes_on}
        )
    mode = mode or now.mode
    if mode not in Mode.values:
        raise ValidationError({"mode": _("Choose a mode.")})
    last = now.runs.order_by("-number").values_list("number", flat=True).first() or 0
    run = Run.objects.create(
        round=now, number=last + 1, mode=mode, started_by=actor, figures={"revision": now.revision}
    )
    now.state = RoundState.COMPUTING
    now.save(update_fields=["state"])
    return run


def _is_running(round: Round) -> bool:
    run = round.runs.order_by("-number").select_related("job").first()
    return run is not None and run.job is not None and not run.job.is_finished and not run.job.is_lost


def computed(built: Built, mode: str, tell: Callable[[float], None]) -> Computed:
    """The answer for a market: at once where it is small, else in a process that `tell` watches and may stop."""
    market = built.market
    if not market.students or not market.positions:
        return Computed("", "", {}, (), {"code": "empty", "students": len(market.students)})
    groups = {group for one in market.students for group in one.groups}
    places = {group for one in market.positions for group in one.groups}
    for quota in market.quotas:
        if (quota.students and quota.students not in groups) or (quota.positions and quota.positions not in places):
            return Computed("", "", {}, (), {"code": "group_empty", "name": quota.name})
    if len(market.fit) <= SMALL:
        tell(0.0)
        return compute(market, mode, SECONDS[mode])
    return watched(compute, tell, market, mode, SECONDS[mode])


@transaction.atomic
def keep_run(*, run: Run, built: Built, found: Computed) -> Run:
    """Write down what came of a run. The task alone calls it; the office reads it before anyone else does."""
    run.refresh_from_db()
    run.computed_at, run.standing, run.digest, run.refusal = (
        timezone.now(),
        found.standing,
        found.digest,
        found.refusal,
    )
    run.figures = {**run.figures, **found.figures, "without_consent": built.without_consent}
    run.save()
    keys = {name: position.pk for name, position in built.positions.items()}
    Assignment.objects.bulk_create(
        [
            Assignment(
                round_id=run.round_id,
                run=run,
                person_id=built.participations[one.student].person_id,
                cohort_id=built.participations[one.student].cohort_id,
                position_id=keys[one.position] if one.position else None,
                rank=one.rank if one.position else None,
                fit=None if one.fit is None else own_fit(one.fit),
                is_fixed=one.is_fixed,
                why=[{**refusal, "position": keys[refusal["position"]]} for refusal in one.why],
            )
            for one in found.students
        ],
        batch_size=500,
    )
    if not found.refusal:
        ledger.record(
            actor=run.started_by,
            type=events.ROUND_COMPUTED,
            subject=run.round,
            payload={
                "run": run.number,
                "mode": str(run.mode),
                "standing": run.standing,
                "inputs": run.digest,
                "placed": found.figures["overall"]["placed"],
            },
        )
    return run


def end_computing(run: Run) -> None:
    """Whatever came of it, the round waits for the office again."""
    Round.objects.filter(pk=run.round_id, state=RoundState.COMPUTING).update(state=RoundState.PROPOSED)


def build_for(run: Run) -> Built:
    """The market that a run computes."""
    return market_of(run.round)


def digest_of(assignments: Any) -> str:
    """SHA-256 over "student uid, position uid" lines in order: what a publication can be checked against."""
    lines = sorted(
        f"{person},{position or ''}" for person, position in assignments.values_list("person__uid", "position__uid")
    )
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


@transaction.atomic
def publish_round(*, actor: Person, round: Round, revision: int, run: Run, appeals_until: date | None = None) -> Round:
    """Publish a run: students and firms see it, and nothing of it changes any more.

    Refused for a run that was computed before something changed: wishes, decisions, quotas, positions, students.
    """
    demand(actor, "positions.run_round")
    now = take_revision(Round, round.pk, expected=revision)
    run = Run.objects.select_for_update().get(pk=run.pk, round=now)
    if now.state != RoundState.PROPOSED:
        raise ValidationError(_("There is no proposed matching to publish in this round."))
    if not run.is_possible:
        raise ValidationError(_("This run found no matching; choose one that did."))
    if run.figures.get("revision") != revision:
        raise ValidationError(_("The round was changed after this run; compute it again, then publish."))
    _refuse_outdated(run)
    today = timezone.localdate()
    until = appeals_until or today + timedelta(days=APPEAL_DAYS)
    if until < today:
        raise ValidationError({"appeals_until": _("Students need time to appeal: choose today or a later day.")})
    now.state, now.published_run, now.published_at = RoundState.PUBLISHED, run, timezone.now()
    now.appeals_until = until
    now.save()
    assigned = run.assignments.all()
    ledger.record(
        actor=actor,
        type=events.ROUND_PUBLISHED,
        subject=now,
        payload={
            "run": run.number,
            "inputs": run.digest,
            "assignments": digest_of(assigned),
            "placed": assigned.filter(position__isnull=False).count(),
            "students": assigned.count(),
            "appeals_until": until,
        },
    )
    return now


def _refuse_outdated(run: Run) -> None:
    """Positions may have been withdrawn or shrunk, students may have left or taken back their consent."""
    built = build_for(run)
    seats = {built.positions[one.id].pk: one.capacity for one in built.market.positions}
    taking = {row.person_id for row in built.participations.values()}
    filled = Counter(run.assignments.filter(position__isnull=False).values_list("position_id", flat=True))
    if any(filled[position] > seats.get(position, 0) for position in filled):
        raise ValidationError(_("A position was withdrawn or has fewer seats since this run; compute it again."))
    gone = sum(person not in taking for person in run.assignments.values_list("person_id", flat=True))
    if gone:
        raise ValidationError(
            ngettext(
                "%(count)s student has left or no longer agrees to take part since this run; compute it again.",
                "%(count)s students have left or no longer agree to take part since this run; compute it again.",
                gone,
            )
            % {"count": gone}
        )


@transaction.atomic
def make_appeal(*, actor: Person, assignment: Assignment, text: str) -> Appeal:
    """Appeal against one's own published assignment, once, while appeals are taken."""
    demand(actor, "positions.appeal", assignment)
    round = assignment.round
    if round.state != RoundState.PUBLISHED or assignment.run_id != round.published_run_id:
        raise ValidationError(_("Only a published matching can be appealed against."))
    if round.appeals_until is not None and timezone.localdate() > round.appeals_until:
        raise ValidationError(
            _("Appeals were taken until %(day)s. Ask the community office.") % {"day": round.appeals_until}
        )
    if Appeal.objects.filter(assignment=assignment).exists():
        raise ValidationError(_("You have appealed already; the office answers on this page."))
    appeal = Appeal(assignment=assignment, text=text.strip())
    appeal.full_clean()
    appeal.save()
    ledger.record(actor=actor, type=events.APPEAL_MADE, subject=round, payload={"student": actor})
    return appeal


@transaction.atomic
def answer_appeal(*, actor: Person, appeal: Appeal, upheld: bool, answer: str) -> Appeal:
    """Answer an appeal in words. What was published stays; an upheld appeal is mended by a placement or a new round."""
    demand(actor, "positions.answer_appeal", appeal)
    appeal = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if appeal.state != AppealState.OPEN:
        raise ValidationError(_("This appeal is answered already."))
    if appeal.assignment.person_id == actor.pk:
        raise ValidationError(_("A second person answers your appeal."))
    if not answer.strip():
        raise ValidationError({"answer": _("Answer in words.")})
    appeal.state = AppealState.UPHELD if upheld else AppealState.DISMISSED
    appeal.answer, appeal.answered_by, appeal.answered_at = answer.strip(), actor, timezone.now()
    appeal.save()
    person = appeal.assignment.person
    if person is not None:
        ledger.record(
            actor=actor,
            type=events.APPEAL_ANSWERED,
            subject=appeal.assignment.round,
            payload={"student": person, "upheld": upheld},
        )
    return appeal
