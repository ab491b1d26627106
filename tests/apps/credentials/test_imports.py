"""Issuing from a file: the dry run tells every refusal by line, and the job issues to all or none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.credentials import services
from ronghe.apps.credentials.models import AchievementVersion, Certificate
from ronghe.apps.credentials.selectors.eligibility import NO_CONSENT
from ronghe.apps.credentials.stencil import Stencil
from ronghe.apps.jobs import uploads
from ronghe.apps.jobs.models import JobState, Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(
    data_dir: Any, office: Person, version: AchievementVersion, django_capture_on_commit_callbacks: Any
) -> Callable[[str], Upload]:
    def send(text: str) -> Upload:
        file = SimpleUploadedFile("students.csv", text.encode())
        with django_capture_on_commit_callbacks(execute=True):
            kept = uploads.receive(actor=office, name="credentials.certificates", subject=str(version.uid), file=file)
        kept.refresh_from_db()
        return kept

    return send


def test_the_dry_run_names_each_refusal_with_its_line(
    upload: Callable[[str], Upload], agreeing: Callable[..., Person], student: Person, stranger: Person
) -> None:
    good = agreeing()
    number = CohortMembership.objects.get(person=good).student_number
    lines = [number, student.email, stranger.email, good.email, "S-NOBODY"]
    kept = upload("\n".join(["学生", *lines]))
    assert kept.report is not None
    said = [(error["line"], error["en"]) for error in kept.report["errors"]]
    assert said == [
        (3, NO_CONSENT),
        (4, "No student of the community has this address or number."),
        (5, "This student stands on a line before."),
        (6, "No student of the community has this address or number."),
    ]
    assert "我的授权" in kept.report["errors"][0]["zh"]
    assert not Certificate.objects.exists()


def test_what_was_confirmed_is_issued_as_a_task_with_one_batch(
    upload: Callable[[str], Upload],
    agreeing: Callable[..., Person],
    office: Person,
    django_capture_on_commit_callbacks: Any,
) -> None:
    people = [agreeing() for _number in range(3)]
    kept = upload("\n".join(["学生,姓名", *(f"{person.email},{person.name}" for person in people)]))
    with django_capture_on_commit_callbacks(execute=True):
        kept = uploads.confirm(actor=office, upload=kept, skip_bad=False)
    kept.refresh_from_db()
    assert kept.write_job is not None
    assert kept.write_job.state == JobState.DONE, kept.write_job.error
    made = list(Certificate.objects.all())
    assert {one.holder for one in made} == set(people)
    assert len({one.batch_id for one in made}) == 1


def test_a_stencil_signs_what_add_proofs_would_and_most_of_them_the_short_way(
    office: Person, version: AchievementVersion, agreeing: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [agreeing() for _number in range(6)]
    people[3].name = '"引号" 与 空格'
    people[3].save()
    sign, long_way = Stencil.sign, Stencil._long_way
    taken: list[bool] = []

    def compared(self: Stencil, values: Any, document: Any) -> str:
        taken.clear()
        signed = sign(self, values, document)
        ways.append(bool(taken))
        assert signed == long_way(self, document())
        return signed

    def noted(self: Stencil, document: Any) -> str:
        taken.append(True)
        return long_way(self, document)

    ways: list[bool] = []
    monkeypatch.setattr(Stencil, "sign", compared)
    monkeypatch.setattr(Stencil, "_long_way", noted)
    services.issue_many(actor=office, version=version, people=people)
    assert ways == [True, True, False, True, False, False]


def test_a_stencil_cut_where_a_value_equals_a_common_text_is_cut_anew() -> None:
    from datetime import UTC, datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from ronghe.trust.canonical import canonical_json
    from ronghe.trust.contexts import VC_V2
    from ronghe.trust.proof import KeySigner, add_proofs

    signer = KeySigner(Ed25519PrivateKey.generate(), "did:web:x.example#key-1")
    created = datetime(2026, 11, 23, tzinfo=UTC)
    stencil = Stencil(signer, created, (("name",),))
    for value in ("common", "other", "third", "fourth"):
        document = {
            "@context": [VC_V2],
            "type": ["VerifiableCredential"],
            "name": value,
            "description": "common",
            "credentialSubject": {"id": "urn:x:1"},
            "issuer": "did:web:x.example",
        }
        wanted = canonical_json(add_proofs(document, signer=signer, created=created)).decode()
        assert stencil.sign([value], lambda document=document: document) == wanted
    assert stencil._is_proven
