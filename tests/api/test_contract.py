"""The API keeps the contract that it publishes: no answer breaks its schema, none is a server error, whoever asks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.middleware.csrf import _get_new_csrf_string
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials.models import Scope
from ronghe.apps.credentials.services.api_keys import make_api_key
from ronghe.web.api import api
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db

PROMISES = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
PHASES = [phase for phase in Phase if phase is not Phase.explain]

_schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/"))))
OPERATIONS = {result.ok().label: result.ok() for result in _schema.get_all_operations()}


def _ask(case: Any, cookies: dict[str, str], key: str = "") -> Any:
    headers = {"X-CSRFToken": cookies.get("csrftoken", "")}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return case.call(app=_schema.app, cookies=cookies, headers=headers)


@pytest.fixture(autouse=True)
def _served() -> Iterator[None]:
    """The site behind the contract. Like Django's own test client it keeps the test's connection open between calls."""
    # One application for all: of each new one Schemathesis reads the whole source anew, for words worth sending.
    _schema.app = _schema.app or get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def credentials(office: Person, sign_in: SignIn) -> dict[str, str]:
    """The cookies and the token of a member of the office."""
    token = _get_new_csrf_string()
    session = sign_in(office).cookies["ronghe_session"].value
    return {"ronghe_session": session, "csrftoken": token}


@pytest.fixture
def program_key(office: Person, university: Organisation) -> str:
    """What a program of the office's university shows, where people's sign-ins do not count."""
    scopes = [scope for scope in Scope.values if scope != Scope.ISSUE]
    return make_api_key(actor=office, organisation=university, name="contract", scopes=scopes, per_minute=600)[1]


def test_the_contract_names_every_station_that_has_an_api() -> None:
    assert {label.split("/")[2] for label in OPERATIONS} >= {"demand", "community", "metrics", "ledger"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_to_the_office_keeps_the_published_contract(
    operation: str, credentials: dict[str, str], program_key: str
) -> None:
    is_for_programs = "ProgramKey" in str(OPERATIONS[operation].definition.raw.get("security"))

    @given(case=OPERATIONS[operation].as_strategy())
    @settings(max_examples=6, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    def keeps_it(case: Any) -> None:
        answer = _ask(case, credentials, program_key if is_for_programs else "")
        assert answer.status_code != 401
        assert "CSRF" not in answer.text
        case.validate_response(answer, checks=PROMISES)

    keeps_it()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_anonymous_caller_gets_in_only_where_the_contract_says_so(operation: str) -> None:
    closed = bool(OPERATIONS[operation].definition.raw.get("security"))

    @given(case=OPERATIONS[operation].as_strategy())
    @settings(max_examples=2, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    def keeps_out(case: Any) -> None:
        answer = _ask(case, {})
        assert answer.status_code < 500
        if closed:
            assert answer.status_code in {401, 403}

    keeps_out()
