"""A rule file that cannot be loaded is refused with file, line and how to mend it; a good one reads back as written."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.apps.metrics import registry
from ronghe.apps.policies import content, expected, loading
from ronghe.apps.policies.loading import RuleSetRefused, load
from ronghe.apps.policies.subjects import SubjectKind, kind_of_model
from ronghe.methods.rules import Operator, SpanKind
from tests.apps.policies.conftest import HEAD, MEMBERS, STAFF

GOOD = HEAD + MEMBERS
SHIPPED = sorted(
    (one for one in (files("ronghe.apps.policies") / "data").iterdir() if one.name.endswith(".toml")),
    key=lambda one: one.name,
)


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_a_good_file_reads_back_as_it_was_written():
    said = content.read(load(GOOD))
    (entry,) = said.rules
    assert (said.code, str(said.name.zh), said.standing) == ("house-rules", "自定规则", "text seen")
    assert (entry.rule.threshold.operator, entry.rule.threshold.bounds) == (Operator.AT_LEAST, (2,))
    assert (entry.rule.window.kind, entry.subject) == (SpanKind.DAY, SubjectKind.CHAIN)


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("threshold = 2", "threshold = = 2", "threshold", "This is not TOML"),
        ("threshold = 2", 'threshold = "2"', "threshold", "The threshold is not a number"),
        ("threshold = 2", "threshold = true", "threshold", "The threshold is not a number"),
        ("threshold = 2", "threshold = nan", "threshold", "The threshold is not a number"),
        ("threshold = 2", "threshold = [2, 1]", "threshold", "The threshold cannot be"),
        ('"community.chain.members"', '"community.chain.member"', "metric", "Did you mean “community.chain.members”?"),
        ('"community.chain.members"', '"invented.by.nobody"', "metric", "Nobody measures “invented.by.nobody”"),
        ('unit = "count"', 'unit = "share"', "unit =", "is measured in “count”, not in “share”"),
        ('unit = "count"', 'unit = "bushels"', "unit =", "“bushels” is no “unit”"),
        ('subject = "chain"', 'subject = "cohort"', "subject =", "is not measured for “cohort”"),
        ("severity", "sevrity", "sevrity", "Did you mean “severity”?"),
        ('"at least"', '"almost"', "operator", "Choose one of: at least"),
        ('window = "day"', 'window = "week"', "window", "“window” is no window"),
        ('window = "day"', "window = { months = 0 }", "window", "“window” is no window"),
        ('window = "day"', "window = { months = true }", "window", "“window” is no window"),
        ("margin = 1", "margin = -1", "threshold", "The threshold cannot be"),
        ("margin = 1", 'margin = "some"', "margin", "The margin is not a number"),
        ("effective_from = 2020-01-01", 'effective_from = "2020"', "effective_from", "is not a day"),
        ("effective_from = 2020-01-01", "effective_from = 2020-01-01T00:00:00", "effective_from", "is not a day"),
        ("margin = 1", 'scope = { tier = ["leader"] }', "scope", "“tier” is not known of “chain”"),
        ("margin = 1", "scope = { field = [] }", "scope", "“field” names no values"),
        ("margin = 1", 'scope = "all"', "scope", "“scope” is not a table"),
        ('jurisdiction = "community"', 'jurisdiction = "Guangdong"', "jurisdiction", "six digits of a region"),
        ('code = "house-rules"', 'code = "House rules"', "code = ", "is not a code"),
        ('name_zh = "自定规则"', 'name_zh = ""', "name_zh", "is not a text of 1 to"),
        ("margin = 1", "effective_until = 2020-01-01", "effective_until", "not after it begins"),
        ('standing = "text seen"', 'standing = "hearsay"', "standing", "text seen、claim"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line_and_how_to_mend_it(old, new, at, says):
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    with pytest.raises(RuleSetRefused) as refused:
        load(text, filename="house.toml")
    told = next(line for line in refused.value.lines() if says in line)
    assert told.startswith(f"house.toml:{line_of(text, at)}: ")
    assert all(problem.mend for problem in refused.value.problems)


def test_every_problem_of_a_file_is_told_at_once_in_the_order_of_its_lines():
    text = (
        GOOD.replace('"at least"', '"almost"').replace("threshold = 2", 'threshold = "2"').replace("source", "sourse")
    )
    with pytest.raises(RuleSetRefused) as refused:
        load(text)
    assert len(refused.value.problems) >= 4
    assert [one.line for one in refused.value.problems] == sorted(one.line for one in refused.value.problems)


def test_two_rules_of_one_key_must_not_be_in_force_on_the_same_day():
    with pytest.raises(RuleSetRefused, match="is in force on days on which the one of line 11 is, too"):
        load(GOOD + MEMBERS)
    later = MEMBERS.replace("2020-01-01", "2026-01-01")
    earlier = MEMBERS.replace("2020-01-01", "2020-01-01\neffective_until = 2026-01-01")
    assert len(content.read(load(HEAD + earlier + later)).history("members")) == 2


def test_an_incentive_names_rules_of_its_own_file():
    incentive = """
[[incentives]]
key = "subsidy"
kind = "per person"
amount = 5000
name_zh = "补贴"
name_en = "Subsidy"
text_zh = "每人"
text_en = "Each"
clause_zh = "三"
clause_en = "3"
requires = ["staff"]
effective_from = 2020-01-01
"""
    assert load(HEAD + STAFF + incentive)["incentives"][0]["amount"] == "5000"
    for text, says in (
        (HEAD + MEMBERS + incentive, "no rule “staff” for enterprises"),
        (HEAD + STAFF + incentive.replace("amount = 5000\n", ""), "needs “amount”"),
        (HEAD + STAFF + incentive.replace('"per person"', '"deduction"'), "needs “rate”"),
        (HEAD + STAFF + incentive.replace("amount = 5000", "amount = -5"), "is not a positive number"),
        (HEAD + STAFF + incentive + incentive, "is in force on days"),
    ):
        with pytest.raises(RuleSetRefused, match=says):
            load(text)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_a_shipped_rule_set_loads_and_says_everything_in_both_languages(file):
    said = content.read(load(file.read_text(encoding="utf-8"), filename=file.name))
    assert said.code == file.name.removesuffix(".toml")
    assert said.source
    for text in [said.name, *(one.text for one in said.rules), *(one.clause for one in said.incentives)]:
        assert text.zh
        assert text.en
        assert any("一" <= letter <= "鿿" for letter in text.zh)
        assert not any("一" <= letter <= "鿿" for letter in text.en)


def test_the_shipped_rules_ask_what_the_definitions_name():
    entries = {
        entry.key: entry for file in SHIPPED for entry in content.read(load(file.read_text(encoding="utf-8"))).rules
    }
    asked = {key: (entry.rule.threshold.operator.value, *entry.rule.threshold.bounds) for key, entry in entries.items()}
    assert asked == {
        "chain-positions-promised": ("at least", 300),
        "chain-positions-offered": ("at least", 300),
        "chain-firms-brought-in": ("at least", 5),
        "leader-insured-staff": ("at least", 300),
        "leader-without-violation": ("equal to", 0),
        "practice-with-experience": ("at least", 6),
        "practice-without-experience": ("at least", 12),
        "intern-pay": ("at least", 0.8),
        "interns-of-staff": ("at most", 0.1),
        "interns-of-post": ("at most", 0.2),
        "three-party-agreement": ("equal to", 0),
        "apprentices-in-training": ("at least", 1),
        "enterprise-mentor-share": ("at least", 0.6),
        "mentor-load": ("at most", 5),
        "mentor-fee": ("at least", 0.2),
        "content-changed": ("at least", 0.3),
        "practice-hours": ("at least", 240),
        "practice-credits": ("at least", 0.3),
        "verification-time": ("at most", 3),
    }
    assert entries["leader-without-violation"].rule.window.months == 36
    assert entries["content-changed"].rule.window.months == 6


def test_a_metric_that_came_to_stand_is_measured_as_it_was_announced():
    for name, announced in expected.EXPECTED.items():
        if registry.is_registered(name):
            metric = registry.get(name)
            assert (metric.unit, kind_of_model(metric.subject)) == (announced.unit, announced.subject), name


@pytest.mark.parametrize(
    ("jurisdiction", "prefix"),
    [("CN", ""), ("community", ""), ("440000", "44"), ("440300", "4403"), ("440305", "440305")],
)
def test_a_jurisdiction_covers_the_regions_within_it(jurisdiction, prefix):
    assert content.region_prefix(jurisdiction) == prefix


@given(st.text(max_size=300))
def test_whatever_is_put_into_a_file_the_answer_is_a_refusal_with_a_line(text):
    for candidate in (text, GOOD.replace("members", text, 1), GOOD.replace('"day"', text), GOOD + text):
        try:
            normal = load(candidate)
        except RuleSetRefused as refused:
            assert all(problem.line >= 1 and problem.what and problem.mend for problem in refused.problems)
        else:
            assert content.read(normal).rules


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(values, st.sampled_from(sorted(loading._RULE)))
def test_no_value_of_any_type_at_any_key_breaks_the_loader(value, key):
    said = {"rules": [{key: value}]}
    problems: list[loading.Problem] = []
    loading._normalised(said, loading._Lines(""), problems)
    assert problems
