"""The pages of one's own account: each person sees only their own, and nobody else any."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Q
from django.forms import Form
from django.test import Client
from django.urls import reverse

from ronghe.apps.accounts.models import Consent, Person
from ronghe.apps.accounts.pages import take_errors
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db

PAGES = ["accounts:profile", "accounts:consent", "accounts:data", "accounts:erase"]


@pytest.mark.parametrize("name", PAGES)
def test_an_anonymous_visitor_is_sent_to_sign_in(name: str, anonymous: Client) -> None:
    answer = anonymous.get(reverse(name))
    assert answer.status_code == 302
    assert reverse("account_login") in answer["Location"]


@pytest.mark.parametrize("name", ["accounts:profile", "accounts:consent", "accounts:data"])
@pytest.mark.parametrize("who", ["student", "hr", "office", "stranger"])
def test_everyone_signed_in_opens_their_own(
    name: str, who: str, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    person: Person = request.getfixturevalue(who)
    answer = sign_in(person).get(reverse(name))
    assert answer.status_code == 200


def test_a_saved_profile_speaks_the_chosen_language_at_once(student: Person, sign_in: SignIn) -> None:
    client = sign_in(student)
    answer = client.post(
        reverse("accounts:profile"),
        {"name": "王芳", "name_latin": "", "language": "zh-hans", "theme": "auto"},
        follow=True,
    )
    assert 'lang="zh' in answer.content.decode()
    student.refresh_from_db()
    assert (student.name, student.name_latin, student.language) == ("王芳", "wang fang", "zh-hans")


def test_an_empty_name_is_refused_and_what_was_typed_stays(student: Person, sign_in: SignIn) -> None:
    answer = sign_in(student).post(
        reverse("accounts:profile"), {"name": "", "name_latin": "kept text", "language": "en", "theme": "auto"}
    )
    assert answer.status_code == 200
    assert "kept text" in answer.content.decode()
    student.refresh_from_db()
    assert student.name


def test_consent_is_given_and_withdrawn_on_the_page(student: Person, sign_in: SignIn) -> None:
    client = sign_in(student)
    client.post(reverse("accounts:consent"), {"purpose": "contact", "agree": "yes"})
    assert Consent.objects.filter(person=student, withdrawn_at__isnull=True).count() == 1
    client.post(reverse("accounts:consent"), {"purpose": "contact", "agree": "no"})
    assert Consent.objects.filter(person=student, withdrawn_at__isnull=True).count() == 0
    assert client.post(reverse("accounts:consent"), {"purpose": "nonsense", "agree": "yes"}).status_code == 404


def test_the_switch_of_language_is_kept_with_the_person(student: Person, sign_in: SignIn) -> None:
    sign_in(student).post(reverse("accounts:set_language"), {"language": "zh-hans", "next": "/"})
    student.refresh_from_db()
    assert student.language == "zh-hans"


def test_an_anonymous_visitor_switches_by_cookie(anonymous: Client) -> None:
    answer = anonymous.post(reverse("accounts:set_language"), {"language": "en", "next": "/accounts/login/"})
    assert answer.cookies["ronghe_language"].value == "en"
    assert answer["Location"] == "/accounts/login/"


def test_the_switch_of_language_does_not_lead_to_another_site(anonymous: Client) -> None:
    answer = anonymous.post(reverse("accounts:set_language"), {"language": "en", "next": "https://evil.example/"})
    assert "evil.example" not in answer["Location"]


def test_an_unknown_appearance_is_refused(student: Person, sign_in: SignIn) -> None:
    assert sign_in(student).post(reverse("accounts:set_theme"), {"theme": "pink"}).status_code == 404


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", ""])
def test_the_switch_of_appearance_leads_back_to_its_page_and_never_to_another_site(
    student: Person, sign_in: SignIn, elsewhere: str
) -> None:
    client, address = sign_in(student), reverse("accounts:set_theme")
    assert client.post(address, {"theme": "dark", "next": "/demand/?page=2"})["Location"] == "/demand/?page=2"
    assert client.post(address, {"theme": "dark", "next": elsewhere})["Location"] == reverse("accounts:profile")


def signed_in_afresh(person: Person) -> Client:
    """Signed in, and the password given once more, as whatever cannot be undone asks."""
    person.set_password("a long enough phrase")
    person.save()
    client = Client()
    answer = client.post(reverse("account_login"), {"login": person.email, "password": "a long enough phrase"})
    assert answer.status_code == 302
    client.post(reverse("account_reauthenticate"), {"password": "a long enough phrase"})
    return client


def test_a_person_downloads_their_own_data(student: Person) -> None:
    answer = signed_in_afresh(student).post(reverse("accounts:export"))
    assert answer["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.content)["accounts"]["email"] == student.email


def test_data_goes_out_only_after_a_fresh_sign_in(student: Person, sign_in: SignIn) -> None:
    answer = sign_in(student).post(reverse("accounts:export"))
    assert answer.status_code == 302
    assert reverse("account_reauthenticate") in answer["Location"]


def test_erasure_needs_the_address_typed_and_then_signs_out(student: Person) -> None:
    client = signed_in_afresh(student)
    wrong = client.post(reverse("accounts:erase"), {"email": "someone-else@example.org"})
    assert wrong.status_code == 200
    assert Person.objects.get(pk=student.pk).is_active
    client.post(reverse("accounts:erase"), {"email": student.email})
    assert not Person.objects.get(pk=student.pk).is_active
    assert client.get(reverse("accounts:profile")).status_code == 302


def test_a_shut_door_tells_that_the_office_invites(anonymous: Client) -> None:
    answer = anonymous.get(reverse("account_signup"))
    assert answer.status_code == 200
    assert "password1" not in answer.content.decode()


def test_too_many_wrong_passwords_shut_the_door_for_a_while(student: Person) -> None:
    student.set_password("a long enough phrase")
    student.save()
    client = Client()
    for _attempt in range(6):
        client.post(reverse("account_login"), {"login": student.email, "password": "wrong"})
    client.post(reverse("account_login"), {"login": student.email, "password": "a long enough phrase"})
    assert "_auth_user_id" not in client.session


def test_a_constraint_without_words_of_its_own_is_not_told_by_its_name() -> None:
    unnamed = CheckConstraint(condition=Q(pk__gt=0), name="app_thing_positive")
    form = Form({})
    take_errors(form, ValidationError({"__all__": [ValidationError(unnamed.get_violation_error_message()), "plain"]}))
    assert form.non_field_errors() == ["填写的内容互相矛盾，请核对各项。", "plain"]
