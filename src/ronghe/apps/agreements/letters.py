"""Mail about papers: to sign, declined, signed by all; in the reader's language, once the change is committed."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Instrument, Signature


def ask_to_sign(signatures: Sequence[Signature]) -> None:
    """Tell each signatory which paper waits and until when."""
    _send(
        [
            (
                signature.person,
                lambda one=signature: (  # type: ignore[misc]
                    _("A paper waits for your signature: %(title)s") % {"title": one.instrument.agreement.title},
                    _("%(name)s,\n\n“%(title)s” waits for your signature until %(due)s.\n\n%(where)s")
                    % {
                        "name": one.person.name,
                        "title": one.instrument.agreement.title,
                        "due": one.due_on.isoformat(),
                        "where": where(one.instrument.get_absolute_url()),
                    },
                ),
            )
            for signature in signatures
        ]
    )


def tell_declined(paper: Instrument, reason: str) -> None:
    """Tell the drafter that a signatory declined."""
    if paper.drafted_by is None:
        return
    _send(
        [
            (
                paper.drafted_by,
                lambda: (
                    _("A signatory declined: %(title)s") % {"title": paper.agreement.title},
                    _("“%(title)s” is a draft again. The reason given:\n\n%(reason)s\n\n%(where)s")
                    % {"title": paper.agreement.title, "reason": reason, "where": where(paper.get_absolute_url())},
                ),
            )
        ]
    )


def tell_concluded(paper: Instrument) -> None:
    """Tell all who signed that the last signature is there."""
    link = paper.agreement.get_absolute_url()
    people = {signature.person for signature in paper.signatures.filter(signed_at__isnull=False, settled_at=None)}
    _send(
        [
            (
                person,
                lambda: (
                    _("Signed by all: %(title)s") % {"title": paper.agreement.title},
                    _("“%(title)s” is signed by all and holds from %(day)s.\n\n%(where)s")
                    % {"title": paper.agreement.title, "day": paper.first_day.isoformat(), "where": where(link)},
                ),
            )
            for person in sorted(people, key=lambda person: person.pk)
        ]
    )


def where(path: str) -> str:
    """How a reader gets to the page at `path`."""
    return _("Open it in Ronghe: %(link)s") % {"link": f"{settings.RONGHE_PUBLIC_URL.rstrip('/')}{path}"}


def mail(letters: Sequence[tuple[Person, Callable[[], tuple[str, str]]]]) -> int:
    """Send letters now, each worded in its reader's language; who is erased or may not sign in gets none."""
    messages = []
    for person, words in letters:
        if not person.is_active or person.erased_at is not None:
            continue
        with translation.override(person.language):
            subject, body = words()
        messages.append(EmailMessage(" ".join(subject.split()), body, to=[person.email]))
    if messages:
        get_connection().send_messages(messages)
    return len(messages)


def _send(letters: Sequence[tuple[Person, Callable[[], tuple[str, str]]]]) -> None:
    # Robust: a mail server that is down must not undo a signature; Django logs what went wrong.
    transaction.on_commit(lambda: mail(letters), robust=True)
