"""What each app knows about a person, and how it lets go of it: the registry behind export and erasure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from ronghe.apps.accounts import purposes
from ronghe.apps.accounts.models import Consent, Person, PersonalDataView
from ronghe.apps.ledger import selectors as ledger
from ronghe.apps.ledger import services as ledger_services

# Answers with plain values (text, numbers, dates, lists, mappings): they are written as JSON for the person.
Export = Callable[[Person], Any]
# Removes or anonymises, inside the caller's transaction, and returns how many rows it touched.
Erase = Callable[[Person], int]


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One app's share of a person's data."""

    name: str
    export: Export
    erase: Erase


_registered: dict[str, PersonalData] = {}


def register(name: str, *, export: Export, erase: Erase) -> None:
    """Register what app part `name` knows about people; called from the app's `privacy.py`."""
    if name in _registered:
        raise ValueError(f"personal data {name!r} is registered twice")
    _registered[name] = PersonalData(name, export, erase)


def registered() -> list[PersonalData]:
    """All parts, by name."""
    return [_registered[name] for name in sorted(_registered)]


def _export_account(person: Person) -> dict[str, Any]:
    return {
        "uid": str(person.uid),
        "name": person.name,
        "name_latin": person.name_latin,
        "email": person.email,
        "language": person.language,
        "joined": person.date_joined,
        "email_addresses": list(EmailAddress.objects.filter(user=person).values("email", "verified", "primary")),
        "second_factors": list(Authenticator.objects.filter(user=person).values("type", "created_at", "last_used_at")),
        "outside_identities": list(SocialAccount.objects.filter(user=person).values("provider", "uid", "date_joined")),
        "consents": [
            {
                "purpose": consent.purpose,
                "text": str(purposes.find(consent.purpose).text),
                "version": consent.version,
                "given": consent.given_at,
                "withdrawn": consent.withdrawn_at,
            }
            for consent in Consent.objects.filter(person=person)
        ],
        "looked_at_by": list(
            PersonalDataView.objects.filter(person=person).values("viewer__name", "page", "viewed_at")
        ),
    }


def _erase_account(person: Person) -> int:
    rows = 0
    for found in (
        EmailAddress.objects.filter(user=person),
        Authenticator.objects.filter(user=person),
        SocialAccount.objects.filter(user=person),
        Consent.objects.filter(person=person),
        PersonalDataView.objects.filter(person=person),
    ):
        rows += found.delete()[0]
    return rows


def _erase_events(person: Person) -> int:
    return ledger_services.erase_payloads(actor=None, person=person, reason="erasure of own data")


register("accounts", export=_export_account, erase=_erase_account)
register("ledger", export=ledger.events_about, erase=_erase_events)
