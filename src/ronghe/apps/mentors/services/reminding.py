"""Reminders by mail: papers and certificates that lapse, terms and hours that wait for a mentor. Each is sent once."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.letters import mail, where
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors import events
from ronghe.apps.mentors.models import ClassHour, HourState, Offer, OfferState, Reminder
from ronghe.apps.mentors.selectors import papers_due, renewals_due

# A paper warns sixty and fourteen days before its last good day, and once when it has lapsed.
STEPS = (60, 14, -1)
WAITS_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Due:
    """Who is told, which thing and step it is about, and the sentence of it, put into words for its reader."""

    person: Person
    about: str
    sentence: StrPromise
    told: dict[str, object]


@transaction.atomic
def remind(*, actor: Person | None, today: date | None = None) -> int:
    """Send what is due and was not sent, one letter a person; `actor` None is the system's own timer.

    Returns how many people were told.
    """
    if actor is not None:
        demand(actor, "mentors.remind")
    day = today or timezone.localdate()
    due = [*_papers(day), *_certificates(day), *_waiting(day)]
    sent = set(Reminder.objects.filter(about__in=[one.about for one in due]).values_list("about", "person"))
    new = [one for one in due if (one.about, one.person.pk) not in sent]
    Reminder.objects.bulk_create(Reminder(about=one.about, person=one.person) for one in new)
    lines: dict[Person, list[_Due]] = defaultdict(list)
    for one in new:
        lines[one.person].append(one)
    if lines:
        letters = [(person, _letter(sentences)) for person, sentences in lines.items()]
        # Robust: a mail server that is down must not undo what was noted; Django logs what went wrong.
        transaction.on_commit(lambda: mail(letters), robust=True)
        ledger.record(
            actor=actor, type=events.REMINDERS_SENT, subject="mentors.reminder:0", payload={"people": len(lines)}
        )
    return len(lines)


def _letter(lines: Sequence[_Due]) -> Callable[[], tuple[str, str]]:
    def words() -> tuple[str, str]:
        said = "\n".join(f"- {one.sentence % one.told}" for one in lines)
        return _("Mentors: something waits for you"), f"{said}\n\n{where(reverse('mentors:overview'))}"

    return words


def _step(expires: date, day: date) -> int:
    """The latest step that is reached."""
    return min(step for step in STEPS if (expires - day).days <= step)


def _papers(day: date) -> Iterator[_Due]:
    for paper in papers_due(day):
        if paper.expires_on is not None:
            yield _Due(
                paper.person,
                f"paper:{paper.pk}:{_step(paper.expires_on, day)}",
                gettext_lazy("“%(paper)s” is valid through %(day)s: record its renewal."),
                {"paper": paper, "day": paper.expires_on},
            )


def _certificates(day: date) -> Iterator[_Due]:
    for one in renewals_due(day):
        yield _Due(
            one.teacher,
            f"certificate:{one.pk}:{_step(one.expires_on, day)}",
            gettext_lazy("Dual-teacher certificate %(number)s is valid through %(day)s: plan new training."),
            {"number": one.number, "day": one.expires_on},
        )


def _waiting(day: date) -> Iterator[_Due]:
    """Terms and hours that have waited a week for the mentor."""
    offers = Offer.objects.filter(state=OfferState.WAITING, offered_at__date__lte=day - WAITS_AFTER)
    for offer in offers.select_related("person", "organisation"):
        yield _Due(
            offer.person,
            f"offer:{offer.pk}",
            gettext_lazy("Load and terms of “%(name)s” wait for your answer."),
            {"name": offer.organisation},
        )
    hours = ClassHour.objects.filter(state=HourState.CLAIMED, claimed_at__date__lte=day - WAITS_AFTER)
    for hour in hours.exclude(claimed_by=F("mentor")).select_related("mentor"):
        yield _Due(
            hour.mentor,
            f"hours:{hour.pk}",
            gettext_lazy("Class hours of %(day)s wait for you to confirm them: %(subject)s."),
            {"subject": hour.subject, "day": hour.taught_on},
        )
