"""Keeps what fixtures put into the database for the next test that begins with the same fixtures.

Half the time of a test of pages or services went into making the same organisations, people and papers once more. Here
each fixture that gives models is a scene: the state of the database after it is a savepoint of one lasting transaction,
and the objects it gave are copied. A test that asks for the same fixtures goes on from the last scene that they share;
every other state is rolled back. So no test sees more than its own fixtures would have made, nor what another one
changed, in the database or in an object. What cannot be kept so (a fixture that cleans up after itself, writes files or
gives anything but plain values and models) is made anew, and all that follows it as well.
"""

import copy
import inspect
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.test import TestCase, TransactionTestCase
from pytest_django.plugin import blocking_manager_key

_PLAIN = (str, int, float, bool, bytes, Decimal, date, time, timedelta, UUID, Enum)
# The folders whose tests begin in this way.
_FOLDERS = (
    "tests/apps/test_scenes.py",
    *(
        f"tests/apps/{app}/"
        for app in ("agreements", "credits", "mentors", "pool", "positions", "rotations", "sites", "training")
    ),
)
_READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK TO", "PRAGMA")


def _keepable(value: object) -> bool:
    if isinstance(value, Model):
        return value.pk is not None
    if isinstance(value, list | tuple):
        return all(map(_keepable, value))
    if isinstance(value, dict):
        return all(map(_keepable, value)) and all(map(_keepable, value.values()))
    if is_dataclass(value) and not isinstance(value, type):
        return all(_keepable(getattr(value, field.name)) for field in fields(value))
    return value is None or isinstance(value, _PLAIN)


def _models_of(value: object) -> Iterator[Model]:
    if isinstance(value, Model):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _models_of(one)
    elif isinstance(value, dict):
        yield from _models_of(list(value.values()))
    elif is_dataclass(value):
        yield from _models_of([getattr(value, field.name) for field in fields(value)])


def _state_of(model: Model) -> tuple[dict[str, Any], set[str]]:
    return {name: value for name, value in vars(model).items() if name != "_state"}, set(model._state.fields_cache)


@dataclass
class _Scene:
    """One fixture done: copies of all values so far, whether it changed earlier ones, and the database after it."""

    key: tuple[Any, ...]
    values: list[Any]
    changes_earlier: bool
    savepoint: str


class _Stage:
    """The lasting transaction, the scenes in it, and how far the running test has followed them."""

    def __init__(self) -> None:
        self.atomics: dict[str, Any] | None = None
        self.bottom = ""
        self.scenes: list[_Scene] = []
        self.asked = False
        self.begin()

    def begin(self) -> None:
        """A test begins at the bottom."""
        self.live: list[Any] = []
        self.given: set[str] = set()
        self.trail: list[tuple[Any, ...]] = []
        self.follows = self.asked

    def rewind(self) -> None:
        """Bring the database to the last scene that the test has reached."""
        depth = len(self.live)
        del self.scenes[depth:]
        connection.savepoint_rollback(self.scenes[-1].savepoint if depth else self.bottom)

    def stop_following(self) -> None:
        """What comes now is made for this test alone, on top of the last scene that it has reached."""
        self.follows = False
        if len(self.scenes) > len(self.live):
            self.rewind()

    def end(self) -> None:
        self.follows = False
        del self.live[len(self.scenes) :]
        if connection.connection is None or connection.closed_in_transaction or not connection.in_atomic_block:
            self.leave()
            return
        connection.needs_rollback = False
        connection.run_on_commit = []
        self.rewind()

    def leave(self) -> None:
        """End the lasting transaction; nothing of it remains."""
        if self.atomics is not None:
            atomics, self.atomics, self.scenes = self.atomics, None, []
            _roll_back(TestCase, atomics)

    def key(self, fixture: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> tuple[Any, ...]:
        return fixture.baseid, fixture.argname, getattr(request, "param_index", 0), tuple(self.trail)

    def can_keep(self, fixture: pytest.FixtureDef[Any]) -> bool:
        return (
            self.follows
            and fixture.scope == "function"
            and fixture.baseid.startswith("tests")
            and not inspect.isgeneratorfunction(fixture.func)
            and self.is_alone(fixture)
        )

    def is_alone(self, fixture: pytest.FixtureDef[Any]) -> bool:
        """Whether it depends on nothing that differs between tests (folders, settings, the request)."""
        return all(name in self.given or name == "db" for name in fixture.argnames)

    def next_value(self, key: tuple[Any, ...]) -> Any:
        """What the next scene gives if it is the one asked for, with earlier objects as that scene left them."""
        depth = len(self.live)
        if depth >= len(self.scenes) or self.scenes[depth].key != key:
            return None
        scene = self.scenes[depth]
        copies = {}
        for kept, live in zip(scene.values, self.live, strict=False):
            copies |= {id(one): other for one, other in zip(_models_of(kept), _models_of(live), strict=True)}
        if scene.changes_earlier:
            for kept, live in zip(scene.values, self.live, strict=False):
                for one, other in zip(_models_of(kept), _models_of(live), strict=True):
                    vars(other).clear()
                    vars(other).update(copy.deepcopy(vars(one), copies))
        value = copy.deepcopy(scene.values[depth], copies)
        self.live.append(value)
        return value

    def keep(self, key: tuple[Any, ...], value: Any) -> None:
        earlier = self.scenes[-1].values if self.scenes else []
        values = copy.deepcopy([*self.live, value])
        changed = any(
            [_state_of(one) for one in _models_of(before)] != [_state_of(one) for one in _models_of(now)]
            for before, now in zip(earlier, values, strict=False)
        )
        self.live.append(value)
        self.scenes.append(_Scene(key, values, changed, connection.savepoint()))

    @contextmanager
    def watched(self) -> Iterator[set[str]]:
        """Rewind before the first query, and note that there was one and whether it wrote."""
        seen: set[str] = set()

        def watch(execute: Any, sql: str, *rest: Any) -> Any:
            if "query" not in seen:
                seen.add("query")
                self.rewind()
            if not sql.lstrip().upper().startswith(_READS):
                seen.add("write")
            return execute(sql, *rest)

        with connection.execute_wrapper(watch):
            yield seen


_stage = _Stage()
_enter = TestCase._enter_atomics.__func__  # type: ignore[attr-defined]
_roll_back = TestCase._rollback_atomics.__func__  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> Any:
    """Keep what a fixture makes; a fixture that cannot be kept leaves the scenes to those before it."""
    if not _stage.follows or fixturedef.scope != "function" or not fixturedef.baseid.startswith("tests"):
        return (yield)
    depth, name = len(_stage.live), fixturedef.argname
    if not _stage.can_keep(fixturedef):
        with _stage.watched() as seen:
            value = yield
        if "write" in seen or (inspect.isgeneratorfunction(fixturedef.func) and not _stage.is_alone(fixturedef)):
            _stage.stop_following()
        _stage.trail.append((fixturedef.baseid, name, getattr(request, "param_index", 0)))
        return value
    key = _stage.key(fixturedef, request)
    with _stage.watched() as seen:
        value = yield
    if len(_stage.live) > depth:
        _stage.given.add(name)
    elif seen and value is not None and _keepable(value) and not settings.RONGHE_CHECKPOINT_DIR.exists():
        _stage.keep(key, value)
        _stage.given.add(name)
    elif "write" not in seen:
        _stage.trail.append(key[:3])
        _stage.given.add(name)
    else:
        _stage.stop_following()
    return value


class _Following:
    """The hook that answers with a kept value, inside the one that keeps them."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> Any:
        if not _stage.can_keep(fixturedef):
            return None
        value = _stage.next_value(_stage.key(fixturedef, request))
        if value is not None:
            fixturedef.cached_result = (value, fixturedef.cache_key(request), None)
        return value


def _ours(item: pytest.Item) -> list[str]:
    """The fixtures of this project that a test asks for by name, and those that they ask for."""
    info = getattr(item, "_fixtureinfo", None)
    definitions = info.name2fixturedefs if info else {}
    return [
        name
        for name in (info.names_closure if info else ())
        if name in definitions
        and (last := definitions[name][-1]).scope == "function"
        and last.baseid.startswith("tests")
        and not last._autouse
    ]


def _makes_anew(item: pytest.Item, names: list[str]) -> bool:
    """Whether a test commits, or asks for a fixture that sets something up around those after it."""
    marker = item.get_closest_marker("django_db")
    definitions = item._fixtureinfo.name2fixturedefs if names else {}
    return (
        "transactional_db" in getattr(item, "fixturenames", ())
        or bool(marker and (marker.args or marker.kwargs))
        or any(inspect.isgeneratorfunction(definitions[name][-1].func) for name in names)
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask for fixtures in one order, the most used first, and put tests of a module that begin alike side by side."""
    ours = {item: _ours(item) for item in items}
    uses = Counter(name for names in ours.values() for name in names)
    order: dict[pytest.Item, tuple[Any, ...]] = {}
    modules: dict[Any, int] = {}
    for item, names in ours.items():
        module = modules.setdefault(item.path, len(modules))
        if not item.nodeid.startswith(_FOLDERS) or _makes_anew(item, names):
            order[item] = (module, True)
            continue
        names.sort(key=lambda name: (-uses[name], name))
        closure = item._fixtureinfo.names_closure if names else []
        closure[:] = [name for name in closure if name not in names] + names
        order[item] = (module, False, [(-uses[name], name) for name in names])
    items.sort(key=order.__getitem__)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Following())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    _stage.asked = item.nodeid.startswith(_FOLDERS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """The test itself sees what its own fixtures made and no scene of another test beyond."""
    if _stage.follows:
        with item.config.stash[blocking_manager_key].unblock():
            _stage.stop_following()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Any:
    """No scene outlasts the tests."""
    done = yield
    if nextitem is None:
        with item.config.stash[blocking_manager_key].unblock():
            _stage.leave()
    return done


@pytest.fixture(scope="session", autouse=True)
def _scenes(_putting_back: None) -> Iterator[None]:
    commit_first = TransactionTestCase._fixture_setup.__func__  # type: ignore[attr-defined]

    def enter(case: type[TestCase]) -> dict[str, Any]:
        if not _stage.asked:
            _stage.leave()
            return _enter(case)
        if _stage.atomics is None:
            _stage.atomics = _enter(case)
            _stage.bottom = connection.savepoint()
        _stage.begin()
        return _stage.atomics

    def end(case: type[TestCase], atomics: dict[str, Any]) -> None:
        if atomics is _stage.atomics:
            _stage.end()
        else:
            _roll_back(case, atomics)

    def leave_first(case: type[TransactionTestCase]) -> None:
        _stage.leave()
        commit_first(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestCase, "_enter_atomics", classmethod(enter))
        patch.setattr(TestCase, "_rollback_atomics", classmethod(end))
        patch.setattr(TransactionTestCase, "_fixture_setup", classmethod(leave_first))
        yield
