"""Reminders: of weeks that nothing was handed in for, and of work that waits for confirmation. Each is sent once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.letters import where
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.training import events, letters
from ronghe.apps.training.models import Entry, Reminder
from ronghe.apps.training.selectors.weeks import missing_weeks
from ronghe.apps.training.services.confirming import send_link

# A mentor is sent a link a day after the work was handed in, and another one a week later; then HR is told.
LINKS_AFTER = (timedelta(days=1), timedelta(days=8))
HR_AFTER = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a run did."""

    students: int
    mentors: int
    firms: int


@transaction.atomic
def remind(*, actor: Person | None, today: date | None = None) -> Reminded:
    """Send every reminder that is due and was not sent; `actor` None is the system's own timer."""
    if actor is not None:
        demand(actor, "training.remind")
    day = today or timezone.localdate()
    students = _students(day)
    mentors, firms = _confirmers(day)
    if students or mentors or firms:
        ledger.record(
            actor=actor,
            type=events.REMINDERS_SENT,
            subject="training.reminder:0",
            payload={"people": students + mentors + firms},
        )
    return Reminded(students, mentors, firms)


def _new(wanted: dict[str, Person]) -> dict[str, Person]:
    """Those of `wanted` (by what they are about) that were not sent yet; they are noted as sent."""
    sent = set(Reminder.objects.filter(about__in=wanted).values_list("about", flat=True))
    new = {about: person for about, person in wanted.items() if about not in sent}
    Reminder.objects.bulk_create(Reminder(about=about, person=person) for about, person in new.items())
    return new


def _students(day: date) -> int:
    """Tell students of weeks for which nothing is handed in: once on the Monday after, once when it is late."""
    wanted: dict[str, Person] = {}
    weeks: dict[str, date] = {}
    for week in missing_weeks(day):
        if week.placement.person is not None:
            about = f"entry:{week.placement.pk}:{week.monday}:{'late' if day > week.due_on else 'due'}"
            wanted[about], weeks[about] = week.placement.person, week.monday
    mine: dict[Person, list[date]] = defaultdict(list)
    for about, person in _new(wanted).items():
        mine[person].append(weeks[about])
    letters.send([(person, lambda weeks=weeks: _entry_words(weeks)) for person, weeks in mine.items()])  # type: ignore[misc]
    return len(mine)


def _entry_words(weeks: Sequence[date]) -> tuple[str, str]:
    said = "\n".join(f"- {_('Week of %(week)s') % {'week': week.isoformat()}}" for week in sorted(weeks))
    return (
        _("Your weekly work is due"),
        _("Nothing is handed in yet for:\n\n%(weeks)s\n\n%(where)s")
        % {"weeks": said, "where": where(reverse("training:overview"))},
    )


def _confirmers(day: date) -> tuple[int, int]:
    """Send mentors links for what waits, and tell HR of what waits long."""
    waiting = Entry.objects.filter(state="waiting", handed_in_at__date__lt=day)
    waiting = waiting.select_related("placement__person").order_by("pk")
    wanted: dict[str, Person] = {}
    entries: dict[str, Entry] = {}
    long: list[Entry] = []
    for entry in waiting:
        since = day - timezone.localdate(entry.handed_in_at)
        step = sum(since >= after for after in LINKS_AFTER)
        if step and entry.placement.person is not None:
            about = f"confirm:{entry.pk}:{step}"
            wanted[about], entries[about] = entry.placement.person, entry
        if since >= HR_AFTER:
            long.append(entry)
    sent = 0
    for about in _new(wanted):
        try:
            with transaction.atomic():
                send_link(actor=None, placement=entries[about].placement, week=entries[about].week)
        except ValidationError:
            # No mentor is named: HR hears of it below.
            continue
        sent += 1
    return sent, _firms(long, day)


def _firms(long: Sequence[Entry], day: date) -> int:
    """Tell HR of the hosts, once for each entry."""
    at: dict[int, list[Entry]] = defaultdict(list)
    for entry in long:
        for stay in entry.placement.stays.known():
            at[stay.organisation_id].append(entry)
    wanted: dict[str, Person] = {}
    for role in Role.objects.on(day).filter(kind=RoleKind.ENTERPRISE_HR, organisation__in=at).select_related("person"):
        for entry in at[role.organisation_id]:
            wanted[f"unconfirmed:{entry.pk}:{role.person_id}"] = role.person
    count: dict[Person, int] = defaultdict(int)
    for person in _new(wanted).values():
        count[person] += 1
    letters.send([(person, lambda number=number: _hr_words(number)) for person, number in count.items()])  # type: ignore[misc]
    return len(count)


def _hr_words(number: int) -> tuple[str, str]:
    return (
        _("Weekly work of students waits for confirmation"),
        _(
            "%(number)s entries wait for two weeks or longer. A mentor confirms them, or you in the mentor's stead."
            "\n\n%(where)s"
        )
        % {"number": number, "where": where(reverse("training:overview"))},
    )
