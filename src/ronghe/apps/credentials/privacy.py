"""What certificates know about a person. Erasing empties what is personal in them; digests, roots and slots stay.

So every proof of the log and every list stays valid, and a copy that the holder kept can still be checked.
"""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.credentials import paths, purposes
from ronghe.apps.credentials.models import (
    ApiKey,
    Certificate,
    IssueBatch,
    MismatchReport,
    RecognitionAgreement,
    Share,
    StatusChange,
)

_NAMED = (
    (IssueBatch, "issued_by"),
    (StatusChange, "changed_by"),
    (MismatchReport, "answered_by"),
    (ApiKey, "made_by"),
    (RecognitionAgreement, "recorded_by"),
    (RecognitionAgreement, "confirmed_by"),
)


def _export(person: Person) -> dict[str, Any]:
    own = Certificate.objects.filter(holder=person).order_by("pk")
    return {
        "certificates": [
            {
                "code": one.code,
                "issued": one.issued_at,
                "valid_until": one.valid_until,
                "state": one.state,
                "document": one.document,
                "path": one.path,
            }
            for one in own
        ],
        "shares": list(
            Share.objects.filter(certificate__holder=person)
            .order_by("pk")
            .values("certificate__code", "organisation__name_zh", "made_at", "expires_at", "withdrawn_at", "opened")
        ),
        "certificates_issued": list(IssueBatch.objects.filter(issued_by=person).values("uid", "issued_at", "count")),
        "status_changes": list(
            StatusChange.objects.filter(changed_by=person).values("certificate__code", "kind", "reason", "changed_at")
        ),
    }


def _erase(person: Person) -> int:
    rows = Share.objects.filter(certificate__holder=person).delete()[0]
    rows += StatusChange.objects.filter(certificate__holder=person).exclude(note="").update(note="")
    for certificate in Certificate.objects.select_for_update().filter(holder=person):
        certificate.document, certificate.holder = None, None
        certificate.path = paths.emptied(certificate.path)
        certificate.save(update_fields=["document", "holder", "path"])
        rows += 1
    return rows + sum(
        model._default_manager.filter(**{column: person}).update(**{column: None}) for model, column in _NAMED
    )


# The app's purposes of consent are registered with what it knows about people.
PURPOSES = (purposes.CERTIFICATES, purposes.SHARING)

privacy.register("credentials", export=_export, erase=_erase)
