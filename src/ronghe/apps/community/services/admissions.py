"""An application's way through the three gates: apply, show evidence, submit, decide, withdraw.

Whoever has a part in the application decides nothing in it. Admission itself is `chains.admit`'s.
"""

import uuid
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events, evidence_files, selectors, standing
from ronghe.apps.community.models import (
    Admission,
    AdmissionState,
    AdmissionStep,
    Chain,
    ChainInvitation,
    ChainMembership,
    Evidence,
    EvidenceKind,
    Gate,
    GateCriterion,
    GateDecision,
    Organisation,
    RefusalReason,
    RoleKind,
    Stage,
    StepState,
    Tier,
    Verdict,
)
from ronghe.apps.community.rules import is_confirmed
from ronghe.apps.community.services.chains import admit, check_tier
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision

# What a gate may take where nobody has said otherwise.
_DAYS = 30


def _due(stage: int, opened_on: date) -> date:
    gate = Gate.objects.on(opened_on).filter(stage=stage).first()
    return opened_on + timedelta(days=gate.days if gate else _DAYS)


def open_admission(
    *,
    actor: Person,
    chain: Chain,
    organisation: Organisation,
    tier: str,
    statement: str,
    brought_in_by: Organisation | None,
    invitation: ChainInvitation | None,
) -> Admission:
    """Open an application at its first gate; the caller has checked that `actor` may, inside its transaction."""
    chain = Chain.objects.select_for_update().get(pk=chain.pk)
    check_tier(organisation, tier)
    today = timezone.localdate()
    if chain.closed_on is not None and chain.closed_on <= today:
        raise ValidationError(_("The chain closed on %(day)s.") % {"day": chain.closed_on})
    if ChainMembership.objects.on(today).filter(chain=chain, organisation=organisation).exists():
        raise ValidationError(_("“%(name)s” is in this chain already.") % {"name": organisation.name})
    if Admission.objects.filter(chain=chain, organisation=organisation, state=AdmissionState.OPEN).exists():
        raise ValidationError(_("“%(name)s” has applied already; go on with that.") % {"name": organisation.name})
    admission = Admission(
        chain=chain,
        organisation=organisation,
        tier=tier,
        statement=statement.strip(),
        brought_in_by=brought_in_by,
        invitation=invitation,
        applied_by=actor,
        applied_on=today,
    )
    admission.full_clean(exclude=["invitation"])
    admission.save()
    step = AdmissionStep.objects.create(
        admission=admission, stage=Stage.DEMAND, opened_on=today, due_on=_due(Stage.DEMAND, today)
    )
    ledger.record(
        actor=actor,
        type=events.ADMISSION_APPLIED,
        subject=admission,
        payload={"organisation": organisation, "tier": tier, "brought_in_by": brought_in_by, "due_on": step.due_on},
    )
    return admission


@transaction.atomic
def apply_to_chain(
    *, actor: Person, chain: Chain, organisation: Organisation, tier: str = Tier.MEMBER, statement: str = ""
) -> Admission:
    """Apply for a place in a chain, for one's own firm or (the office) for anyone on the register."""
    demand(actor, "community.apply_to_chain", organisation)
    return open_admission(
        actor=actor,
        chain=chain,
        organisation=organisation,
        tier=tier,
        statement=statement,
        brought_in_by=None,
        invitation=None,
    )


def _open_step(admission: Admission, *states: str) -> AdmissionStep:
    """The gate that is open now, locked with its application. Raises ValidationError when it is in no such state."""
    Admission.objects.select_for_update().get(pk=admission.pk)
    step = admission.steps.select_for_update().filter(state__in=states).order_by("-stage").first()
    if step is None:
        raise ValidationError(_("This gate is not open for that any more. Look at the application again."))
    return step


def _criterion(step: AdmissionStep, criterion: GateCriterion | None) -> None:
    if criterion is not None and criterion.pk not in {asked.pk for asked in selectors.criteria_of(step)}:
        raise ValidationError({"criterion": _("This gate does not ask for that. Choose from its criteria.")})


def add_evidence(
    *,
    actor: Person,
    admission: Admission,
    text: str,
    criterion: GateCriterion | None = None,
    file: UploadedFile[Any] | None = None,
    metric: str = "",
    reference: str = "",
) -> Evidence:
    """Show something at the gate that is open: a note, a file, a number of the registry, or a record's address.

    A number is measured now and kept with its date and definition, so that what was decided on can be read later.
    """
    uid = uuid.uuid4()
    try:
        with transaction.atomic():
            return _add_evidence(uid, actor, admission, text, criterion, file, metric, reference)
    except Exception:
        evidence_files.drop(uid)
        raise


def _add_evidence(
    uid: uuid.UUID,
    actor: Person,
    admission: Admission,
    text: str,
    criterion: GateCriterion | None,
    file: UploadedFile[Any] | None,
    metric: str,
    reference: str,
) -> Evidence:
    demand(actor, "community.prepare_admission", admission)
    step = _open_step(admission, StepState.GATHERING)
    _criterion(step, criterion)
    if sum(map(bool, (file, metric, reference))) > 1:
        raise ValidationError(_("Show one thing at a time: a file, a number or a record."))
    kind = (
        EvidenceKind.FILE
        if file
        else EvidenceKind.METRIC
        if metric
        else EvidenceKind.RECORD
        if reference
        else EvidenceKind.NOTE
    )
    evidence = Evidence(
        uid=uid,
        step=step,
        criterion=criterion,
        kind=kind,
        text=text.strip(),
        reference=reference.strip(),
        added_by=actor,
    )
    if reference and (not reference.startswith("/") or reference.startswith("//") or "\\" in reference):
        raise ValidationError({"reference": _("Give the address of a page of this platform, beginning with /.")})
    if metric:
        evidence.measured = selectors.measured_for(admission, metric)
        if evidence.measured is None:
            raise ValidationError({"metric": _("Nobody measures this yet. Show something else.")})
    evidence.clean_fields(exclude=["digest"])
    if file is not None:
        kept = evidence_files.keep(evidence.uid, file)
        evidence.file_name, evidence.media_type, evidence.size, evidence.digest = kept
    evidence.save()
    ledger.record(
        actor=actor,
        type=events.EVIDENCE_ADDED,
        subject=admission,
        payload={
            "stage": int(step.stage),
            "kind": str(kind),
            "criterion": criterion.code if criterion else None,
            "digest": evidence.digest or None,
        },
    )
    return evidence


@transaction.atomic
def remove_evidence(*, actor: Person, evidence: Evidence) -> None:
    """Take a piece of evidence back while it is being gathered; what was submitted once stays."""
    admission = evidence.step.admission
    demand(actor, "community.prepare_admission", admission)
    step = _open_step(admission, StepState.GATHERING)
    if evidence.step_id != step.pk or step.decisions.filter(recorded_at__gt=evidence.added_at).exists():
        raise ValidationError(_("This was submitted already and stays. Add what corrects it."))
    if not Evidence.objects.filter(pk=evidence.pk, removed_at__isnull=True).update(removed_at=timezone.now()):
        raise ValidationError(_("This was taken back already."))
    transaction.on_commit(lambda: evidence_files.drop(evidence.uid))
    ledger.record(
        actor=actor,
        type=events.EVIDENCE_REMOVED,
        subject=admission,
        payload={"stage": int(step.stage), "kind": str(evidence.kind), "digest": evidence.digest or None},
    )


@transaction.atomic
def submit_gate(*, actor: Person, admission: Admission) -> AdmissionStep:
    """Hand the evidence in: every required criterion has something shown for it or a metric that meets it."""
    demand(actor, "community.prepare_admission", admission)
    step = _open_step(admission, StepState.GATHERING)
    if missing := [answer.criterion.text for answer in selectors.answers_of(step) if answer.is_missing]:
        raise ValidationError([_("Still missing: %(what)s") % {"what": what} for what in missing])
    step.state = StepState.WAITING
    step.reminded_on = None
    step.save(update_fields=["state", "reminded_on"])
    ledger.record(
        actor=actor,
        type=events.GATE_SUBMITTED,
        subject=admission,
        payload={"stage": int(step.stage), "evidence": step.evidence.filter(removed_at__isnull=True).count()},
    )
    return step


def parties_of(admission: Admission) -> set[int]:
    """Primary keys of the people who had a hand in the application: none of them decides in it."""
    people = {admission.applied_by_id}
    people.update(Evidence.objects.filter(step__admission=admission).values_list("added_by_id", flat=True))
    if admission.invitation is not None:
        people.add(admission.invitation.invited_by_id)
    return people


def _demand_no_party(actor: Person, admission: Admission) -> None:
    if actor.pk in parties_of(admission) or standing.holds(actor, RoleKind.ENTERPRISE_HR, admission.organisation_id):
        raise PermissionDenied(
            _("You had a hand in this application, so another person has to decide. Ask a colleague in the office.")
        )


@transaction.atomic
def decide_gate(
    *,
    actor: Person,
    admission: Admission,
    revision: int,
    verdict: str,
    reason: str,
    ground: str = "",
    due_on: date | None = None,
    joins_on: date | None = None,
) -> GateDecision:
    """Decide the gate that waits: pass, return for more evidence until `due_on`, or refuse on a ground.

    Passing the last gate admits the organisation from `joins_on` (today). Raises StaleRevision when the application
    changed after `revision` was read, PermissionDenied for who had a hand in it.
    """
    demand(actor, "community.decide_gate", admission)
    _demand_no_party(actor, admission)
    admission = take_revision(Admission, admission.pk, expected=revision)
    step = _open_step(admission, StepState.WAITING)
    if verdict not in Verdict.values:
        raise ValidationError({"verdict": _("Choose one of the decisions.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason; the firm will read it.")})
    if (verdict == Verdict.REFUSED) != (ground in RefusalReason.values):
        raise ValidationError({"ground": _("A refusal names its ground, and only a refusal does.")})
    today = timezone.localdate()
    answers = selectors.answers_of(step)
    decision = GateDecision.objects.create(
        step=step,
        verdict=verdict,
        ground=ground,
        reason=reason.strip(),
        measured=[answer.measured for answer in answers if answer.measured is not None],
        decided_by=actor,
        decided_on=today,
    )
    if verdict == Verdict.RETURNED:
        if due_on is not None and due_on < today:
            raise ValidationError({"due_on": _("Give the firm a day that is still to come.")})
        step.state, step.due_on = StepState.GATHERING, due_on or _due(step.stage, today)
        step.reminded_on = step.escalated_on = None
    else:
        step.state = StepState.PASSED if verdict == Verdict.PASSED else StepState.REFUSED
        step.closed_on = today
    step.save()
    if verdict == Verdict.REFUSED:
        _close(admission, AdmissionState.REFUSED, today)
    elif verdict == Verdict.PASSED:
        if missing := [answer.criterion.text for answer in answers if answer.is_missing]:
            raise ValidationError([_("Still missing: %(what)s") % {"what": what} for what in missing])
        _pass(actor, admission, step, joins_on or today)
    admission.save()
    ledger.record(
        actor=actor,
        type=events.GATE_DECIDED,
        subject=admission,
        payload={
            "stage": int(step.stage),
            "verdict": verdict,
            "ground": ground or None,
            "reason": decision.reason,
            "evidence_digests": sorted(
                step.evidence.filter(removed_at__isnull=True).exclude(digest="").values_list("digest", flat=True)
            ),
        },
    )
    return decision


def _close(admission: Admission, state: AdmissionState, today: date) -> None:
    admission.state = state
    admission.closed_on = today


def _pass(actor: Person, admission: Admission, step: AdmissionStep, joins_on: date) -> None:
    today = timezone.localdate()
    if not is_confirmed(actor, admission.organisation):
        raise ValidationError(
            _("“%(name)s” is not confirmed yet. A second person has to confirm that it is real before a gate opens.")
            % {"name": admission.organisation.name}
        )
    if step.stage < Stage.QUALITY:
        AdmissionStep.objects.create(
            admission=admission, stage=step.stage + 1, opened_on=today, due_on=_due(step.stage + 1, today)
        )
        return
    _close(admission, AdmissionState.ADMITTED, today)
    admit(
        actor=actor,
        chain=Chain.objects.select_for_update().get(pk=admission.chain_id),
        organisation=admission.organisation,
        tier=admission.tier,
        valid_from=joins_on,
        brought_in_by=admission.brought_in_by,
    )


@transaction.atomic
def withdraw_admission(*, actor: Person, admission: Admission, revision: int, reason: str) -> Admission:
    """Take the application back; what was shown and decided stays on record."""
    demand(actor, "community.prepare_admission", admission)
    admission = take_revision(Admission, admission.pk, expected=revision)
    step = _open_step(admission, StepState.GATHERING, StepState.WAITING)
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason.")})
    today = timezone.localdate()
    step.state, step.closed_on = StepState.WITHDRAWN, today
    step.save()
    _close(admission, AdmissionState.WITHDRAWN, today)
    admission.save()
    ledger.record(actor=actor, type=events.ADMISSION_WITHDRAWN, subject=admission, payload={"reason": reason.strip()})
    return admission
