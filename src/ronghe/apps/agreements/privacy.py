"""What agreements know about a person, and how they let go of it when the person is erased."""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Party, Signatory, Signature


def _export(person: Person) -> dict[str, Any]:
    return {
        "signs_for": [
            {
                "organisation": row.organisation.name_zh,
                "title": row.title_zh,
                "from": row.valid_from,
                "until": row.valid_until,
                "recorded": row.recorded_at,
                "superseded": row.superseded_at,
            }
            for row in Signatory.objects.filter(person=person).select_related("organisation").order_by("pk")
        ],
        "party_to": [
            {"agreement": party.agreement.title_zh, "number": party.agreement.number}
            for party in Party.objects.filter(person=person).select_related("agreement").order_by("pk")
        ],
        "signatures": [
            {
                "agreement": row.instrument.agreement.title_zh,
                "asked": row.asked_on,
                "due": row.due_on,
                "signed": row.signed_at,
                "digest": row.signed_digest,
            }
            for row in Signature.objects.filter(person=person).select_related("instrument__agreement").order_by("pk")
        ],
    }


def _erase(person: Person) -> int:
    """The salt goes that ties a name to a paper; that somebody signed stays, so that papers and their hashes hold."""
    return Party.objects.filter(person=person).exclude(salt="").update(salt="")


privacy.register("agreements", export=_export, erase=_erase)
