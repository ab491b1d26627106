"""One of eighty of the changed bundles of `benchmarks.trust.mutations_bundle`: all refused, controls accepted."""

from benchmarks.trust.mutations_bundle import refuse_all


def test_changed_bundles_are_refused_each_by_a_check_that_is_named():
    outcome = refuse_all(every=80)
    assert outcome.accepted == []
    assert outcome.count > 80
    assert outcome.controls >= 2
    assert len(outcome.refused) > 10
