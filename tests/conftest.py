"""Settings of every test and the people of each role; the outsider of firm A's pages is HR of firm B."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_django
from django.db import connection, connections
from django.test import Client, override_settings
from hypothesis import settings

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, OrganisationKind, RoleKind
from tests import schema
from tests.factories import OrganisationFactory, PersonFactory, RoleFactory, UniversityFactory

LONGEST_NAME = 80
# Machines are noisy: how long an example takes says nothing about it.
settings.register_profile("ronghe", deadline=None)
settings.load_profile("ronghe")
pytest_plugins = ["tests.apps.ledger.plugin", "tests.putting_back"]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Call bytes and long texts by their argument: a zipped one holds when it was made, and workers must agree."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_NAME) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that one worker must run together, so that no long one is left to the end alone."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: no collection of garbage need look through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _lasting_connection() -> None:
    """A test's connection holds its transaction: it must not be closed because the run is older than a minute."""
    connections.settings["default"]["CONN_MAX_AGE"] = None


@pytest.fixture(scope="session", autouse=True)
def _fast_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Cheap passwords, plain static files, tasks at once; what the site writes goes to a folder of this run."""
    data = tmp_path_factory.mktemp("ronghe")
    (data / "static").mkdir()
    with override_settings(
        RONGHE_DATA_DIR=data,
        STATIC_ROOT=data / "static",
        MEDIA_ROOT=data / "media",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        TASKS={"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}},
    ):
        yield


@pytest.fixture(scope="session")
def django_db_use_migrations() -> bool:
    """The tables come from the models (`tests/schema.py`)."""
    return False


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        schema.fill_in()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Put the SQLite database of the tests in a file: in memory it has neither WAL nor a queue of writers.

    It need not outlive a power cut, so it does not wait for the disk.
    """
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        options = connection.settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data folder of this test alone, for tests that look at the files."""
    (tmp_path / "static").mkdir()
    with override_settings(RONGHE_DATA_DIR=tmp_path, STATIC_ROOT=tmp_path / "static"):
        yield tmp_path


@pytest.fixture
def firm_a(db: None) -> Organisation:
    return OrganisationFactory.create(name_zh="甲电子有限公司", name_en="Firm A Electronics")


@pytest.fixture
def firm_b(db: None) -> Organisation:
    return OrganisationFactory.create(name_zh="乙科技有限公司", name_en="Firm B Technology")


@pytest.fixture
def university(db: None) -> Organisation:
    return UniversityFactory.create(name_zh="示例理工大学", name_en="Example Institute of Technology")


@pytest.fixture
def department(db: None) -> Organisation:
    return OrganisationFactory.create(
        kind=OrganisationKind.GOVERNMENT, name_zh="示例市教育局", name_en="Example Education Bureau"
    )


def _person(name: str, kind: RoleKind, organisation: Organisation) -> Person:
    person = PersonFactory.create(email=f"{kind}.{organisation.pk}.{name}@example.org", name=name)
    RoleFactory.create(person=person, organisation=organisation, kind=kind)
    return person


@pytest.fixture
def office(university: Organisation) -> Person:
    """Staff of the community office."""
    return _person("office", RoleKind.OFFICE, university)


@pytest.fixture
def hr(firm_a: Organisation) -> Person:
    """HR of firm A: the owner of what firm A does."""
    return _person("hr", RoleKind.ENTERPRISE_HR, firm_a)


@pytest.fixture
def colleague_hr(firm_a: Organisation) -> Person:
    """Another HR of firm A: the colleague."""
    return _person("colleague", RoleKind.ENTERPRISE_HR, firm_a)


@pytest.fixture
def other_hr(firm_b: Organisation) -> Person:
    """HR of firm B: the outsider of firm A's pages."""
    return _person("other", RoleKind.ENTERPRISE_HR, firm_b)


@pytest.fixture
def mentor(firm_a: Organisation) -> Person:
    """A mentor of firm A."""
    return _person("mentor", RoleKind.MENTOR, firm_a)


@pytest.fixture
def teacher(university: Organisation) -> Person:
    """A teacher of the university."""
    return _person("teacher", RoleKind.TEACHER, university)


@pytest.fixture
def student(university: Organisation) -> Person:
    """A student of the university."""
    return _person("student", RoleKind.STUDENT, university)


@pytest.fixture
def reviewer(department: Organisation) -> Person:
    """A government reviewer."""
    return _person("reviewer", RoleKind.REVIEWER, department)


@pytest.fixture
def stranger(db: None) -> Person:
    """Someone who may sign in but holds no role."""
    return PersonFactory.create(email="stranger@example.org", name="stranger")


class SignIn:
    """Makes clients that are signed in: `sign_in(office).get(...)`."""

    def __call__(self, person: Person) -> Client:
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client


@pytest.fixture
def sign_in(db: None) -> SignIn:
    return SignIn()


@pytest.fixture
def anonymous(db: None) -> Client:
    """A client that is not signed in."""
    return Client()
