"""Mail of training: confirm a week by a link, what is due, what went wrong; in the reader's language, after commit."""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.letters import mail, where
from ronghe.apps.training.models import ConfirmationLink, Incident, Placement

Letter = tuple[Person, Callable[[], tuple[str, str]]]


def send(letters: Sequence[Letter]) -> None:
    """Send letters once the change is committed."""
    # Robust: a mail server that is down must not undo what was recorded; Django logs what went wrong.
    transaction.on_commit(lambda: mail(letters), robust=True)


def ask_to_confirm(link: ConfirmationLink, path: str) -> None:
    """Mail the mentor the page of one week."""
    if link.mentor is None:
        return

    def words() -> tuple[str, str]:
        told = {
            "student": link.placement.student_name,
            "week": link.week.isoformat(),
            "until": link.expires_at.date().isoformat(),
            "where": where(path),
        }
        return (
            _("Confirm the week of %(week)s: %(student)s") % told,
            _(
                "%(student)s handed in the work of the week of %(week)s. Look at it and confirm it, return it or ask; "
                "no password is needed. The link is for you alone and holds until %(until)s.\n\n%(where)s"
            )
            % told,
        )

    send([(link.mentor, words)])


def tell_incident(incident: Incident, people: Sequence[Person], *, escalated: bool) -> None:
    """Tell those who must answer an incident, without what happened: that is read on its page."""

    def words() -> tuple[str, str]:
        told = {
            "student": incident.placement.student_name,
            "severity": incident.get_severity_display(),
            "until": incident.answer_by.date().isoformat(),
            "where": where(incident.get_absolute_url()),
        }
        subject = (
            _("Not answered in time: an incident at a placement") if escalated else _("An incident at a placement")
        )
        return (
            subject,
            _("%(severity)s, placement of %(student)s. To be answered by %(until)s.\n\n%(where)s") % told,
        )

    send([(person, words) for person in people])


def tell_change(placement: Placement, people: Sequence[Person], reason: str) -> None:
    """Tell whom a placement concerns that its days, host, hours or mentor are others."""

    def words() -> tuple[str, str]:
        told = {
            "student": placement.student_name,
            "work": placement.work,
            "first": placement.starts_on.isoformat(),
            "last": placement.ends_on.isoformat(),
            "reason": reason,
            "where": where(placement.get_absolute_url()),
        }
        return (
            _("A placement was changed: %(student)s") % told,
            _(
                "The placement of %(student)s (%(work)s), %(first)s to %(last)s, was changed. The reason given:\n\n"
                "%(reason)s\n\nHosts, hours and mentor as they are now:\n%(where)s"
            )
            % told,
        )

    send([(person, words) for person in people])
