"""A project of the university with firm A, an asset of it, its contributors, and shares that they agreed to."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.utils import timezone, translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Signatory
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.pool import services
from ronghe.apps.pool.models import Asset, AssetKind, Income, Project, ShareVersion
from ronghe.apps.pool.services import AssetData, ShareLine
from tests.factories import PersonFactory, RoleFactory

LONG_AGO = date(2020, 1, 1)
THIRDS = (Fraction(1, 3), Fraction(1, 3), Fraction(1, 3))


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def second_office(university: Organisation) -> Person:
    return RoleFactory.create(
        person=PersonFactory.create(name="second office"), organisation=university, kind=RoleKind.OFFICE
    ).person


@pytest.fixture
def signatory(university: Organisation) -> Person:
    """Who may sign for the university."""
    person: Person = PersonFactory.create(name="dean")
    Signatory.objects.create(person=person, organisation=university, title_zh="院长", valid_from=LONG_AGO)
    return person


@pytest.fixture
def project(office: Person, university: Organisation, firm_a: Organisation) -> Project:
    return services.record_project(
        actor=office,
        name_zh="低功耗芯片验证平台",
        name_en="Verification platform for low-power chips",
        host=university,
        partners=[firm_a],
        field="ic",
        started_on=date(2023, 1, 1),
    )


AssetMaker = Callable[..., Asset]


@pytest.fixture
def asset_of(office: Person, project: Project, university: Organisation, firm_a: Organisation) -> AssetMaker:
    """Records assets of the university and firm A, unless a test says otherwise."""

    def make(**fields: Any) -> Asset:
        given: dict[str, Any] = {
            "project": project,
            "kind": AssetKind.KNOW_HOW,
            "name_zh": "验证脚本库",
            "name_en": "Library of verification scripts",
            "owners": [university, firm_a],
            **fields,
        }
        return services.record_asset(actor=office, data=AssetData(**given))

    return make


@pytest.fixture
def asset(asset_of: AssetMaker) -> Asset:
    return asset_of()


Proposer = Callable[..., ShareVersion]


@pytest.fixture
def proposed(office: Person, asset: Asset, teacher: Person, student: Person, mentor: Person) -> Proposer:
    """Proposes a third each for teacher, student and mentor, from 2024 on, unless a test says otherwise."""

    def make(*shares: Fraction, **fields: Any) -> ShareVersion:
        given = {"asset": asset, "valid_from": date(2024, 1, 1), **fields}
        lines = [
            ShareLine("wrote it", person=person, share=share)
            for person, share in zip((teacher, student, mentor), shares or THIRDS, strict=False)
        ]
        return services.propose_shares(actor=office, lines=lines, **given)

    return make


def agree_all(version: ShareVersion) -> ShareVersion:
    """Every person of a version agrees, just now confirmed."""
    for share in version.shares.all():
        assert share.person is not None
        services.agree(
            actor=share.person,
            share=share,
            digest=version.digest,
            confirmed_at=timezone.now() - timedelta(minutes=1),
            confirmed_by="password",
        )
    version.refresh_from_db()
    return version


@pytest.fixture
def agreed(proposed: Proposer) -> Proposer:
    """The same, and all agree."""

    def make(*shares: Fraction, **fields: Any) -> ShareVersion:
        return agree_all(proposed(*shares, **fields))

    return make


Earner = Callable[..., Income]


@pytest.fixture
def earned(hr: Person, asset: Asset) -> Earner:
    """Income of 100.00 yuan in March 2024, recorded by HR of firm A, unless a test says otherwise."""
    numbers = iter(range(1, 1000))

    def make(**fields: Any) -> Income:
        given: dict[str, Any] = {
            "asset": asset,
            "kind": "fee",
            "amount": Decimal(100),
            "received_on": date(2024, 3, 1),
            "document": f"INV-{next(numbers)}",
            **fields,
        }
        return services.record_income(actor=hr, **given)

    return make
