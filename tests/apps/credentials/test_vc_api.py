"""The VC-API and the API for personnel systems: keys with scopes and limits, issue, status, verify."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials import services
from ronghe.apps.credentials.models import Certificate, Issuer
from ronghe.trust.contexts import VC_V2

pytestmark = pytest.mark.django_db


def key_for(office: Person, organisation: Organisation, *scopes: str, per_minute: int = 60) -> str:
    return services.make_api_key(
        actor=office, organisation=organisation, name="personnel", scopes=scopes, per_minute=per_minute
    )[1]


def post(client: Client, path: str, body: Any, key: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    text = body if isinstance(body, str) else json.dumps(body)
    answer = client.post(path, text, content_type="application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def a_credential(**more: Any) -> dict[str, Any]:
    return {
        "@context": [VC_V2],
        "id": "urn:uuid:7d1f0f0a-86a3-4d75-9f1c-0c2f4a3a7b10",
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:holder"},
        **more,
    }


def test_a_program_has_its_issuer_sign_and_anyone_verifies_it(
    office: Person, university: Organisation, issuer: Issuer, anonymous: Client
) -> None:
    key = key_for(office, university, "issue")
    status, made = post(anonymous, "/credentials/issue", {"credential": a_credential(), "options": {}}, key)
    assert status == 201
    signed = made["verifiableCredential"]
    assert signed["issuer"] == issuer.did
    assert [proof["cryptosuite"] for proof in signed["proof"]] == ["eddsa-jcs-2022", "eddsa-rdfc-2022"]
    status, said = post(anonymous, "/credentials/verify", {"verifiableCredential": signed})
    assert (status, said["verified"], said["problemDetails"]) == (200, True, [])
    assert Certificate.objects.get().version is None
    body = {"credentialId": a_credential()["id"], "statusPurpose": "revocation", "status": True}
    assert post(anonymous, "/credentials/status", body, key) == (200, {"updated": True})
    status, said = post(anonymous, "/credentials/verify", {"verifiableCredential": signed})
    assert (status, said["verified"]) == (400, False)
    assert [problem["title"] for problem in said["problemDetails"]] == ["status-is-revoked"]


def test_issuing_needs_a_key_with_that_scope_of_an_organisation_that_issues(
    office: Person, hr: Person, university: Organisation, firm_a: Organisation, issuer: Issuer, anonymous: Client
) -> None:
    body = {"credential": a_credential()}
    assert post(anonymous, "/credentials/issue", body)[0] == 401
    assert post(anonymous, "/credentials/issue", body, "rk_00000000_wrong")[0] == 401
    assert post(anonymous, "/credentials/issue", body, key_for(office, university, "verify"))[0] == 403
    assert post(anonymous, "/credentials/issue", body, key_for(office, firm_a, "verify"))[0] == 401
    with pytest.raises(PermissionDenied):
        services.make_api_key(actor=hr, organisation=firm_a, name="x", scopes=["issue"])
    with pytest.raises(ValidationError, match="not an issuer"):
        services.make_api_key(actor=office, organisation=firm_a, name="x", scopes=["issue"])
    assert not Certificate.objects.exists()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"issuer": "did:example:somebody"}, "issuer of the credential must be"),
        ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, "@context"),
        ({"type": "Thing"}, "VerifiableCredential"),
        ({"id": "not an address"}, "id of the credential"),
        ({"validFrom": "yesterday"}, "validFrom"),
        ({"nobodyDefinesThis": "x"}, "nobodyDefinesThis"),
        ({"proof": {}}, "proof already"),
    ],
)
def test_what_is_no_credential_is_not_signed(
    office: Person, university: Organisation, issuer: Issuer, anonymous: Client, broken: dict[str, Any], said: str
) -> None:
    status, problem = post(
        anonymous, "/credentials/issue", {"credential": a_credential(**broken)}, key_for(office, university, "issue")
    )
    assert status == 400 and said in problem["detail"]
    assert not Certificate.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "[]", '{"a": 1, "a": 2}', '{"options": []}', '{"verifiableCredential": "text"}', "{}"]
)
def test_what_cannot_be_read_is_a_problem_and_no_crash(db: None, anonymous: Client, body: str) -> None:
    status, problem = post(anonymous, "/credentials/verify", body)
    assert status == 400 and problem["errors"]


def test_a_credential_of_a_stranger_is_not_said_to_hold(certificate: Certificate, anonymous: Client) -> None:
    document = json.loads(certificate.document or "")
    document["issuer"]["id"] = "did:web:elsewhere.example"
    status, said = post(anonymous, "/credentials/verify", {"verifiableCredential": document})
    assert (status, said["verified"]) == (400, False)


def test_a_loopback_site_that_is_open_signs_for_suites_without_a_key(
    office: Person, university: Organisation, anonymous: Client, settings: Any
) -> None:
    services.found_issuer(actor=office, organisation=university, for_site=True)
    settings.RONGHE_VC_API_OPEN = True
    path = "/credentials/issue?cryptosuite=eddsa-rdfc-2022&status=none"
    status, made = post(anonymous, path, {"credential": a_credential()})
    assert status == 201
    assert made["verifiableCredential"]["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
    assert "credentialStatus" not in made["verifiableCredential"]
    presentation = {
        "@context": [VC_V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [made["verifiableCredential"]],
    }
    status, said = post(anonymous, "/presentations/verify", {"verifiablePresentation": presentation})
    assert (status, said["verified"]) == (200, True)


def test_a_revoked_or_overused_key_opens_nothing(
    office: Person, hr: Person, firm_a: Organisation, anonymous: Client
) -> None:
    made, secret = services.make_api_key(
        actor=hr, organisation=firm_a, name="personnel", scopes=["candidates"], per_minute=2
    )
    get = lambda: anonymous.get("/api/credentials/candidates", headers={"Authorization": f"Bearer {secret}"})  # noqa: E731
    assert [get().status_code for _call in range(3)] == [200, 200, 429]
    services.revoke_api_key(actor=hr, key=made)
    assert get().status_code == 401


def test_personnel_verify_many_at_once(
    office: Person, certificate: Certificate, firm_a: Organisation, anonymous: Client
) -> None:
    body = {"credentials": [json.loads(certificate.document or "")], "codes": [certificate.code.lower(), "NO-SUCH"]}
    status, said = post(anonymous, "/api/credentials/verify-many", body, key_for(office, firm_a, "verify"))
    assert status == 200
    # A code is also asked of the ledger, which has not sealed it here.
    assert [one["verdict"] for one in said] == ["valid", "unknown", "invalid"]


@pytest.mark.parametrize("member", ['"name":"x","name":"y"', '"id":"\\ud800"', '"name":1e999', '"name":NaN'])
def test_personnel_are_told_of_json_that_others_would_read_otherwise(
    office: Person, certificate: Certificate, firm_a: Organisation, anonymous: Client, member: str
) -> None:
    body = f'{{"credentials":[{(certificate.document or "")[:-1]},{member}}}]}}'
    headers = {"Authorization": f"Bearer {key_for(office, firm_a, 'verify')}"}
    address = "/api/credentials/verify-many"
    answer = anonymous.post(address, body, content_type="application/json", headers=headers)
    assert answer.status_code in (400, 422), answer.content
    assert answer.json()["detail"]


@pytest.mark.postgres
def test_a_firm_reads_the_certificates_that_candidates_share_with_it_and_no_others(
    office: Person,
    holder: Person,
    certificate: Certificate,
    firm_a: Organisation,
    firm_b: Organisation,
    anonymous: Client,
) -> None:
    share, _token = services.share(
        actor=holder,
        certificate=certificate,
        expires_at=timezone.now() + timedelta(days=3),
        organisation=firm_a,
        disclosed=[0],
    )

    def read(organisation: Organisation) -> Any:
        secret = key_for(office, organisation, "candidates")
        answer = anonymous.get("/api/credentials/candidates", headers={"Authorization": f"Bearer {secret}"})
        return json.loads(answer.content)

    (candidate,) = read(firm_a)
    assert (candidate["holder"], candidate["certificate"]["code"]) == ("s**", certificate.code)
    assert len(candidate["events"]) == 1
    assert read(firm_b) == []
    services.withdraw_share(actor=holder, share=share)
    assert read(firm_a) == []


def test_people_read_their_own_certificates(
    certificate: Certificate, sign_in: Any, holder: Person, office: Person, stranger: Person, anonymous: Client
) -> None:
    def codes(person: Person) -> list[str]:
        answer = sign_in(person).get("/api/credentials/certificates")
        return [one["code"] for one in json.loads(answer.content)["items"]]

    assert codes(holder) == codes(office) == [certificate.code]
    assert codes(stranger) == []
    assert anonymous.get("/api/credentials/certificates").status_code == 401
