"""The weekly mail: what is red, what waits, by role and in the reader's language. Whoever does not want it says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.jobs.registry import Progress
from ronghe.apps.policies.models import DigestChoice, Question
from ronghe.apps.policies.selectors.obligations import Line, Moment, lines_of
from ronghe.apps.policies.subjects import SubjectKind, own_keys, sees_all, subjects_of

ROLES = (RoleKind.OFFICE, RoleKind.ENTERPRISE_HR, RoleKind.REVIEWER)
# Nobody gets two within this time, however often somebody starts the work.
APART = timedelta(days=6)
_LISTED = 12
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it would go out."""

    person: Person
    subject: str
    body: str


def may_get_mail(today: date) -> list[Person]:
    """People with a role that gets the mail, who did not opt out and had none in the last days."""
    holders = Role.objects.on(today).filter(kind__in=ROLES).values("person")
    silent = DigestChoice.objects.filter(is_wanted=False).values("person")
    recent = DigestChoice.objects.filter(last_sent_on__gt=today - APART).values("person")
    found = Person.objects.filter(pk__in=holders, is_active=True, erased_at__isnull=True)
    return list(found.exclude(pk__in=silent).exclude(pk__in=recent).order_by("pk"))


def compose(people: Sequence[Person], today: date) -> list[Mail]:
    """The mails of `people`; who has nothing to hear of gets none. Chains are judged once for all."""
    if not people:
        return []
    everything = lines_of(SubjectKind.CHAIN, subjects_of(SubjectKind.CHAIN, today), Moment(today))
    waiting = Question.objects.filter(answered_at__isnull=True).count()
    mails = []
    for person in people:
        lines = everything if sees_all(person) else _own(person, everything, today)
        red = [line for line in lines if line.reds]
        questions = waiting if sees_all(person) else 0
        if not red and not questions:
            continue
        with translation.override(person.language):
            body = render_to_string(
                "policies/digest.txt",
                {
                    "person": person,
                    "lines": red[:_LISTED],
                    "more": max(0, len(red) - _LISTED),
                    "questions": questions,
                    "day": today,
                    "address": _address(reverse("policies:obligations")),
                    "choice": _address(reverse("policies:digest")),
                },
            )
            subject = _("Ronghe: %(count)s chains with a broken rule") % {"count": len(red)}
        mails.append(Mail(person, subject, body.strip() + "\n"))
    return mails


def _own(person: Person, lines: Sequence[Line], today: date) -> list[Line]:
    own = own_keys(person, SubjectKind.CHAIN, today)
    return [line for line in lines if line.subject.pk in own]


def _address(path: str) -> str:
    return f"{settings.RONGHE_PUBLIC_URL.rstrip('/')}{path}"


def send_digests(*, actor: Person | None, progress: Progress | None = None) -> int:
    """Send the mail to all who get it now and return how many went out; a timer sends without an actor."""
    if actor is not None:
        demand(actor, "policies.send_digest")
    today = timezone.localdate()
    people = may_get_mail(today)
    sent = 0
    mails = compose(people, today)
    for start in range(0, len(mails), _BATCH):
        part = mails[start : start + _BATCH]
        messages = [EmailMessage(mail.subject, mail.body, to=[mail.person.email]) for mail in part]
        sent += get_connection().send_messages(messages) or 0
        with transaction.atomic():
            for mail in part:
                DigestChoice.objects.update_or_create(person=mail.person, defaults={"last_sent_on": today})
        if progress is not None:
            progress.report(min(start + _BATCH, len(mails)), len(mails))
    return sent


def set_digest(*, actor: Person, is_wanted: bool) -> None:
    """Say whether one wants the weekly mail oneself."""
    DigestChoice.objects.update_or_create(person=actor, defaults={"is_wanted": is_wanted})
