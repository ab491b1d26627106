"""What people do with their own account: profile, consent, export, erasure. Sign-in itself is allauth's."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts import events, privacy, purposes
from ronghe.apps.accounts.models import Consent, Person, PersonalDataView
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.services import Entry


class ErasureRefused(Exception):
    """The person cannot be erased now; the text says why and what to do."""


@transaction.atomic
def add_person(*, actor: Person | None, email: str, name: str, language: str = "zh-hans") -> Person:
    """Add someone who will sign in by a link in an e-mail or by an outside identity; there is no password yet.

    The caller (an import, the office's page) has checked that `actor` may.
    """
    person = Person.objects.create_user(email, None, name=name, language=language)
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=False)
    ledger.record(actor=actor, type=events.PERSON_ADDED, subject=person, payload={"person": person, "name": name})
    return person


@transaction.atomic
def find_or_add_people(
    *, actor: Person | None, people: Mapping[str, str], language: str = "zh-hans"
) -> dict[str, Person]:
    """People by lower-case address, as `people` (address to name) asks; who is not known is added as `add_person` does.

    A handful of queries whatever their number, for files of records. The caller has checked that `actor` may.
    """
    found = {person.email: person for person in Person.objects.filter(email__in=list(people))}
    added = []
    for email, name in people.items():
        if email not in found:
            person = Person(email=email.lower(), name=name, language=language)
            person.set_unusable_password()
            person.keep_search_in_step()
            person.clean_fields(exclude=["password"])
            added.append(person)
    Person.objects.bulk_create(added)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, primary=True, verified=False) for person in added
    )
    ledger.record_many(
        actor=actor,
        entries=[Entry(events.PERSON_ADDED, person, {"person": person, "name": person.name}) for person in added],
    )
    return found | {person.email: person for person in added}


@transaction.atomic
def change_profile(*, actor: Person, person: Person, changes: Mapping[str, str]) -> Person:
    """Change one's own name, language or appearance. `changes` maps field names to their new values."""
    _only_oneself(actor, person)
    unknown = set(changes) - {"name", "name_latin", "language", "theme"}
    if unknown:
        raise ValueError(f"a profile has no {', '.join(sorted(unknown))}")
    changed = sorted(name for name, value in changes.items() if getattr(person, name) != value)
    if not changed:
        return person
    for name in changed:
        setattr(person, name, changes[name])
    if "name" in changed and "name_latin" not in changed:
        person.name_latin = ""
    person.full_clean(exclude=["password"])
    person.save()
    ledger.record(
        actor=actor, type=events.PROFILE_CHANGED, subject=person, payload={"person": person, "fields": changed}
    )
    return person


@transaction.atomic
def give_consent(*, actor: Person, person: Person, purpose: str) -> Consent:
    """Agree to the current version of `purpose`; agreeing twice changes nothing."""
    _only_oneself(actor, person)
    version = purposes.find(purpose).version
    while (consent := _begin_consent(person, purpose, version)) is None:
        standing = Consent.objects.filter(person=person, purpose=purpose, withdrawn_at=None).first()
        if standing is not None and standing.version == version:
            return standing
        _end_consent(person, purpose)
    ledger.record(
        actor=actor,
        type=events.CONSENT_GIVEN,
        subject=person,
        payload={"person": person, "purpose": purpose, "version": version},
    )
    return consent


@transaction.atomic
def withdraw_consent(*, actor: Person, person: Person, purpose: str) -> None:
    """Withdraw one's consent to `purpose`; withdrawing what was not given changes nothing."""
    _only_oneself(actor, person)
    version = _end_consent(person, purpose)
    if version is None:
        return
    ledger.record(
        actor=actor,
        type=events.CONSENT_WITHDRAWN,
        subject=person,
        payload={"person": person, "purpose": purpose, "version": version},
    )


# One statement each, so that two requests at once cannot both see the same consent standing. The ORM has no words for
# either, and takes longer over the several that would do than the database over the whole transaction.
def _begin_consent(person: Person, purpose: str, version: int) -> Consent | None:
    """Insert a consent from now on and return it, or None if one to this purpose stands."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_consent (person_id, purpose, version, given_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (person_id, purpose) WHERE withdrawn_at IS NULL DO NOTHING RETURNING id",
            [person.pk, purpose, version, connection.ops.adapt_datetimefield_value(now)],
        )
        inserted = cursor.fetchall()
    if not inserted:
        return None
    return Consent.from_db(
        connection.alias,
        ["id", "person_id", "purpose", "version", "given_at", "withdrawn_at"],
        [inserted[0][0], person.pk, purpose, version, now, None],
    )


def _end_consent(person: Person, purpose: str) -> int | None:
    """End the consent that stands now and return the version it was to, or None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_consent SET withdrawn_at = %s "
            "WHERE person_id = %s AND purpose = %s AND withdrawn_at IS NULL RETURNING version",
            [connection.ops.adapt_datetimefield_value(timezone.now()), person.pk, purpose],
        )
        ended = cursor.fetchall()
    return ended[0][0] if ended else None


def note_look(*, viewer: Person, person: Person, page: str) -> None:
    """Record that `viewer` looked at the personal data of `person` on `page`; one's own does not count."""
    if viewer.pk != person.pk:
        PersonalDataView.objects.create(viewer=viewer, person=person, page=page)


def note_looks(*, viewer: Person, people: Iterable[Person], page: str) -> None:
    """Record a look at a page of people at once; one's own line does not count."""
    PersonalDataView.objects.bulk_create(
        PersonalDataView(viewer=viewer, person=person, page=page) for person in people if person.pk != viewer.pk
    )


@transaction.atomic
def export_own_data(*, actor: Person, person: Person) -> dict[str, Any]:
    """Gather all that every app knows about `person`, as plain values by app."""
    _only_oneself(actor, person)
    exported = {part.name: part.export(person) for part in privacy.registered()}
    ledger.record(actor=actor, type=events.DATA_EXPORTED, subject=person, payload={"person": person})
    return exported


@transaction.atomic
def erase_own_data(*, actor: Person, person: Person) -> int:
    """Erase `person`: every app lets go of its share, the ledger's payloads go, sign-in ends; return the rows touched.

    What is left is a row without name or address, so that events and proofs about others stay valid. Raises
    ErasureRefused when an app needs something settled first.
    """
    _only_oneself(actor, person)
    rows = sum(part.erase(person) for part in privacy.registered())
    person.name, person.name_latin = "", ""
    person.email = f"erased-{secrets.token_hex(8)}@erased.invalid"
    person.is_active, person.is_staff, person.is_superuser = False, False, False
    person.erased_at = timezone.now()
    person.set_unusable_password()
    # An inactive person without a password is signed out everywhere by this alone.
    person.save()
    # Recorded last and by the system: the event itself names nobody but the uid that stays.
    ledger.record(actor=None, type=events.PERSON_ERASED, subject=person, payload={"rows": rows})
    return rows


def _only_oneself(actor: Person, person: Person) -> None:
    if actor.pk != person.pk:
        raise PermissionDenied(_("Only the person may change this."))
