"""Obligations on a day: five verdicts kept apart, as it was and as it was known, in a bounded number of queries."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ronghe.apps.community.models import ChainMembership
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.dated import end
from ronghe.apps.metrics.measurement import Measurement, Unit
from ronghe.apps.policies import services, subjects
from ronghe.apps.policies.selectors.obligations import Moment, board, explain, of_subject
from ronghe.apps.policies.selectors.simulation import changes, simulate, turned_counts
from ronghe.apps.policies.subjects import SubjectKind, TheCommunity
from ronghe.methods.rules import Verdict
from tests.apps.policies.conftest import FAST, HEAD, MEMBERS, STAFF
from tests.factories import ChainFactory, ChainMembershipFactory, OrganisationFactory, RegionFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 1)


def chain_of(*firms, **said):
    chain = ChainFactory.create(**said)
    for number, firm in enumerate(firms):
        ChainMembershipFactory.create(chain=chain, organisation=firm, tier="member" if number else "leader")
    return chain


def verdicts(kind, subject, day=DAY, known_at=None):
    return {one.entry.key: one.verdict for one in of_subject(kind, subject, Moment(day, known_at))}


@pytest.mark.parametrize(("members", "expected"), [(1, Verdict.RED), (2, Verdict.AMBER), (3, Verdict.GREEN)])
def test_a_chain_is_red_amber_or_green_by_its_members(members, expected, rules, firm_a):
    chain = chain_of(*[firm_a, *OrganisationFactory.create_batch(members - 1)])
    (one,) = of_subject(SubjectKind.CHAIN, chain, Moment(DAY))
    assert (one.verdict, one.measurement.value) == (expected, members)
    assert one.measurement.records.model == "community.chainmembership"
    assert one.measurement.url


def test_a_metric_that_nobody_brings_yet_is_no_data_and_says_which_station_will(publish, rules, firm_a, firm_b):
    chain_of(firm_a)
    assert verdicts(SubjectKind.ENTERPRISE, firm_a) == {"staff": Verdict.RED}
    assert verdicts(SubjectKind.ENTERPRISE, firm_b) == {"staff": Verdict.NOT_APPLICABLE}
    publish(HEAD.replace('code = "', 'code = "fast-') + FAST)
    (one,) = of_subject(SubjectKind.COMMUNITY, TheCommunity(), Moment(DAY))
    assert one.verdict is Verdict.NO_DATA
    assert "Credentials" in explain(one)


def test_a_rule_of_a_province_binds_its_chains_and_is_unknown_where_no_region_is_recorded(publish, firm_a):
    publish(HEAD.replace('"community"', '"440000"') + MEMBERS)
    inside = chain_of(firm_a, region=RegionFactory.create(code="440300"))
    outside = chain_of(firm_a, region=RegionFactory.create(code="510100", name_zh="成都市"))
    nowhere = chain_of(firm_a)
    found = [verdicts(SubjectKind.CHAIN, chain)["members"] for chain in (inside, outside, nowhere)]
    assert found == [Verdict.RED, Verdict.NOT_APPLICABLE, Verdict.NO_DATA]


def test_a_metric_measured_in_another_unit_meanwhile_is_no_data(rules, firm_a, monkeypatch):
    chain = chain_of(firm_a)
    measured = registry.get("community.chain.members")

    def in_hours(keys, window):
        return {key: Measurement(5.0, Unit.HOURS, window.end, "x@2", 1) for key in keys}

    changed = replace(measured, version=2, unit=Unit.HOURS, compute=in_hours)
    monkeypatch.setitem(registry._metrics, measured.name, changed)
    (one,) = of_subject(SubjectKind.CHAIN, chain, Moment(DAY))
    assert one.verdict is Verdict.NO_DATA
    assert "another unit" in explain(one)


def test_a_past_day_is_told_as_it_was_and_as_it_was_known(rules, firm_a, firm_b):
    chain = chain_of(firm_a)
    before = timezone.now()
    late = ChainMembershipFactory.create(chain=chain, organisation=firm_b, valid_from=date(2026, 3, 1))
    ChainMembership.objects.filter(pk=late.pk).update(recorded_at=before + timedelta(hours=1))
    later = before + timedelta(hours=2)
    assert verdicts(SubjectKind.CHAIN, chain, date(2026, 2, 1), later)["members"] is Verdict.RED
    assert verdicts(SubjectKind.CHAIN, chain, date(2026, 4, 1), later)["members"] is Verdict.AMBER
    assert verdicts(SubjectKind.CHAIN, chain, date(2026, 4, 1), before + timedelta(minutes=1))["members"] is Verdict.RED
    end(ChainMembership.objects.get(pk=late.pk), date(2026, 6, 1), at=later)
    assert verdicts(SubjectKind.CHAIN, chain, date(2026, 7, 1), later + timedelta(hours=1))["members"] is Verdict.RED


def test_rules_that_were_not_published_yet_were_not_known(rules, firm_a):
    chain = chain_of(firm_a)
    assert verdicts(SubjectKind.CHAIN, chain, DAY, rules.decided_at - timedelta(minutes=1)) == {}
    assert verdicts(SubjectKind.CHAIN, chain, DAY, timezone.now()) == {"members": Verdict.RED}


def test_a_changed_threshold_holds_from_its_day_and_earlier_days_keep_theirs(publish, rules, firm_a, firm_b):
    chain = chain_of(firm_a, firm_b)
    old = MEMBERS.replace("2020-01-01", "2020-01-01\neffective_until = 2026-07-01")
    new = MEMBERS.replace("2020-01-01", "2026-07-01").replace("threshold = 2", "threshold = 3")
    publish(HEAD + old + new)
    assert verdicts(SubjectKind.CHAIN, chain, date(2026, 6, 30))["members"] is Verdict.AMBER
    assert verdicts(SubjectKind.CHAIN, chain, date(2026, 7, 1))["members"] is Verdict.RED


def test_a_simulation_says_whose_verdict_would_turn_before_anything_is_published(office, rules, firm_a, firm_b):
    small, large = chain_of(firm_a, firm_b), chain_of(firm_a, firm_b, *OrganisationFactory.create_batch(3))
    text = HEAD + MEMBERS.replace("threshold = 2", "threshold = 4") + STAFF.replace("scope", "# scope")
    version = services.propose_version(actor=office, text=text, note="stricter")
    found = changes(rules.read, version.read)
    assert [(one.kind, one.entry.key, [name for name, _was, _now in one.fields]) for one in found] == [
        ("changed", "members", ["threshold"]), ("changed", "staff", ["scope"]),
    ]  # fmt: skip
    simulation = simulate(version, today=DAY)
    assert [(one.subject, one.verdicts) for one in simulation.turned if one.entry.key == "members"] == [
        (small, ("amber", "red"))
    ]
    assert turned_counts(simulation)["not applicable", "red"] == sum(
        1 for one in simulation.turned if one.entry.key == "staff"
    )
    assert verdicts(SubjectKind.CHAIN, small)["members"] is Verdict.AMBER
    assert verdicts(SubjectKind.CHAIN, large)["members"] is Verdict.GREEN


def test_a_simulation_of_rules_to_come_judges_by_them_and_measures_today(office, rules, firm_a, firm_b):
    chain_of(firm_a, firm_b)
    text = HEAD + MEMBERS.replace("2020-01-01", "2027-01-01").replace("threshold = 2", "threshold = 9")
    version = services.propose_version(actor=office, text=text, note="from next year")
    simulation = simulate(version, today=DAY)
    assert simulation.effect == date(2027, 1, 1)
    assert {one.verdicts for one in simulation.turned if one.entry.key == "members"} == {("amber", "red")}
    # Until then the rule that the version drops would not ask anything.
    assert {one.verdicts for one in simulate(version, today=DAY, effect=DAY).turned if one.entry.key == "members"} == {
        ("amber", "")
    }


def test_each_sees_the_obligations_of_their_own_chains_and_firms_alone(
    rules, firm_a, firm_b, university, office, reviewer, hr, colleague_hr, other_hr, teacher, student, mentor, stranger
):
    chain = chain_of(firm_a)
    ChainMembershipFactory.create(chain=chain, organisation=university, tier="university")
    other = chain_of(firm_b)
    moment = Moment(timezone.localdate())

    def seen(person, kind=SubjectKind.CHAIN):
        return {line.subject for line in board(kind, moment, person)}

    assert seen(office) == seen(reviewer) == {chain, other}
    assert seen(hr) == seen(colleague_hr) == seen(teacher) == {chain}
    assert seen(other_hr) == {other}
    assert seen(student) == seen(mentor) == seen(stranger) == set()
    assert seen(hr, SubjectKind.ENTERPRISE) == {firm_a}
    assert seen(teacher, SubjectKind.ENTERPRISE) == set()


def test_a_board_asks_as_often_for_fifty_chains_as_for_five(rules, office, firm_a):
    def fill(number):
        for _each in range(number):
            chain_of(firm_a, OrganisationFactory.create())

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert board(SubjectKind.CHAIN, Moment(DAY), office)
        return len(caught)

    fill(5)
    queries()
    few = queries()
    fill(45)
    assert queries() == few <= 8


def test_the_worst_come_first(rules, office, firm_a, firm_b):
    fine = chain_of(firm_a, firm_b, OrganisationFactory.create())
    broken = chain_of(firm_a)
    lines = board(SubjectKind.CHAIN, Moment(DAY), office)
    assert [line.subject for line in lines] == [broken, fine]
    assert [line.verdict for line in lines] == [Verdict.RED, Verdict.GREEN]


def test_facts_are_told_for_every_fact_that_a_scope_may_name(firm_a):
    for kind in SubjectKind:
        one = subjects.subjects_of(kind, DAY)
        for known in subjects.facts_of(kind, one, DAY, None).values():
            assert set(known) == {fact for fact, kinds in subjects.FACTS.items() if kind in kinds}


def test_a_moment_is_pinned_once():
    pinned = Moment(DAY).pinned()
    assert isinstance(pinned.known_at, datetime)
    assert pinned.pinned() is pinned
