"""Changed certificates are refused, all of them; the full sweep is `benchmarks.trust.mutations`."""

from benchmarks.trust.mutations import sweep


def test_changed_certificates_are_refused_and_the_unchanged_one_is_accepted_each_time():
    outcome = sweep(every=41)
    assert outcome.accepted == []
    assert outcome.count > 400 and outcome.controls >= 2
    # Each refusal names its check; these are the checks that a certificate has.
    assert {name.partition(":")[0] for name in outcome.refused} == {
        "form", "issuer", "signature", "integrity", "validity", "status",
    }  # fmt: skip
