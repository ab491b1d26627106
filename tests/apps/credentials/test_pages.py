"""Who may open which page and do what on it: owner, colleague, outsider, anonymous."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.credentials import services
from ronghe.apps.credentials.models import AchievementVersion, Certificate, CertificateState, Issuer, MismatchReport
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(
    office: Person, reviewer: Person, teacher: Person, holder: Person, hr: Person, stranger: Person
) -> dict[str, Person]:
    return {
        "office": office,
        "reviewer": reviewer,
        "teacher": teacher,
        "holder": holder,
        "hr": hr,
        "stranger": stranger,
    }


def statuses(sign_in: Any, people: dict[str, Person], path: str) -> dict[str, int]:
    return {name: sign_in(person).get(path).status_code for name, person in people.items()}


EVERYONE = {"office", "reviewer", "teacher", "holder", "hr", "stranger"}
# Address, what it needs in its path, who may open it.
PAGES = [
    ("overview", "", EVERYONE),
    ("achievement_list", "", EVERYONE),
    ("achievement", "achievement", EVERYONE),
    ("achievement_new", "", {"office", "teacher"}),
    ("achievement_edit", "achievement", {"office", "teacher"}),
    ("mapping_new", "achievement", {"office"}),
    ("issuer_list", "", {"office", "reviewer"}),
    ("issuer_new", "", {"office"}),
    ("issuer", "issuer", {"office", "reviewer"}),
    ("key_revoke", "key", {"office"}),
    ("issue", "", {"office"}),
    ("certificate", "certificate", {"office", "reviewer", "holder"}),
    ("change_status", "status", {"office"}),
    ("bundle", "certificate", {"office", "holder"}),
    ("credential_file", "certificate", {"office", "holder"}),
    ("learning_model", "certificate", {"office", "holder"}),
    ("share", "certificate", {"holder"}),
    ("calendar_link", "", EVERYONE),
    ("report_list", "", {"office"}),
    ("program_list", "", {"office", "hr"}),
    ("program_new", "", {"office", "hr"}),
    ("recognition", "", EVERYONE),
    ("recognition_new", "", {"office"}),
]


def test_each_page_opens_for_those_it_is_for_and_nobody_else(
    people: dict[str, Person], sign_in: Any, certificate: Certificate, issuer: Issuer, anonymous: Client
) -> None:
    version = certificate.version
    assert version is not None
    parts: dict[str, list[Any]] = {
        "": [],
        "achievement": [version.achievement.uid],
        "issuer": [issuer.uid],
        "key": [issuer.uid, issuer.keys.get().pk],
        "certificate": [certificate.uid],
        "status": [certificate.uid, "revoked"],
    }
    clients = {name: sign_in(person) for name, person in people.items()}
    for name, part, allowed in PAGES:
        path = reverse(f"credentials:{name}", args=parts[part])
        opened = {who for who, client in clients.items() if client.get(path).status_code == 200}
        assert opened == allowed, name
        assert anonymous.get(path)["Location"].startswith("/accounts/login"), name


def test_a_student_sees_only_their_own_certificates(
    certificate: Certificate, holder: Person, agreeing: Callable[..., Person], sign_in: Any
) -> None:
    assert certificate.code in sign_in(holder).get("/credentials/").content.decode()
    assert certificate.code not in sign_in(agreeing()).get("/credentials/").content.decode()


def test_a_certificate_says_nothing_of_its_path_to_a_reviewer(
    certificate: Certificate, reviewer: Person, holder: Person, sign_in: Any
) -> None:
    path = certificate.get_absolute_url()
    assert "Entered Example Institute" in sign_in(holder).get(path).content.decode()
    assert "Entered Example Institute" not in sign_in(reviewer).get(path).content.decode()


def test_hr_reads_what_is_shared_with_it_and_the_name_only_where_the_holder_shows_it(
    certificate: Certificate, holder: Person, hr: Person, other_hr: Person, firm_a: Any, sign_in: Any
) -> None:
    until = timezone.now() + timedelta(days=3)
    shared, _token = services.share(
        actor=holder, certificate=certificate, expires_at=until, organisation=firm_a, disclosed=[0]
    )
    for path in ("/credentials/", certificate.get_absolute_url()):
        page = sign_in(hr).get(path).content.decode()
        assert certificate.code in page and "s**" in page and ">student<" not in page
    assert "Entered Example Institute" in page
    assert certificate.code not in sign_in(hr).get("/credentials/?text=student").content.decode()
    assert sign_in(other_hr).get(certificate.get_absolute_url()).status_code == 404
    services.withdraw_share(actor=holder, share=shared)
    services.share(actor=holder, certificate=certificate, expires_at=until, organisation=firm_a, shows_name=True)
    assert re.search(r'data-label="Holder">\s*student\s*</td>', sign_in(hr).get("/credentials/").content.decode())


def test_the_office_issues_suspends_and_corrects_on_the_pages(
    office: Person, version: AchievementVersion, holder: Person, sign_in: Any
) -> None:
    client = sign_in(office)
    answer = client.post(reverse("credentials:issue"), {"version": version.pk, "student": holder.email})
    made = Certificate.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    again = client.post(reverse("credentials:issue"), {"version": version.pk, "student": holder.email})
    assert again.status_code == 422 and "holds this certificate already" in again.content.decode()
    client.post(
        reverse("credentials:change_status", args=[made.uid, "suspended"]), {"reason": "enquiry", "note": "a question"}
    )
    made.refresh_from_db()
    assert made.state == CertificateState.SUSPENDED
    client.post(reverse("credentials:correct", args=[made.uid]))
    assert Certificate.objects.filter(replaces=made).exists()


def test_whoever_may_not_changes_nothing_by_a_post(
    people: dict[str, Person], certificate: Certificate, issuer: Issuer, sign_in: Any
) -> None:
    version = certificate.version
    assert version is not None
    deeds = [
        reverse("credentials:change_status", args=[certificate.uid, "revoked"]),
        reverse("credentials:correct", args=[certificate.uid]),
        reverse("credentials:renew", args=[certificate.uid]),
        reverse("credentials:key_rotate", args=[issuer.uid]),
    ]
    for name in ("reviewer", "holder", "hr"):
        client = sign_in(people[name])
        answers = {client.post(path, {"reason": "mistake"}).status_code for path in deeds}
        assert answers <= {403, 404}
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.VALID and not certificate.replaced
    assert issuer.keys.count() == 1


def test_a_share_page_makes_a_link_that_is_shown_once(holder: Person, certificate: Certificate, sign_in: Any) -> None:
    client = sign_in(holder)
    path = reverse("credentials:share", args=[certificate.uid])
    answer = client.post(path, {"until": "2026-12-20", "disclosed": ["0"]})
    page = answer.content.decode()
    assert answer["Cache-Control"] == "no-store" and "/credentials/shared/" in page
    assert "Whoever has the link" in client.get(certificate.get_absolute_url()).content.decode()


def test_a_program_s_secret_is_shown_once_and_hr_keeps_only_its_own(
    hr: Person, other_hr: Person, firm_a: Any, sign_in: Any
) -> None:
    client = sign_in(hr)
    body = {"organisation": firm_a.pk, "name": "HR system", "scopes": ["verify"], "per_minute": 60}
    page = client.post(reverse("credentials:program_new"), body).content.decode()
    secret = re.search(r"rk_[0-9a-f]{8}_[\w-]+", page)
    key = services.find_api_key(secret.group() if secret else "")
    assert key is not None
    assert "HR system" not in sign_in(other_hr).get(reverse("credentials:program_list")).content.decode()
    revoke = reverse("credentials:program_revoke", args=[key.uid])
    assert sign_in(other_hr).post(revoke).status_code == 404
    assert client.post(revoke).status_code == 302


def test_a_report_is_answered_on_its_page(office: Person, sign_in: Any, db: None) -> None:
    report: MismatchReport = services.report_mismatch(text="The photo is of somebody else.")
    client = sign_in(office)
    path = report.get_absolute_url()
    assert "The photo is of somebody else." in client.get(path).content.decode()
    client.post(path, {"state": "unfounded", "answer": "There is no photo on it."})
    report.refresh_from_db()
    assert report.state == "unfounded"


def test_an_achievement_is_defined_on_its_form(office: Person, issuer: Issuer, sign_in: Any) -> None:
    body = {
        "issuer": issuer.pk,
        "code": "NEW-1",
        "name_zh": "新证书",
        "type": "Course",
        "criteria_zh": "通过考核。",
        "revision": 0,
        "metric_1": "simulation.person.runs",
        "condition_1": "学分",
        "least_1": "20",
    }
    client = sign_in(office)
    answer = client.post(reverse("credentials:achievement_new"), {**body, "least_1": ""})
    assert answer.status_code == 422 and "Give the least value." in answer.content.decode()
    answer = client.post(reverse("credentials:achievement_new"), body)
    page = client.get(answer["Location"]).content.decode()
    assert "It cannot be issued yet" in page and "simulation.person.runs" in page


def test_the_pages_are_in_chinese_for_whoever_reads_chinese(
    office: Person, certificate: Certificate, sign_in: Any
) -> None:
    office.language = "zh-hans"
    office.save()
    page = sign_in(office).get(certificate.get_absolute_url()).content.decode()
    assert "芯片验证微证书" in page and "持有人" in page


def test_a_stranger_who_agreed_to_nothing_is_told_so(office: Person, version: AchievementVersion, sign_in: Any) -> None:
    unknown = PersonFactory.create(email="unknown@example.org")
    answer = sign_in(office).post(reverse("credentials:issue"), {"version": version.pk, "student": unknown.email})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "not a student of the community" in page and "has not agreed" in page


def test_ten_times_the_certificates_cost_no_more_queries(
    sign_in: Any, office: Person, version: AchievementVersion, certificate: Certificate,
    agreeing: Callable[..., Person],
) -> None:  # fmt: skip
    client, url = sign_in(office), reverse("credentials:overview")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        assert client.get(url).status_code == 200
    for _more in range(9):
        services.issue(actor=office, version=version, person=agreeing())
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).content.decode().count("/credentials/certificates/") >= 10
    assert len(many) == len(few)
