"""Decide about evidence as a second party, signed in or by a link that was mailed; make and revoke such links."""

from datetime import date, timedelta

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.training import events, letters
from ronghe.apps.training.models import (
    UNDECIDED,
    Confirmation,
    ConfirmationLink,
    Entry,
    EntryState,
    MarkKind,
    Placement,
    SupervisionKind,
    Verdict,
)
from ronghe.apps.training.rules import hosts, in_charge
from ronghe.apps.training.services.handing_in import hours_left
from ronghe.apps.training.services.relations import refuse_conflict
from ronghe.apps.training.services.supervising import supervisor_on

# Names what is signed, so that no other signed text of the site opens this page.
_SALT = "ronghe.training.confirmation"
_COPIES = (MarkKind.SAME_FILE, MarkKind.SAME_TEXT, MarkKind.SAME_COMMIT)
_LONGEST_COMMENT = 2000


@transaction.atomic
def decide_entry(
    *, actor: Person, entry: Entry, verdict: str, comment: str = "", link: ConfirmationLink | None = None
) -> Entry:
    """Confirm an entry, return it to the student, or ask a question about it; only a second party does.

    Hours of a confirmed entry count; an earlier version of the same week then counts no longer.
    """
    if verdict not in (Verdict.CONFIRMED, Verdict.RETURNED, Verdict.ASKED):
        raise ValidationError({"verdict": _("Confirm it, return it, or ask.")})
    if link is not None:
        link = _open_link(link, actor, entry)
    refuse_conflict(actor, entry.placement, timezone.localdate())
    demand(actor, "training.confirm_entry", entry)
    if entry.handed_in_by_id == actor.pk:
        raise PermissionDenied(_("You handed this in yourself; somebody else must confirm it."))
    placement = Placement.objects.select_for_update().get(pk=entry.placement_id)
    entry = Entry.objects.select_for_update(of=("self",)).select_related("placement__person").get(pk=entry.pk)
    if entry.state not in UNDECIDED or (verdict == Verdict.ASKED and entry.state == EntryState.ASKED):
        raise ValidationError(
            _("This entry is “%(state)s” now. Open it again to see what stands.") % {"state": entry.get_state_display()}
        )
    words = comment.strip()[:_LONGEST_COMMENT]
    if verdict != Verdict.CONFIRMED and not words:
        raise ValidationError({"comment": _("Write what is missing or what you want to know; the student reads it.")})
    if verdict == Verdict.CONFIRMED:
        _check_confirmation(entry, placement, words)
    _set_state(entry, verdict)
    Confirmation.objects.create(
        entry=entry, verdict=verdict, comment=words, decided_by=actor, side=_side(actor, placement), link=link
    )
    by_link = {"link": str(link.uid)} if link is not None else {}
    student = placement.person
    if verdict == Verdict.CONFIRMED:
        ledger.record(
            actor=actor,
            type=events.HOURS_CONFIRMED,
            subject=entry,
            payload={
                "student": student,
                "placement": placement,
                "week": entry.week,
                "version": entry.version,
                "hours": entry.hours,
                **by_link,
            },
        )
    elif verdict == Verdict.RETURNED:
        ledger.record(
            actor=actor,
            type=events.EVIDENCE_RETURNED,
            subject=entry,
            payload={"student": student, "reason": words, **by_link},
        )
    else:
        ledger.record(
            actor=actor,
            type=events.EVIDENCE_ASKED,
            subject=entry,
            payload={"student": student, "question": words, **by_link},
        )
    return entry


def _check_confirmation(entry: Entry, placement: Placement, words: str) -> None:
    if not words and entry.marks.filter(kind__in=_COPIES, is_other_student=True).exists():
        raise ValidationError(
            {"comment": _("Another student handed in the same. Say in a sentence why you confirm it all the same.")}
        )
    most = hours_left(placement, entry.week, timezone.localdate())
    if entry.hours > most:
        raise ValidationError(
            _("%(hours)s hours no longer fit into this week, which has room for %(most)s. Return it to the student.")
            % {"hours": f"{entry.hours.normalize():f}", "most": f"{most.normalize():f}"}
        )


def _set_state(entry: Entry, verdict: str) -> None:
    now = timezone.now()
    if verdict == Verdict.CONFIRMED:
        counted = Entry.objects.filter(placement=entry.placement_id, week=entry.week, state=EntryState.CONFIRMED)
        counted.update(state=EntryState.REPLACED, uncounted_at=now)
        entry.state, entry.confirmed_at = EntryState.CONFIRMED, now
    else:
        entry.state = EntryState.RETURNED if verdict == Verdict.RETURNED else EntryState.ASKED
    entry.save(update_fields=["state", "confirmed_at"])


def _side(actor: Person, placement: Placement) -> str:
    if in_charge(actor, placement, SupervisionKind.MENTOR):
        return "mentor"
    return "host" if hosts(actor, placement) else "mentor"


def confirm_entries(*, actor: Person, entries: list[Entry]) -> tuple[list[Entry], list[str]]:
    """Confirm several entries; what is refused is told in a sentence each, and the others are confirmed."""
    done, refused = [], []
    for entry in entries:
        try:
            done.append(decide_entry(actor=actor, entry=entry, verdict=Verdict.CONFIRMED))
        except ValidationError as error:
            refused += [f"{entry.placement.student_name} · {entry}: {sentence}" for sentence in error.messages]
        except PermissionDenied as error:
            refused.append(f"{entry.placement.student_name} · {entry}: {error}")
    return done, refused


def token_of(link: ConfirmationLink) -> str:
    """What stands in the mailed address."""
    return signing.dumps(link.uid.hex, salt=_SALT)


def link_of(token: str) -> ConfirmationLink | None:
    """The link that a token names, if it was made here, is not too old, and still holds."""
    try:
        key = signing.loads(token, salt=_SALT, max_age=ConfirmationLink.LASTS)
    except signing.BadSignature:
        return None
    links = ConfirmationLink.objects.select_related("placement__person", "mentor")
    link = links.filter(uid=key).first() if isinstance(key, str) else None
    if link is None or not link.is_valid() or link.mentor is None or not link.mentor.is_active:
        return None
    return link


def _open_link(link: ConfirmationLink, actor: Person, entry: Entry) -> ConfirmationLink:
    kept = ConfirmationLink.objects.select_for_update().get(pk=link.pk)
    if not kept.is_valid() or kept.mentor_id != actor.pk:
        raise PermissionDenied(_("This link no longer holds. Ask for a new one, or sign in."))
    if (kept.placement_id, kept.week) != (entry.placement_id, entry.week):
        raise PermissionDenied(_("This link is for another week."))
    return kept


@transaction.atomic
def send_link(*, actor: Person | None, placement: Placement, week: date) -> ConfirmationLink:
    """Mail the mentor in charge a link for one week of this placement. Whoever asks for it never sees it.

    A link that was sent before for the same week is revoked. `actor` None: the reminder's own work.
    """
    if actor is not None:
        demand(actor, "training.make_link", placement)
    placement = Placement.objects.select_for_update().get(pk=placement.pk)
    mentor = supervisor_on(placement, SupervisionKind.MENTOR, min(timezone.localdate(), placement.ends_on))
    if mentor is None:
        raise ValidationError(_("This placement has no mentor. Name one first."))
    if not Entry.objects.undecided().filter(placement=placement, week=week).exists():
        raise ValidationError(_("Nothing of this week waits for confirmation."))
    now = timezone.now()
    sent = ConfirmationLink.objects.filter(placement=placement, week=week, mentor=mentor, revoked_at__isnull=True)
    if actor is not None and sent.filter(made_at__gt=now - timedelta(minutes=10)).exists():
        raise ValidationError(_("A link was sent in the last ten minutes. Ask the mentor to look at the mail."))
    sent.update(revoked_at=now)
    link = ConfirmationLink.objects.create(
        placement=placement,
        week=week,
        mentor=mentor,
        made_by=actor,
        made_at=now,
        expires_at=now + ConfirmationLink.LASTS,
    )
    ledger.record(
        actor=actor,
        type=events.LINK_MADE,
        subject=placement,
        payload={"mentor": mentor, "week": week, "link": str(link.uid), "expires_at": link.expires_at},
    )
    letters.ask_to_confirm(link, reverse("training:by_link", args=[token_of(link)]))
    return link


@transaction.atomic
def revoke_link(*, actor: Person, link: ConfirmationLink) -> None:
    """The link opens nothing from now on."""
    demand(actor, "training.revoke_link", link.placement)
    revoked = ConfirmationLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
    if revoked:
        ledger.record(actor=actor, type=events.LINK_REVOKED, subject=link.placement, payload={"link": str(link.uid)})
