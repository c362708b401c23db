"""A running server, called with everything that its own description allows."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
import requests
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
from ...server import Server, keycell, keycell_json, serving

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


def signed_in(server: Server) -> str:
    """Give a token that came of a sign-in: it opens one's own account, and no administration."""
    sent = {"AuthInfo": {"login": "ann", "password": PASSWORD, "type": "credentials"}}
    session = httpx2.post(f"{server.url}/a/frontend/session", json=sent).json()
    return str(session["JWT"])


def administering(server: Server) -> str:
    """Give a personal token that may administer."""
    made = keycell_json(
        "admin", "token", "add", "root", "--label", "described", "--expires", "1h",
        "--scope", "account", "--scope", "admin", "--data", str(server.data),
    )  # fmt: skip
    return str(made["access_token"])


@pytest.mark.parametrize("get_token", [signed_in, administering])
def test_the_server_answers_as_it_describes(
    server: Server, get_token: Callable[[Server], str]
) -> None:
    """No call is answered by a status or form that is not told of, and none by a failure."""
    token = get_token(server)
    schema = schemathesis.openapi.from_url(f"{server.url}/a/openapi.json")
    seen: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path in SLOW:
            continue
        statuses = seen[operation.label] = set()
        _hold(server, operation, token, statuses)
        if 401 in statuses:
            # One that ends tokens had this one.
            token = get_token(server)
    assert len(seen) > 150
    # A token that is ended early on makes all that follows look well.
    assert [label for label, statuses in seen.items() if statuses == {401}] == []
    assert sum(not statuses.isdisjoint({200, 400, 404}) for statuses in seen.values()) > 70


def _hold(server: Server, operation: Any, token: str, statuses: set[int]) -> None:  # noqa: ANN401
    # A connection that stays, and no look through the environment for proxies at each call.
    session = requests.Session()
    session.trust_env = False
    headers = {"Authorization": f"Bearer {token}"}

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EACH, deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def hold(case: "schemathesis.Case[Any]") -> None:
        if case.path == "/a/keycell/changes" and case.query:
            case.query.pop("wait", None)
        answer = case.call(base_url=server.url, headers=headers, session=session)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    with session:
        hold()
