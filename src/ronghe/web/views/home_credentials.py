"""The parts of the first screens that come from certificates: what waits for the office, own ones, candidates' ones.

Each part is a bounded number of queries.
"""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials import selectors
from ronghe.apps.credentials.documents import masked

_SHOWN = 4
_STATES = {"valid": "ok", "suspended": "warn", "revoked": "bad"}


def items() -> list[dict[str, Any]]:
    """What waits for the office: reports without an answer, certificates of revoked keys, and those that run out."""
    line = selectors.office_line()
    found = (
        (
            line.open_reports,
            ngettext(
                "%(count)s report of a mismatch waits for an answer",
                "%(count)s reports of mismatches wait for an answer",
                line.open_reports,
            ),
            "credentials:report_list",
            "bad",
        ),
        (
            line.revoked_keys_in_use,
            ngettext(
                "%(count)s certificate was signed with a key that is revoked: renew it",
                "%(count)s certificates were signed with a key that is revoked: renew them",
                line.revoked_keys_in_use,
            ),
            "credentials:issuer_list",
            "bad",
        ),
        (
            line.ending_soon,
            ngettext(
                "%(count)s certificate runs out within sixty days",
                "%(count)s certificates run out within sixty days",
                line.ending_soon,
            ),
            "credentials:overview",
            "warn",
        ),
    )
    return [
        {"title": words % {"count": number}, "text": "", "due": "", "state": state, "url": reverse(name)}
        for number, words, name, state in found
        if number
    ]


def own(me: Person) -> list[dict[str, Any]]:
    """A person's own certificates, the newest first."""
    return [
        {
            "title": one.version.name if one.version is not None else one.code,
            "text": one.issuer.organisation.name,
            "due": one.get_state_display(),
            "state": _STATES[one.state],
            "url": one.get_absolute_url(),
        }
        for one in selectors.own_certificates(me)[:_SHOWN]
    ]


def candidates(firms: Iterable[Organisation]) -> list[dict[str, Any]]:
    """The certificates that candidates share with these firms today; names are masked until one opens them."""
    return [
        {
            "title": masked(share.certificate.holder.name) if share.certificate.holder is not None else "—",
            "text": share.certificate.version.name if share.certificate.version is not None else share.certificate.code,
            "due": _("until %(day)s") % {"day": share.expires_at.date().isoformat()},
            "url": share.certificate.get_absolute_url(),
        }
        for firm in firms
        for share in selectors.candidates(firm)[:_SHOWN]
    ]
