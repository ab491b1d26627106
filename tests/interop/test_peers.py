"""Other people's verifiers accept every kind of certificate that is issued here, refuse what was changed, and sign
what is accepted here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ronghe.trust.contexts import VC_V2
from ronghe.trust.credential import ANY, verify_credential
from ronghe.trust.did import TrustedIssuers, did_key, key_method
from ronghe.trust.presentation import build_presentation, verify_presentation
from ronghe.trust.proof import AUTHENTICATION, JCS, RDFC, SUITES, KeySigner, add_proofs, verify_proofs
from ronghe.trust.rdf import canonicalise
from tests.interop import environment
from tests.need import need
from tests.trust import certificates as c

# One worker installs them.
pytestmark = pytest.mark.xdist_group("interop")

DID = did_key(c.PUBLIC_KEY)
METHOD = key_method(c.PUBLIC_KEY)
SEED = c.KEY.private_bytes_raw()
ANYONE = TrustedIssuers([], any_did_key=True)
KINDS = ("full", "plain")
CREATED = "2026-10-24T08:00:00Z"
NOW = datetime(2026, 10, 24, 9, tzinfo=UTC)
# Where the lists are kept is nothing that is asked of the peers.
ANY_STATUS = replace(ANY, status=False)
GRAPHS = [
    [("_:a", "<urn:p>", "_:b", ""), ("_:b", "<urn:p>", "_:a", ""), ("_:c", "<urn:p>", "_:a", "<urn:g>")],
    [(f"_:b{i}", "<urn:p>", f"_:b{(i + step) % 6}", "") for i in range(6) for step in (1, 2)],
    [(f"_:b{i}", "<urn:q>", '"x"', f"_:b{i % 2}") for i in range(4)],
]


@pytest.fixture(scope="module")
def installed():
    try:
        return environment.install()
    except environment.NotInstalled as error:
        need(False, f"other people's verifiers cannot be installed: {error}")


def status_list():
    signer = KeySigner(c.KEY, METHOD)
    return next(iter(c.lists(signer=signer, issuer=DID, valid_from=c.ISSUED, valid_until=c.ENDS).values()))


def presentation():
    unsigned = build_presentation([c.self_issued()], holder=DID)
    asked = {"challenge": "c1", "domain": "d1", "purpose": AUTHENTICATION}
    return add_proofs(unsigned, signer=KeySigner(c.KEY, METHOD), created=c.ISSUED, suites=[RDFC], **asked)


def shown():
    """Presentations to be signed: of nothing, of none, of one; whether they name a holder or not."""
    alone = {"@context": [VC_V2], "type": ["VerifiablePresentation"]}
    return {
        "nothing": alone,
        "none": alone | {"verifiableCredential": []},
        "one": build_presentation([c.self_issued()], holder=DID),
        "one by its own word": alone | {"holder": {"id": DID}, "verifiableCredential": [c.self_issued("plain")]},
    }


KEY = environment.documents(c.PUBLIC_KEY)[METHOD] | {"secretKeyMultibase": environment.secret_multikey(SEED)}
ASKED_OF_NODE = {
    **{f"verify {kind}": {"task": "verify", "document": c.self_issued(kind), "suites": SUITES} for kind in KINDS},
    **{
        f"verify {kind} by {suite}": {"task": "verify", "document": c.self_issued(kind), "suites": [suite]}
        for kind in KINDS
        for suite in SUITES
    },
    **{f"core {kind}": {"task": "core", "document": c.self_issued(kind)} for kind in KINDS},
    "verify list": {"task": "verify", "document": status_list(), "suites": SUITES},
    "present": {"task": "present", "document": presentation(), "suites": SUITES, "challenge": "c1", "domain": "d1"},
    **{
        f"changed {kind}": {"task": "verify", "document": c.self_issued(kind) | {"name": "x"}, "suites": SUITES}
        for kind in KINDS
    },
    "core changed": {"task": "core", "document": c.self_issued() | {"name": "x"}},
    **{
        f"issue {kind} {suite}": {
            "task": "issue",
            "document": c.kinds(DID)[kind],
            "suite": suite,
            "created": CREATED,
            "key": KEY,
        }
        for kind in KINDS
        for suite in SUITES
    },
    **{
        f"show {suite} {what}": {
            "task": "show", "document": document, "suite": suite, "created": CREATED, "key": KEY, "challenge": "c1",
            "domain": "d1",
        }
        for suite in SUITES
        for what, document in shown().items()
    },
    **{
        f"canonize {number}": {
            "task": "canonize",
            "nquads": "".join(" ".join(part for part in quad if part) + " .\n" for quad in graph),
        }
        for number, graph in enumerate(GRAPHS)
    },
}  # fmt: skip
ASKED_OF_PYTHON = {
    **{
        f"openvc {kind} {suite}": {"task": "openvc", "document": c.self_issued(kind), "suite": suite}
        for kind in KINDS
        for suite in SUITES
    },
    **{f"openbadges {kind}": {"task": "openbadges", "document": c.self_issued(kind)} for kind in KINDS},
    "openbadges by a given key": {"task": "openbadges", "document": c.signed(), "seed": SEED.hex()},
    "changed openvc": {"task": "openvc", "document": c.self_issued() | {"name": "x"}, "suite": RDFC},
    "changed openbadges": {"task": "openbadges", "document": c.self_issued() | {"name": "x"}},
    **{
        f"issue openvc {kind} {suite}": {
            "task": "openvc_issue", "document": c.kinds(DID)[kind], "suite": suite, "seed": SEED.hex(),
            "method": METHOD,
        }
        for kind in KINDS
        for suite in SUITES
    },
    **{
        f"issue openbadges {kind}": {
            "task": "openbadges_issue", "document": c.kinds(DID)[kind], "seed": SEED.hex(), "method": METHOD
        }
        for kind in KINDS
    },
}  # fmt: skip


def asked(answers, tasks, beginning):
    chosen = {name: answer for name, answer in zip(tasks, answers, strict=True) if name.startswith(beginning)}
    assert chosen
    return chosen


@pytest.fixture(scope="module")
def of_node(installed, tmp_path_factory):
    given = environment.documents(c.PUBLIC_KEY)
    tasks = [dict(task) for task in ASKED_OF_NODE.values()]
    answers = environment.ask_node(installed[0], tmp_path_factory.mktemp("node"), given, tasks)
    return lambda beginning: asked(answers, ASKED_OF_NODE, beginning)


@pytest.fixture(scope="module")
def of_python(installed, tmp_path_factory):
    given = environment.documents(c.PUBLIC_KEY)
    tasks = [dict(task) for task in ASKED_OF_PYTHON.values()]
    answers = environment.ask_python(installed[1], tmp_path_factory.mktemp("python"), given, tasks)
    return lambda beginning: asked(answers, ASKED_OF_PYTHON, beginning)


def test_digital_bazaars_verifier_accepts_every_certificate_list_and_presentation(of_node):
    for name, answer in {**of_node("verify"), **of_node("present")}.items():
        assert answer.get("verified") is True, (name, answer)


def test_the_verifier_core_of_the_digital_credentials_consortium_accepts_every_certificate(of_node):
    for kind in KINDS:
        (answer,) = of_node(f"core {kind}").values()
        assert answer["steps"].get("valid_signature") is True and answer["steps"]["expiration"] is True, answer


def test_openvc_and_openbadgeslib_accept_every_certificate(of_python):
    for name, answer in {**of_python("openvc"), **of_python("openbadges")}.items():
        assert answer is True, (name, answer)


def test_all_of_them_refuse_a_certificate_that_was_changed(of_node, of_python):
    assert all(answer["verified"] is False for answer in of_node("changed").values())
    (core,) = of_node("core changed").values()
    assert core["steps"].get("valid_signature") is not True and core["errors"]
    assert all("failed" in answer for answer in of_python("changed").values())


def test_what_they_sign_is_accepted_here(of_node, of_python):
    for name, document in {**of_node("issue"), **of_python("issue")}.items():
        assert "failed" not in document, (name, document)
        suite = document["proof"]["cryptosuite"]
        checks = verify_proofs(
            document,
            resolver=ANYONE,
            at=datetime.now(UTC) + timedelta(minutes=1),
            required=[suite],
            controller=DID,
            # Openvc signs the context without stating it in the proof.
            implied_context=suite == JCS and "openvc" in name,
        )
        assert {check.verdict for check in checks} == {"valid"}, (name, checks)
        forged = verify_credential(
            document | {"name": "x"}, resolver=ANYONE, at=datetime.now(UTC) + timedelta(minutes=1), policy=ANY
        )
        assert "signature-does-not-hold" in {check.code for check in forged}


def test_what_they_show_is_accepted_here_for_its_challenge_and_domain_alone(of_node):
    for name, document in of_node("show").items():
        assert "failed" not in document, (name, document)
        for challenge, domain, verdicts in (("c1", "d1", {"valid"}), ("c2", "d1", None), ("c1", "d2", None)):
            checks = verify_presentation(
                document, resolver=ANYONE, at=NOW, challenge=challenge, domain=domain, policy=ANY_STATUS
            )
            found = {check.verdict for check in checks}
            assert found == verdicts if verdicts else "invalid" in found, (name, checks)


def test_what_they_sign_is_what_is_signed_here(of_node):
    for kind in KINDS:
        for suite in SUITES:
            (theirs,) = of_node(f"issue {kind} {suite}").values()
            ours = c.self_issued(kind, suites=[suite])
            assert theirs["proof"]["proofValue"] == ours["proof"]["proofValue"], (kind, suite)


def test_their_canonical_graphs_are_those_of_here(of_node):
    for number, graph in enumerate(GRAPHS):
        (theirs,) = of_node(f"canonize {number}").values()
        assert canonicalise(graph).nquads.decode() == theirs


def test_the_certificates_use_no_more_than_the_two_contexts_and_both_suites():
    for kind in KINDS:
        document = c.self_issued(kind)
        assert document["@context"][0] == VC_V2 and len(document["@context"]) == 2
        assert [proof["cryptosuite"] for proof in document["proof"]] == [JCS, RDFC]
