"""The triggers by which apps freeze rows: that they stand, and that one which was removed or changed is found."""

import pytest
from django.db import connection

from ronghe.apps.curriculum import triggers as curriculum
from ronghe.apps.demand import triggers as demand
from ronghe.apps.ledger import freezing, services
from ronghe.apps.ledger.services.checking import Reason

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
EVERY = [*curriculum.triggers(), *demand.triggers()]


def make(trigger):
    with connection.cursor() as cursor:
        cursor.execute(trigger.sqlite if connection.vendor == "sqlite" else trigger.postgresql)


def test_the_registered_triggers_stand_after_migration():
    assert freezing.problems(connection) == []


def test_every_removed_trigger_is_named():
    for trigger in EVERY:
        freezing.drop(connection, [trigger])
        assert freezing.problems(connection) == [f"trigger {trigger.name} is missing"]
        make(trigger)
    assert freezing.problems(connection) == []


@pytest.mark.parametrize(
    "change",
    [
        {"condition": "(1 = 0)"},
        {"moment": "UPDATE OF name_zh"},
        {"says": "nothing of the kind"},
    ],
)
def test_a_trigger_that_does_something_else_is_named(change):
    real = next(one for one in EVERY if one.name == "demand_demandround_keeps")
    values = {name: getattr(real, name) for name in ("name", "table", "verb", "moment", "condition", "says")}
    freezing.create(connection, [freezing.Trigger(**{**values, **change})])
    assert freezing.problems(connection) == ["trigger demand_demandround_keeps was changed"]


def test_fsck_names_a_removed_trigger_of_an_app():
    freezing.drop(connection, [EVERY[0]])
    assert [(one.reason, one.detail) for one in services.fsck().findings] == [
        (Reason.TRIGGER, f"trigger {EVERY[0].name} is missing")
    ]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite cannot disable a trigger")
def test_a_disabled_trigger_is_named():
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {EVERY[0].table} DISABLE TRIGGER {EVERY[0].name}")
    assert freezing.problems(connection) == [f"trigger {EVERY[0].name} is disabled"]
