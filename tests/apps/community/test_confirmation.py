"""Is an organisation real: a second person confirms it; likely doubles are pointed out; declared facts count late."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors, services
from ronghe.apps.community.duplicates import Likeness, normal_en, normal_host, normal_zh, suspicions
from ronghe.apps.community.models import DuplicateVerdict, FactKind, Organisation, OrganisationFact, RoleKind, Tier
from ronghe.apps.community.rules import is_confirmed
from ronghe.apps.ledger.models import Event
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.registry import measure, measure_community
from tests.factories import ChainFactory, ChainMembershipFactory, OrganisationFactory, PersonFactory, RoleFactory

TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """What is refused is quoted here in English."""
    with translation.override("en"):
        yield


# Likely doubles


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("甲电子有限公司", "甲电子"),
        ("甲电子股份有限公司", "甲电子"),
        ("甲电子（广州）有限责任公司", "甲电子广州"),
        ("甲电子(广州) 有限责任公司", "甲电子广州"),
        ("甲电子有限责任公司（广州）", "甲电子广州"),
        ("乙科技集团", "乙科技"),
        ("公司", "公司"),
    ],
)
def test_a_legal_form_is_no_part_of_a_chinese_name(name: str, plain: str) -> None:
    assert normal_zh(name) == plain


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Firm A Electronics Co., Ltd.", "firmaelectronics"),
        ("FIRM-A Électronics Limited", "firmaelectronics"),
        ("The Group", "thegroup"),
        ("", ""),
    ],
)
def test_a_legal_form_is_no_part_of_an_english_name(name: str, plain: str) -> None:
    assert normal_en(name) == plain


def test_a_website_is_known_by_its_host() -> None:
    assert normal_host("https://www.Example.com/about?x=1") == normal_host("http://example.com") == "example.com"
    assert normal_host("") == normal_host("example.com") == ""


def _entry(key: int, name_zh: str, **facts: str) -> Organisation:
    return Organisation(pk=key, name_zh=name_zh, **facts)


def test_doubles_are_found_with_their_reasons_and_others_are_not() -> None:
    entries = [
        _entry(1, "南屿半导体有限公司", website="https://nanyu.example"),
        _entry(2, "南屿半导体股份有限公司"),
        _entry(3, "南屿半异体有限公司"),
        _entry(4, "星桥电子", website="http://www.nanyu.example/cn"),
        _entry(5, "华星有限公司"),
        _entry(6, "华兴有限公司"),
        _entry(7, "别家", registration_number="914403001922038216"),
    ]
    found = {one.pair: set(one.reasons) for one in suspicions(entries)}
    assert found == {
        (1, 2): {Likeness.SAME_NAME},
        (1, 3): {Likeness.NEAR_NAME},
        (2, 3): {Likeness.NEAR_NAME},
        (1, 4): {Likeness.SAME_WEBSITE},
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(alphabet="甲乙丙丁戊己", min_size=5, max_size=9), st.integers(0, 20), st.sampled_from("甲乙丙丁戊己"))
def test_one_slip_in_a_long_name_is_always_seen(name: str, place: int, slip: str) -> None:
    at = place % len(name)
    slipped = name[:at] + slip + name[at + 1 :]
    found = suspicions([_entry(1, name + "有限公司"), _entry(2, slipped + "股份有限公司")])
    assert [one.pair for one in found] == [(1, 2)]


# Confirmation


@pytest.mark.django_db
@pytest.mark.postgres
def test_whoever_registered_an_organisation_cannot_confirm_it(office: Person, reviewer: Person) -> None:
    firm = services.register_organisation(actor=office, kind="enterprise", name_zh="新企业有限公司")
    assert not is_confirmed(office, firm)
    with pytest.raises(PermissionDenied, match="second person"):
        services.confirm_organisation(actor=office, organisation=firm, basis="licence seen")
    services.confirm_organisation(actor=reviewer, organisation=firm, basis="licence seen")
    assert is_confirmed(office, firm) and firm in Organisation.objects.confirmed()
    with pytest.raises(ValidationError, match="already"):
        services.confirm_organisation(actor=reviewer, organisation=firm, basis="licence seen")
    services.withdraw_confirmation(actor=office, organisation=firm, reason="the licence is forged")
    assert not is_confirmed(office, firm) and firm not in Organisation.objects.confirmed()
    assert list(Event.objects.order_by("pk").values_list("type", flat=True)) == [
        "community.organisation.registered",
        "community.organisation.confirmed",
        "community.confirmation.withdrawn",
    ]


@pytest.mark.django_db
def test_a_double_is_decided_before_it_is_confirmed(office: Person, reviewer: Person, firm_a: Organisation) -> None:
    double = OrganisationFactory.create(name_zh="甲电子股份有限公司", name_en="", confirmed=False)
    with pytest.raises(ValidationError, match="Decide first"):
        services.confirm_organisation(actor=office, organisation=double, basis="licence seen")
    services.decide_duplicate(
        actor=office, organisation=double, other=firm_a, verdict=DuplicateVerdict.SAME, reason="one licence"
    )
    with pytest.raises(ValidationError, match="same organisation"):
        services.confirm_organisation(actor=office, organisation=double, basis="licence seen")
    services.decide_duplicate(
        actor=reviewer, organisation=firm_a, other=double, verdict=DuplicateVerdict.DIFFERENT, reason="two licences"
    )
    services.confirm_organisation(actor=office, organisation=double, basis="licence seen")
    (doubt,) = selectors.doubts_about(double)
    assert (doubt.other(double), doubt.verdict) == (firm_a, "different")


@pytest.mark.django_db
def test_a_double_found_late_loses_its_confirmation(office: Person, firm_a: Organisation) -> None:
    later = OrganisationFactory.create()
    services.decide_duplicate(
        actor=office, organisation=firm_a, other=later, verdict=DuplicateVerdict.SAME, reason="one licence"
    )
    assert is_confirmed(office, firm_a) and not is_confirmed(office, later)


@pytest.mark.django_db
def test_those_who_wait_are_listed_with_their_doubts(office: Person, firm_a: Organisation) -> None:
    waiting = OrganisationFactory.create(name_zh="甲电子有限责任公司", confirmed=False)
    (row,) = selectors.unconfirmed()
    assert (row.organisation, row.open_doubts) == (waiting, 1)
    measured = measure_community("community.organisations.unconfirmed", Window(TODAY, TODAY))
    assert measured.value == 1


# Declared facts


def _declare(actor: Person, firm: Organisation, value: int, **changes: object) -> OrganisationFact:
    facts: dict[str, object] = {
        "kind": FactKind.INSURED_STAFF,
        "value": Decimal(value),
        "valid_from": TODAY - timedelta(days=30),
        "evidence": "social-insurance list",
    }
    return services.declare_fact(actor=actor, organisation=firm, **(facts | changes))  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.postgres
def test_a_fact_counts_once_another_person_confirmed_it(
    hr: Person, colleague_hr: Person, office: Person, firm_a: Organisation
) -> None:
    chain = ChainFactory.create()
    ChainMembershipFactory.create(chain=chain, organisation=firm_a, tier=Tier.LEADER)
    window = Window(TODAY, TODAY)
    name = "community.chain.leader_insured_staff"
    fact = _declare(hr, firm_a, 320)
    assert measure(name, [chain.pk], window)[chain.pk].value is None
    RoleFactory.create(person=colleague_hr, organisation=firm_a, kind=RoleKind.OFFICE)
    for person in (hr, colleague_hr):
        with pytest.raises(PermissionDenied):
            services.confirm_fact(actor=Person.objects.get(pk=person.pk), fact=fact)
    confirmed = services.confirm_fact(actor=office, fact=fact)
    assert measure(name, [chain.pk], window)[chain.pk].value == 320
    _declare(hr, firm_a, 250, valid_from=TODAY)
    assert measure(name, [chain.pk], window)[chain.pk].value is None, "the new number is not confirmed"
    earlier = Window(TODAY - timedelta(days=1), TODAY - timedelta(days=1))
    assert measure(name, [chain.pk], earlier)[chain.pk].value == 320
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationFact.objects.filter(pk=confirmed.pk).update(confirmed_by=hr)


@pytest.mark.django_db
def test_no_violation_is_said_only_where_every_day_is_declared(
    hr: Person, office: Person, firm_a: Organisation
) -> None:
    chain = ChainFactory.create()
    ChainMembershipFactory.create(chain=chain, organisation=firm_a, tier=Tier.LEADER)
    name, window = "community.chain.leader_violations", Window(date(2023, 1, 1), date(2025, 12, 31))

    def add(first: date, until: date, value: int) -> None:
        fact = _declare(hr, firm_a, value, kind=FactKind.VIOLATIONS, valid_from=first, valid_until=until)
        services.confirm_fact(actor=office, fact=fact)

    add(date(2022, 6, 1), date(2024, 5, 1), 0)
    assert measure(name, [chain.pk], window)[chain.pk].value is None
    add(date(2024, 5, 1), date(2026, 1, 1), 0)
    assert measure(name, [chain.pk], window)[chain.pk].value == 0
    add(date(2026, 1, 1), date(2026, 2, 1), 2)
    assert measure(name, [chain.pk], window)[chain.pk].value == 0
    assert measure(name, [chain.pk], Window(date(2020, 1, 1), date(2026, 1, 5)))[chain.pk].value == 2


@pytest.mark.django_db
def test_only_the_leader_of_the_day_has_brought_firms_in(firm_a: Organisation, firm_b: Organisation) -> None:
    chain, other = ChainFactory.create_batch(2)
    ChainMembershipFactory.create(chain=chain, organisation=firm_a, tier=Tier.LEADER)
    ChainMembershipFactory.create(chain=chain, organisation=firm_b, brought_in_by=firm_a)
    ChainMembershipFactory.create(chain=chain, brought_in_by=firm_b)
    ChainMembershipFactory.create(chain=chain, brought_in_by=firm_a, valid_until=TODAY)
    ChainMembershipFactory.create(chain=chain)
    measured = measure("community.chain.firms_brought_in", [chain.pk, other.pk], Window(TODAY, TODAY))
    assert measured[chain.pk].value == 1 and measured[other.pk].value is None
    assert measured[chain.pk].records is not None and measured[chain.pk].records.count == 1
    yesterday = Window(TODAY - timedelta(days=1), TODAY - timedelta(days=1))
    assert measure("community.chain.firms_brought_in", [chain.pk], yesterday)[chain.pk].value == 2


@pytest.mark.django_db
def test_a_stranger_neither_declares_nor_confirms(firm_a: Organisation, other_hr: Person, hr: Person) -> None:
    fact = _declare(hr, firm_a, 1)
    for act in (
        lambda: _declare(other_hr, firm_a, 5),
        lambda: services.confirm_fact(actor=other_hr, fact=fact),
        lambda: services.withdraw_fact(actor=PersonFactory.create(), fact=fact, reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not OrganisationFact.objects.visible_to(other_hr).exists()
