"""Makes the tests' database from the models instead of from every migration, which takes a tenth of the time.

What migrations do besides tables (triggers, regions, the gates of chains) is done by their own functions. That both
ways lead to the same schema is tested on a site that was really migrated (`tests/e2e/test_demo.py`).
"""

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations import Migration, RunPython


def _migrations() -> Iterator[Migration]:
    """Every migration of ours, lower floors first."""
    for config in reversed(list(apps.get_app_configs())):
        if not config.name.startswith("ronghe."):
            continue
        try:
            package = importlib.import_module(f"{config.name}.migrations")
        except ModuleNotFoundError:
            continue
        for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
            module = importlib.import_module(f"{config.name}.migrations.{name}")
            yield module.Migration(name, config.label)


def fill_in() -> None:
    """Do in an empty database what the functions of our migrations do."""
    for migration in _migrations():
        for operation in migration.operations:
            if isinstance(operation, RunPython):
                with connection.schema_editor() as editor:
                    operation.code(apps, editor)


def described(database: sqlite3.Connection) -> dict[str, Any]:
    """Tables with their columns and checks, indexes and triggers of an SQLite database, without what is accidental."""
    found: dict[str, Any] = {}
    rows = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    for kind, name, table, sql in rows.fetchall():
        text = " ".join((sql or "").replace(f'"{table}"', "TABLE").split())
        if kind == "table":
            columns = sorted(row[1:6] for row in database.execute(f'PRAGMA table_info("{name}")'))
            found[name] = (columns, sorted(re.findall(r'CONSTRAINT "(\w+)"', text)))
        else:
            found[name] = (kind, text)
    return found
