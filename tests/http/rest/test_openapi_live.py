"""A running server, called with everything that its own description allows."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ...conftest import PASSWORD
from ...server import Server, keycell, serving

EACH = 12
"""Calls of each kind; what they hold is the same in each run."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SLOW = ("/a/frontend/session",)
"""Each try hashes a password, and too many are refused."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("described") / "data"
    here = ("--data", str(data))
    for login, more in (("ann", ()), ("root", ("--admin",))):
        keycell("admin", "user", "add", login, "--password-stdin", *more, *here, stdin=PASSWORD)
    with serving(data) as running:
        yield running


@pytest.mark.parametrize("login", ["ann", "root"])
def test_the_server_answers_as_it_describes(server: Server, login: str) -> None:
    """No call is answered by a status or form that is not told of, and none by a failure."""
    sent = {"AuthInfo": {"login": login, "password": PASSWORD, "type": "credentials"}}
    session = httpx2.post(f"{server.url}/a/frontend/session", json=sent).json()
    headers = {"Authorization": f"Bearer {session['JWT']}"}
    schema = schemathesis.openapi.from_url(f"{server.url}/a/openapi.json")
    count = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path in SLOW:
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EACH, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def hold(case: "schemathesis.Case[Any]") -> None:
            if case.path == "/a/keycell/changes" and case.query:
                case.query.pop("wait", None)
            answer = case.call(base_url=server.url, headers=headers)
            case.validate_response(answer, checks=CHECKS)

        hold()
        count += 1
    assert count > 30
