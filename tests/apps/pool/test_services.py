"""Shares, licences, conversions and income: what is refused, what the database keeps, and that every fen is counted."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Signatory
from ronghe.apps.community.models import Organisation
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.pool import services
from ronghe.apps.pool.content import holds
from ronghe.apps.pool.models import (
    Asset,
    Conversion,
    Income,
    Licence,
    Ownership,
    Portion,
    Project,
    Share,
    ShareVersion,
    VersionState,
)
from ronghe.apps.pool.registered_numbers import check_digit, registered_number
from ronghe.apps.pool.services import AssetData, ShareLine
from ronghe.methods.shares import shares_of_points
from tests.apps.pool.conftest import AssetMaker, Earner, Proposer, agree_all

pytestmark = pytest.mark.django_db
HALF = Fraction(1, 2)
JUST_NOW = timedelta(minutes=1)


def _problem(error: pytest.ExceptionInfo[ValidationError]) -> str:
    return " ".join(error.value.messages)


# Projects and assets


def test_a_project_closes_once_and_only_the_office_corrects_the_day(
    project: Project, office: Person, university: Organisation, signatory: Person
) -> None:
    with pytest.raises(ValidationError, match="started on"):
        services.close_project(actor=office, project=project, closed_on=date(2022, 12, 31), revision=1)
    closed = services.close_project(actor=signatory, project=project, closed_on=date(2024, 1, 31), revision=1)
    with pytest.raises(PermissionDenied):
        services.close_project(actor=signatory, project=closed, closed_on=date(2024, 2, 1), revision=2)
    with pytest.raises(StaleRevision):
        services.close_project(actor=office, project=project, closed_on=date(2024, 2, 1), revision=1)
    services.close_project(actor=office, project=closed, closed_on=date(2024, 2, 1), revision=2)
    assert Event.objects.filter(type="pool.project.closed").count() == 2


def test_a_patent_number_is_brought_to_one_form_and_a_wrong_digit_is_told() -> None:
    # The number of the example in the standard ZC 0006—2003 has the check digit 1.
    serial = "200310102344"
    digit = check_digit(serial)
    for typed in (f"ZL {serial}.{digit}", f"cn{serial}{digit}", f"{serial[:4]} {serial[4:]}.{digit}"):
        assert registered_number("patent", typed) == f"ZL{serial}.{digit}"
    with pytest.raises(ValidationError, match="check digit"):
        registered_number("patent", f"ZL{serial}.{(int(digit) + 1) % 10}" if digit != "X" else f"ZL{serial}.1")
    with pytest.raises(ValidationError, match="such as"):
        registered_number("patent", "ZL12345")
    assert registered_number("patent", "us 11,234,567 b2") == "US11,234,567B2"
    assert registered_number("software", "2023sr0123456") == "2023SR0123456"
    with pytest.raises(ValidationError, match="SR"):
        registered_number("software", "软著 1")


def test_the_same_registered_number_is_recorded_once(asset_of: AssetMaker) -> None:
    asset_of(kind="software", number="2023SR0123456")
    with pytest.raises(ValidationError, match="recorded already"):
        asset_of(kind="software", number=" 2023 sr 0123456")


def test_who_is_not_of_the_project_records_nothing_in_it(
    project: Project, other_hr: Person, student: Person, hr: Person, firm_a: Organisation
) -> None:
    data = AssetData(project=project, kind="case", name_zh="案例", owners=[firm_a])
    for outsider in (other_hr, student):
        with pytest.raises(PermissionDenied):
            services.record_asset(actor=outsider, data=data)
    assert services.record_asset(actor=hr, data=data).recorded_by == hr


# Shares


def test_shares_of_101_percent_and_of_three_times_33_are_refused_and_thirds_are_taken(proposed: Proposer) -> None:
    with pytest.raises(ValidationError) as over:
        proposed(HALF, Fraction(51, 100))
    assert "101%" in _problem(over)
    with pytest.raises(ValidationError) as under:
        proposed(*[Fraction(3333, 10000)] * 3)
    assert "99.99%" in _problem(under) and "1/3" in _problem(under)
    assert ShareVersion.objects.count() == 0
    assert sum(share.exact for share in proposed().shares.all()) == 1


def test_a_proposal_names_everybody_once_with_a_contribution_and_shares_or_points_throughout(
    office: Person, asset: Asset, teacher: Person, student: Person
) -> None:
    def propose(*lines: ShareLine) -> ShareVersion:
        return services.propose_shares(actor=office, asset=asset, valid_from=date(2024, 1, 1), lines=lines)

    for lines, told in (
        ([], "from one"),
        ([ShareLine("a", person=teacher, share=HALF), ShareLine("b", person=teacher, share=HALF)], "twice"),
        ([ShareLine(" ", person=teacher, share=Fraction(1))], "contributed"),
        ([ShareLine("a", share=Fraction(1))], "one person or one organisation"),
        ([ShareLine("a", person=teacher, share=HALF), ShareLine("b", person=student, points=2)], "not some of each"),
        ([ShareLine("a", person=teacher, points=0)], "above 0"),
    ):
        with pytest.raises(ValidationError, match=told):
            propose(*lines)
    made = propose(ShareLine("a", person=teacher, points=5), ShareLine("b", person=student, points=2))
    assert [share.exact for share in made.shares.all()] == [Fraction(5, 7), Fraction(2, 7)]


def test_shares_are_in_force_only_when_every_contributor_has_agreed(
    proposed: Proposer, asset: Asset, teacher: Person, student: Person, mentor: Person
) -> None:
    version = proposed()
    for count, person in enumerate((teacher, student, mentor), 1):
        assert not ShareVersion.objects.in_force(date(2024, 6, 1)).exists()
        services.agree(
            actor=person,
            share=version.shares.get(person=person),
            digest=version.digest,
            confirmed_at=timezone.now(),
            confirmed_by="password",
        )
        assert Event.objects.filter(type="pool.share.agreed").count() == count
    in_force = ShareVersion.objects.in_force(date(2024, 6, 1)).get()
    assert in_force == version and not ShareVersion.objects.in_force(date(2023, 12, 31)).exists()
    assert holds(in_force, list(in_force.shares.order_by("place")))


def test_nobody_agrees_for_another_unconfirmed_or_to_something_else_than_was_shown(
    proposed: Proposer, teacher: Person, student: Person, office: Person
) -> None:
    version = proposed()
    share = version.shares.get(person=teacher)
    given: dict[str, Any] = {
        "share": share,
        "digest": version.digest,
        "confirmed_at": timezone.now(),
        "confirmed_by": "password",
    }
    for other in (student, office):
        with pytest.raises(PermissionDenied):
            services.agree(actor=other, **given)
    for long_ago in (None, timezone.now() - timedelta(minutes=11), timezone.now() + JUST_NOW):
        with pytest.raises(services.NotConfirmed):
            services.agree(actor=teacher, **{**given, "confirmed_at": long_ago})
    with pytest.raises(ValidationError, match="not the shares you were shown"):
        services.agree(actor=teacher, **{**given, "digest": "sha256:00"})
    services.agree(actor=teacher, **given)
    with pytest.raises(PermissionDenied):
        services.agree(actor=teacher, **given)


def test_an_organisation_agrees_by_a_signatory_with_a_standing_today(
    office: Person, asset: Asset, university: Organisation, signatory: Person, teacher: Person, hr: Person
) -> None:
    lines = [
        ShareLine("facilities", organisation=university, share=HALF),
        ShareLine("design", person=teacher, share=HALF),
    ]
    version = services.propose_shares(actor=office, asset=asset, valid_from=date(2024, 1, 1), lines=lines)
    share = version.shares.get(organisation=university)
    given: dict[str, Any] = {
        "share": share,
        "digest": version.digest,
        "confirmed_at": timezone.now(),
        "confirmed_by": "password",
    }
    for other in (office, teacher, hr):
        with pytest.raises(PermissionDenied):
            services.agree(actor=other, **given)
    Signatory.objects.update(valid_until=timezone.localdate())
    with pytest.raises(ValidationError, match="no signatory"):
        services.agree(actor=signatory, **given)
    Signatory.objects.update(valid_until=None)
    assert services.agree(actor=signatory, **given).agreed_by == signatory


def test_who_declines_ends_the_proposal_with_a_reason_and_another_can_be_proposed(
    proposed: Proposer, teacher: Person
) -> None:
    version = proposed()
    share = version.shares.get(person=teacher)
    with pytest.raises(ValidationError, match="waits for contributors already"):
        proposed()
    with pytest.raises(ValidationError, match="what would have to change"):
        services.decline_shares(actor=teacher, share=share, reason=" ")
    assert services.decline_shares(actor=teacher, share=share, reason="太少").state == VersionState.DECLINED
    assert proposed().number == 2


def test_a_later_version_divides_only_what_is_received_from_its_first_day_on(
    agreed: Proposer, earned: Earner, office: Person
) -> None:
    agreed()
    agreed(Fraction(1, 2), Fraction(1, 4), Fraction(1, 4), valid_from=date(2025, 1, 1))
    before, after = earned(received_on=date(2024, 12, 31)), earned(received_on=date(2025, 1, 1))
    assert [one.fen for one in services.distribute(actor=office, income=before).portions.all()] == [3334, 3333, 3333]
    assert [one.fen for one in services.distribute(actor=office, income=after).portions.all()] == [5000, 2500, 2500]
    with pytest.raises(ValidationError, match="begin on that day or later"):
        agreed(valid_from=date(2024, 6, 1))


def test_shares_cannot_begin_before_what_is_distributed_unless_that_is_reversed(
    agreed: Proposer, proposed: Proposer, earned: Earner, office: Person, second_office: Person
) -> None:
    agreed()
    waiting = proposed(HALF, HALF, valid_from=date(2024, 2, 1))
    income = earned(received_on=date(2024, 3, 1))
    services.distribute(actor=office, income=income)
    with pytest.raises(ValidationError, match="distributed already"):
        agree_all(waiting)
    services.reverse_income(actor=second_office, income=income, reason="重新分配")
    assert agree_all(waiting).state == VersionState.AGREED


@pytest.mark.postgres
def test_the_database_itself_keeps_agreed_shares_and_income(agreed: Proposer, earned: Earner, office: Person) -> None:
    version = agreed()
    services.distribute(actor=office, income=earned())
    for rows, change in (
        (Share.objects.all(), {"numerator": 2}),
        (Share.objects.all(), {"agreed_digest": "x"}),
        (Share.objects.all(), {"contribution": "all of it"}),
        (ShareVersion.objects.filter(pk=version.pk), {"valid_from": date(2020, 1, 1)}),
        (ShareVersion.objects.filter(pk=version.pk), {"state": "asked", "settled_at": None}),
        (Income.objects.all(), {"fen": 1}),
        (Portion.objects.all(), {"fen": 1}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    for rows in (Portion.objects.all(), Income.objects.all(), Share.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)


# Income


def test_income_is_distributed_by_a_second_person_once_and_only_by_agreed_shares(
    agreed: Proposer, proposed: Proposer, earned: Earner, hr: Person, office: Person, asset: Asset
) -> None:
    income = earned()
    with pytest.raises(ValidationError, match="No shares were in force"):
        services.distribute(actor=office, income=income)
    agreed()
    own = services.record_income(
        actor=office, asset=asset, kind="fee", amount=Decimal(1), received_on=date(2024, 3, 1), document="own"
    )
    for actor, one in ((hr, income), (office, own)):
        with pytest.raises(PermissionDenied):
            services.distribute(actor=actor, income=one)
    services.distribute(actor=office, income=income)
    with pytest.raises(ValidationError, match="already"):
        services.distribute(actor=office, income=income)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.integers(1, 97), min_size=1, max_size=3), some.integers(1, 10**11))
def test_portions_always_make_the_income_to_the_fen(
    asset_of: AssetMaker, office: Person, hr: Person, teacher: Person, student: Person, mentor: Person,
    points: list[int], fen: int,
) -> None:  # fmt: skip
    asset = asset_of()
    people = (teacher, student, mentor)
    lines = [ShareLine("work", person=people[place], points=point) for place, point in enumerate(points)]
    version = services.propose_shares(actor=office, asset=asset, valid_from=date(2024, 1, 1), lines=lines)
    agree_all(version)
    income = services.record_income(
        actor=hr, asset=asset, kind="royalty", amount=Decimal(fen) / 100, received_on=date(2024, 5, 1), document="d"
    )
    parts = [one.fen for one in services.distribute(actor=office, income=income).portions.all()]
    assert sum(parts) == fen == income.fen
    assert all(abs(part - fen * share) < 1 for part, share in zip(parts, shares_of_points(points), strict=True))


def test_a_reversal_takes_back_every_portion_and_the_right_amount_can_be_recorded_anew(
    agreed: Proposer, earned: Earner, office: Person, second_office: Person, asset: Asset
) -> None:
    agreed()
    income = earned(document="INV-7")
    services.distribute(actor=office, income=income)
    with pytest.raises(ValidationError, match="recorded already"):
        earned(document="INV-7")
    back = services.reverse_income(actor=second_office, income=income, reason="金额有误")
    assert back.fen == -10000
    assert [one.fen for one in back.distribution.portions.all()] == [-3334, -3333, -3333]
    assert sum(Portion.objects.values_list("fen", flat=True)) == 0
    for again in (income, back):
        with pytest.raises(ValidationError):
            services.reverse_income(actor=second_office, income=again, reason="再来")
    assert earned(document="INV-7", amount=Decimal("99.99")).fen == 9999


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1000000000000"])
def test_an_amount_that_is_no_sum_of_money_is_refused(earned: Earner, amount: str) -> None:
    with pytest.raises(ValidationError, match="two places"):
        earned(amount=Decimal(amount))


# Licences


def _offer(actor: Person, asset: Asset, licensee: Organisation, **fields: Any) -> Licence:
    given: dict[str, Any] = {"first_day": date(2024, 1, 1), "last_day": date(2024, 12, 31), **fields}
    return services.offer_licence(actor=actor, asset=asset, licensee=licensee, **given)


@pytest.mark.postgres
def test_exclusive_licences_stand_alone_in_their_fields_and_days(
    asset_of: AssetMaker, hr: Person, other_hr: Person, firm_a: Organisation, firm_b: Organisation
) -> None:
    asset = asset_of(owners=[firm_a])
    ordinary = _offer(hr, asset, firm_b, fields=["ic"])
    exclusive = _offer(hr, asset, firm_b, kind="exclusive", fields=["ic", "ai"], first_day=date(2024, 12, 31))
    services.grant_licence(actor=other_hr, licence=exclusive)
    # What was offered before the exclusive one was granted is refused when its turn comes.
    with pytest.raises(ValidationError, match="stands in the way"):
        services.grant_licence(actor=other_hr, licence=ordinary)
    for fields in (["ai"], []):
        with pytest.raises(ValidationError, match="stands in the way"):
            _offer(hr, asset, firm_b, fields=fields, last_day=None)
    services.grant_licence(actor=other_hr, licence=_offer(hr, asset, firm_b, fields=["software"]))
    services.grant_licence(actor=other_hr, licence=_offer(hr, asset, firm_b, last_day=date(2024, 12, 30)))
    ended = services.end_licence(
        actor=other_hr, licence=_grant_open(hr, other_hr, asset, firm_b), last_day=date(2026, 3, 1), reason="停产"
    )
    assert ended.last_day == date(2026, 3, 1)


def _grant_open(hr: Person, other_hr: Person, asset: Asset, licensee: Organisation) -> Licence:
    offer = _offer(hr, asset, licensee, kind="sole", first_day=date(2026, 1, 1), last_day=None)
    return services.grant_licence(actor=other_hr, licence=offer)


def test_one_of_several_owners_cannot_shut_the_asset_away_alone(
    asset: Asset, hr: Person, firm_b: Organisation, university: Organisation
) -> None:
    with pytest.raises(ValidationError, match="agreement"):
        _offer(hr, asset, firm_b, kind="exclusive")
    with pytest.raises(ValidationError, match="owner uses it"):
        _offer(hr, asset, university)
    assert _offer(hr, asset, firm_b).state == "offered"


def test_a_licence_counts_as_a_conversion_once_the_licensee_has_agreed(
    asset: Asset, hr: Person, colleague_hr: Person, other_hr: Person, firm_b: Organisation
) -> None:
    offer = _offer(hr, asset, firm_b)
    assert not Conversion.objects.exists()
    for owner in (hr, colleague_hr):
        with pytest.raises(PermissionDenied):
            services.grant_licence(actor=owner, licence=offer)
    services.grant_licence(actor=other_hr, licence=offer)
    conversion = Conversion.objects.get()
    assert (conversion.party, conversion.decided_by, conversion.state) == (firm_b, other_hr, "confirmed")
    with pytest.raises(ValidationError, match="not open"):
        services.refuse_licence(actor=other_hr, licence=offer, reason="不需要")


# Conversions


def _claim(actor: Person, asset: Asset, party: Organisation, **fields: Any) -> Conversion:
    given: dict[str, Any] = {"kind": "adoption", "happened_on": date(2024, 6, 1), "evidence": "验收报告", **fields}
    return services.claim_conversion(actor=actor, asset=asset, party=party, **given)


def test_the_party_that_adopted_confirms_and_neither_an_inventor_nor_who_claimed_it(
    proposed: Proposer,
    asset: Asset,
    office: Person,
    hr: Person,
    other_hr: Person,
    teacher: Person,
    firm_b: Organisation,
) -> None:
    inventor = other_hr
    services.propose_shares(
        actor=office,
        asset=asset,
        valid_from=date(2024, 1, 1),
        lines=[ShareLine("tests", person=inventor, share=HALF), ShareLine("code", person=teacher, share=HALF)],
    )
    claim = _claim(hr, asset, firm_b)
    for wrong in (hr, teacher, office, inventor):
        with pytest.raises(PermissionDenied):
            services.confirm_conversion(actor=wrong, conversion=claim)
    neutral: Person = type(other_hr).objects.create_user("neutral@example.org", None, name="neutral")
    Signatory.objects.create(person=neutral, organisation=firm_b, title_zh="总经理", valid_from=date(2020, 1, 1))
    assert services.confirm_conversion(actor=neutral, conversion=claim).state == "confirmed"
    with pytest.raises(ValidationError, match="recorded already"):
        _claim(hr, asset, firm_b, happened_on=date(2024, 7, 1))


def test_a_claim_needs_evidence_a_day_that_was_and_is_no_licence(
    asset: Asset, hr: Person, firm_b: Organisation
) -> None:
    for fields, told in (
        ({"evidence": " "}, "what shows it"),
        ({"happened_on": timezone.localdate() + timedelta(days=1)}, "has happened"),
        ({"happened_on": date(2022, 1, 1)}, "started on"),
        ({"kind": "licence"}, "by itself"),
    ):
        with pytest.raises(ValidationError, match=told):
            _claim(hr, asset, firm_b, **fields)


def test_a_confirmed_transfer_makes_the_party_the_owner_from_that_day_on(
    asset_of: AssetMaker, hr: Person, other_hr: Person, firm_a: Organisation, firm_b: Organisation
) -> None:
    asset = asset_of(owners=[firm_a], registered_on=date(2023, 5, 1))
    claim = _claim(hr, asset, firm_b, kind="transfer")
    services.confirm_conversion(actor=other_hr, conversion=claim)
    owned = Ownership.objects.filter(asset=asset)
    assert [one.organisation for one in owned.on(date(2024, 5, 31))] == [firm_a]
    assert [one.organisation for one in owned.on(date(2024, 6, 1))] == [firm_b]
    with pytest.raises(PermissionDenied):
        services.offer_licence(actor=hr, asset=asset, licensee=firm_a, first_day=date(2025, 1, 1))


# Erasure


def test_erasing_a_contributor_keeps_shares_sums_and_hashes_and_forgets_the_person(
    agreed: Proposer, proposed: Proposer, earned: Earner, office: Person, teacher: Person, asset: Asset
) -> None:
    version = agreed()
    services.distribute(actor=office, income=earned())
    waiting = proposed(HALF, HALF, valid_from=date(2026, 1, 1))
    accounts.erase_own_data(actor=teacher, person=teacher)
    waiting.refresh_from_db()
    assert waiting.state == VersionState.WITHDRAWN
    shares = list(version.shares.order_by("place"))
    assert holds(version, shares) and sum(share.exact for share in shares) == 1
    assert shares[0].holder == "Erased person" and shares[0].contribution == shares[0].salt == ""
    assert "teacher" not in str(version.content)
    later = services.distribute(actor=office, income=earned(received_on=date(2025, 1, 1)))
    assert sum(one.fen for one in later.portions.all()) == 10000
