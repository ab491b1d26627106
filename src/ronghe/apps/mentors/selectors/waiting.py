"""What waits for a person in the mentors app, for the task inbox and the first screens; a bounded number of queries."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.accounts.inbox import Waiting
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.mentors.models import Appointment, Offer, OfferState, Qualification
from ronghe.apps.mentors.selectors.fees import hours_waiting, last_month, mentors_to_pay, open_disputes
from ronghe.apps.mentors.selectors.people import papers_due, papers_to_confirm
from ronghe.apps.mentors.selectors.teachers import WARN_AHEAD, renewals_due, stays_waiting, teacher_status

_SHOWN = 10


def waiting_for(person: Person, on: date | None = None) -> list[Waiting]:
    """Terms to accept, hours and stays to decide, papers that lapse; for the office what waits in all, as counts."""
    day = on or timezone.localdate()
    held = {kind for kind, _organisation in standing.held_by(person)}
    found: list[Waiting] = []
    is_appointed = Appointment.objects.known().filter(person=person).exists()
    if is_appointed:
        found += [*_terms(person), *_own_papers(person, day)]
    if is_appointed or RoleKind.TEACHER in held:
        found += _hours(person, day)
    if held & {RoleKind.MENTOR, RoleKind.ENTERPRISE_HR}:
        found += _stays(person)
    if held & {RoleKind.OFFICE, RoleKind.ENTERPRISE_HR}:
        found += _to_confirm(person)
    if RoleKind.TEACHER in held:
        found += _own_training(person, day)
    if RoleKind.OFFICE in held:
        found += _office(day)
    return found


def _one(
    title: str, url: str, *, text: str = "", due: date | None = None, bad: bool = False, action: str = "", kind: str
) -> Waiting:
    return Waiting(
        title=title, text=text, due=due, url=url, state="bad" if bad else "warn", action_label=action, kind=kind
    )


def _terms(person: Person) -> Iterator[Waiting]:
    offers = Offer.objects.filter(person=person, state=OfferState.WAITING).select_related("organisation")
    for offer in offers[:_SHOWN]:
        yield _one(
            _("Accept load and terms"),
            offer.get_absolute_url(),
            text=offer.organisation.name,
            due=offer.valid_from,
            action=_("Read"),
            kind="accept",
        )


def _hours(person: Person, day: date) -> Iterator[Waiting]:
    for hour in hours_waiting(person)[:_SHOWN]:
        yield _one(
            _("Confirm your class hours")
            if hour.mentor_id == person.pk
            else _("Confirm class hours of %(mentor)s") % {"mentor": hour.mentor},
            hour.get_absolute_url(),
            text=f"{hour.subject} · {hour.taught_on.isoformat()}",
            due=timezone.localdate(hour.claimed_at),
            bad=(day - hour.taught_on) > WARN_AHEAD,
            action=_("Decide"),
            kind="confirm",
        )


def _own_papers(person: Person, day: date) -> Iterator[Waiting]:
    papers = Qualification.objects.standing().filter(person=person, is_needed=True, expires_on__lte=day + WARN_AHEAD)
    for paper in papers[:_SHOWN]:
        yield _one(
            _("Renew “%(paper)s”") % {"paper": paper.name},
            reverse("mentors:mentor", args=[person.uid]),
            text=_("Once it has lapsed, no new trainee can come."),
            due=paper.expires_on,
            bad=paper.expires_on is not None and paper.expires_on < day,
            action=_("Record its renewal"),
            kind="renew",
        )


def _stays(person: Person) -> Iterator[Waiting]:
    for stay in stays_waiting(person)[:_SHOWN]:
        yield _one(
            _("Confirm the stay of %(teacher)s") % {"teacher": stay.plan.teacher},
            stay.plan.get_absolute_url(),
            text=f"{stay.first_day.isoformat()} – {stay.last_day.isoformat()}",
            due=stay.last_day,
            action=_("Decide"),
            kind="confirm",
        )


def _to_confirm(person: Person) -> Iterator[Waiting]:
    for paper in papers_to_confirm(person)[:_SHOWN]:
        yield _one(
            _("Confirm “%(paper)s” of %(mentor)s") % {"paper": paper.name, "mentor": paper.person},
            reverse("mentors:mentor", args=[paper.person.uid]),
            text=paper.issuer,
            action=_("Look at it"),
            kind="confirm",
        )


def _own_training(person: Person, day: date) -> Iterator[Waiting]:
    status = teacher_status(person, day)
    if status.certification is not None and status.state in ("warn", "bad"):
        yield _one(
            str(status.label),
            reverse("mentors:teachers"),
            due=status.certification.expires_on,
            bad=status.state == "bad",
            action=_("Plan training"),
            kind="renew",
        )
    if status.is_to_answer and status.plan is not None:
        yield _one(
            _("Say how satisfied you are with your training"),
            status.plan.get_absolute_url(),
            text=_("The answer is anonymous."),
            action=_("Answer"),
            kind="answer",
        )


def _office(day: date) -> Iterator[Waiting]:
    papers = [expires for expires in papers_due(day).values_list("expires_on", flat=True) if expires is not None]
    if papers:
        lapsed = sum(expires < day for expires in papers)
        yield _one(
            ngettext(
                "%(number)s qualification of a mentor lapses", "%(number)s qualifications of mentors lapse", len(papers)
            )
            % {"number": len(papers)},
            reverse("mentors:papers"),
            text=_("%(number)s of them have lapsed.") % {"number": lapsed},
            due=papers[0],
            bad=bool(lapsed),
            action=_("Look at it"),
            kind="renew",
        )
    disputes = list(open_disputes()[:_SHOWN])
    for dispute in disputes:
        yield _one(
            _("Answer %(mentor)s about a fee") % {"mentor": dispute.entry.hour.mentor},
            reverse("mentors:dispute", args=[dispute.uid]),
            text=dispute.text[:80],
            action=_("Answer"),
            kind="answer",
        )
    month = last_month(day)
    if number := mentors_to_pay(month):
        yield _one(
            ngettext("%(number)s statement of fees to issue", "%(number)s statements of fees to issue", number)
            % {"number": number},
            reverse("mentors:fees"),
            text=f"{month:%Y-%m}",
            action=_("Issue statements"),
            kind="issue",
        )
    if number := renewals_due(day).count():
        yield _one(
            ngettext(
                "%(number)s dual-teacher certificate to renew", "%(number)s dual-teacher certificates to renew", number
            )
            % {"number": number},
            reverse("mentors:teachers"),
            action=_("Look at it"),
            kind="renew",
        )
