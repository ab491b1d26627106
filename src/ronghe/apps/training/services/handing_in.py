"""Hand in the evidence of a week, correct it by a new version, and mark what strikes about it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum.models import Unit
from ronghe.apps.ledger import services as ledger
from ronghe.apps.training import events, files
from ronghe.apps.training.busy import days_at_work, holidays_between
from ronghe.apps.training.files import Seen
from ronghe.apps.training.models import (
    BEGUN,
    UNDECIDED,
    WEEK,
    Absence,
    Attachment,
    Confirmation,
    Entry,
    EntryState,
    Mark,
    MarkKind,
    Placement,
    PlacementState,
    Stay,
    Verdict,
)
from ronghe.apps.training.services.history import lock_student
from ronghe.apps.training.weeks import MOST_A_DAY, MOST_A_WEEK, commit_link, is_near, shingles, text_digest

MOST_FILES = 5
# After so many days the memory of a week is no evidence of it.
_BACKDATED = timedelta(days=28)
# So far back, and so many, texts of those at the same hosts are compared for being nearly the same.
_LOOKED_BACK, _MOST_COMPARED = timedelta(days=182), 300


@dataclass(frozen=True, slots=True)
class Work:
    """What a student shows of a week and the hours claimed for it."""

    text: str
    hours: Decimal
    commit_url: str = ""
    unit: Unit | None = None
    files: Sequence[Seen] = field(default=())


def hours_left(placement: Placement, week: date, today: date) -> Decimal:
    """Most hours that evidence of this week may claim: by days at a host so far, and by what other placements claim."""
    last = min(week + timedelta(days=6), today)
    running = list(Stay.objects.during(week, last).filter(placement=placement, state=PlacementState.RUNNING))
    away = list(Absence.objects.filter(placement=placement, first_day__lte=last, last_day__gte=week))
    holidays = holidays_between(week, last)
    days = {
        day
        for stay in running
        for day in days_at_work(stay.days, week, last, holidays)
        if stay.holds_on(day) and not any(one.first_day <= day <= one.last_day for one in away)
    }
    others = Entry.objects.filter(placement__person=placement.person_id, week=week).exclude(placement=placement)
    claimed = others.filter(state__in=[*UNDECIDED, EntryState.CONFIRMED]).aggregate(sum=Sum("hours"))["sum"]
    return max(Decimal(0), min(Decimal(MOST_A_DAY * len(days)), MOST_A_WEEK - (claimed or Decimal(0))))


def hand_in(*, actor: Person, placement: Placement, week: date, work: Work, arrived_on: date | None = None) -> Entry:
    """Hand in the evidence of a week (its Monday). What stands undecided or returned of it is replaced.

    What is confirmed counts on until the new version is confirmed. `arrived_on` is for records that are taken over from
    elsewhere; no page offers it. Raises ValidationError by field.
    """
    kept: list[uuid.UUID] = []
    try:
        with transaction.atomic():
            return _hand_in(actor, placement, week, work, kept, arrived_on)
    except Exception:
        for uid in kept:
            files.drop(uid)
        raise


def _hand_in(
    actor: Person,
    placement: Placement,
    week: date,
    work: Work,
    kept: list[uuid.UUID],
    arrived_on: date | None,
) -> Entry:
    demand(actor, "training.hand_in", placement)
    lock_student(placement)
    placement = Placement.objects.select_for_update().get(pk=placement.pk)
    today = timezone.localdate()
    commit = _check(placement, week, work, today)
    earlier = list(Entry.objects.filter(placement=placement, week=week).order_by("version"))
    for one in earlier:
        if one.state in (*UNDECIDED, EntryState.RETURNED):
            Entry.objects.filter(pk=one.pk).update(state=EntryState.REPLACED)
    entry = Entry.objects.create(
        placement=placement,
        week=week,
        version=earlier[-1].version + 1 if earlier else 1,
        unit=work.unit,
        text=work.text.strip(),
        text_digest=text_digest(work.text),
        commit_url=commit,
        hours=work.hours,
        handed_in_by=actor,
        handed_in_at=_moment(arrived_on) if arrived_on is not None and arrived_on < today else timezone.now(),
    )
    for seen in work.files:
        attachment = Attachment.objects.create(
            entry=entry,
            filename=seen.filename,
            media_type=seen.media_type,
            size=len(seen.data),
            sha256=seen.sha256,
        )
        kept.append(attachment.uid)
        files.keep(attachment.uid, seen.data)
    marks = _mark(entry, timezone.localdate(entry.handed_in_at))
    ledger.record(
        actor=actor,
        type=events.EVIDENCE_HANDED_IN,
        subject=entry,
        payload={
            "student": placement.person,
            "placement": placement,
            "week": week,
            "version": entry.version,
            "hours": entry.hours,
            "text": entry.text,
            "files": [f"sha256:{seen.sha256}" for seen in work.files],
            "marks": sorted({str(mark.kind) for mark in marks}),
            **({"commit": commit} if commit else {}),
        },
    )
    return entry


def _moment(day: date) -> datetime:
    """Noon of a day: nobody knows the hour."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def _check(placement: Placement, week: date, work: Work, today: date) -> str:
    if placement.state not in (*BEGUN, PlacementState.STOPPED, PlacementState.FINISHED):
        raise ValidationError(_("The placement has not begun. HR of the host confirms the start."))
    if week.weekday() != 0:
        raise ValidationError({"week": _("A week is named by its Monday.")})
    if week > today:
        raise ValidationError({"week": _("This week has not begun. Hand it in when the work is done.")})
    if (
        not Stay.objects.during(week, week + WEEK - timedelta(days=1))
        .filter(placement=placement, state=PlacementState.RUNNING)
        .exists()
    ):
        raise ValidationError({"week": _("The placement did not run in this week.")})
    if not work.text.strip():
        raise ValidationError({"text": _("Say what you did; whoever confirms it reads this.")})
    if len(work.files) > MOST_FILES:
        raise ValidationError({"file": _("Five files a week at most. Put them into one archive.")})
    if len({seen.sha256 for seen in work.files}) < len(work.files):
        raise ValidationError({"file": _("The same file stands here twice.")})
    commit = commit_link(work.commit_url) if work.commit_url.strip() else ""
    if commit is None:
        raise ValidationError(
            {
                "commit_url": _(
                    "Link the commit itself, by https and with its whole hash: "
                    "https://…/commit/ and 40 characters. A link to a branch changes."
                )
            }
        )
    if work.hours < 0:
        raise ValidationError({"hours": _("Hours are not negative.")})
    most = hours_left(placement, week, today)
    if work.hours > most:
        raise ValidationError(
            {
                "hours": _(
                    "At most %(hours)s hours can be claimed here: ten on each day at the host so far without absences, "
                    "and 48 a week in all placements together."
                )
                % {"hours": f"{most.normalize():f}"}
            }
        )
    if work.unit is not None and not Unit.objects.visible_to(placement.person).filter(pk=work.unit.pk).exists():
        raise ValidationError({"unit": _("Choose one of the units that are taught.")})
    return commit


def _mark(entry: Entry, today: date) -> list[Mark]:
    """Mark what strikes, on this entry and on the one that it resembles."""
    found: list[Mark] = []
    if today - entry.last_day > _BACKDATED:
        found.append(Mark(entry=entry, kind=MarkKind.BACKDATED))
    elif today > entry.due_on and entry.version == 1:
        found.append(Mark(entry=entry, kind=MarkKind.LATE))
    others = Entry.objects.exclude(placement=entry.placement_id, week=entry.week).select_related("placement")
    hashes = list(entry.attachments.values_list("sha256", flat=True))
    alike = [
        (MarkKind.SAME_FILE, others.filter(attachments__sha256__in=hashes) if hashes else others.none()),
        (MarkKind.SAME_TEXT, others.filter(text_digest=entry.text_digest) if entry.text_digest else others.none()),
        (MarkKind.SAME_COMMIT, others.filter(commit_url=entry.commit_url) if entry.commit_url else others.none()),
    ]
    resembling = [(kind, list(same.distinct().order_by("pk")[:MOST_FILES])) for kind, same in alike]
    for kind, others_like_it in [*resembling, (MarkKind.NEAR_TEXT, _near(entry, others))]:
        for other in others_like_it:
            is_other = other.placement.person_id != entry.placement.person_id
            found.append(Mark(entry=entry, kind=kind, other=other, is_other_student=is_other))
            found.append(Mark(entry=other, kind=kind, other=entry, is_other_student=is_other))
    Mark.objects.bulk_create(found)
    return [mark for mark in found if mark.entry_id == entry.pk]


def _near(entry: Entry, others: QuerySet[Entry]) -> Sequence[Entry]:
    """Entries whose text is nearly that of this one: of the student, and of those at the same hosts of late.

    Nobody else is asked for: a copy of what strangers wrote elsewhere would have to be the same to be found.
    """
    mine = shingles(entry.text)
    if not mine:
        return []
    hosts = Stay.objects.filter(placement=entry.placement_id).values("organisation")
    there = Stay.objects.filter(organisation__in=hosts).values("placement")
    near = Q(placement__person=entry.placement.person_id) | Q(placement__in=there, week__gte=entry.week - _LOOKED_BACK)
    # Texts of which one is much longer share less, so that they need not be read.
    length = len(entry.text)
    texts = others.alias(length=Length("text")).filter(near, length__gte=length // 2, length__lte=2 * length)
    texts = texts.exclude(text_digest=entry.text_digest).order_by("-pk")
    found = [other for other in texts[:_MOST_COMPARED] if is_near(mine, shingles(other.text))]
    return found[:MOST_FILES]


@transaction.atomic
def answer_entry(*, actor: Person, entry: Entry, answer: str) -> Entry:
    """Answer the question that was asked about an entry; it then waits for confirmation again."""
    demand(actor, "training.answer_entry", entry)
    entry = Entry.objects.select_for_update().get(pk=entry.pk)
    if entry.state != EntryState.ASKED:
        raise ValidationError(_("Nobody asks about this entry now. Open it again to see what stands."))
    if not answer.strip():
        raise ValidationError({"answer": _("Write your answer.")})
    entry.state = EntryState.WAITING
    entry.save(update_fields=["state"])
    Confirmation.objects.create(
        entry=entry, verdict=Verdict.ANSWERED, comment=answer.strip(), decided_by=actor, side="student"
    )
    ledger.record(
        actor=actor,
        type=events.EVIDENCE_ANSWERED,
        subject=entry,
        payload={"student": actor, "answer": answer.strip()},
    )
    return entry
