"""The modules that come late: all are waited for at once. PROTOCOL-T3, PROTOCOL 3.8."""

import time
from dataclasses import dataclass

import pytest

from .application import register
from .fapi import Party, assert_no_request, error, make
from .provider import Provider
from .robot import Answer, Robot


@dataclass(frozen=True)
class Old:
    """What was given out once, and was never used."""

    party: Party
    request_uri: str
    answer: Answer
    spent_again: tuple[int, str]
    """What a code was answered that came again after half a minute."""
    userinfo: int
    """And the first access token after that."""


@pytest.fixture(scope="module")
def old(provider: Provider) -> Old:
    party, application = make(provider), register(provider)
    with Robot(provider) as robot:
        spent = application.answered(robot)
        token = application.tokens(spent)["access_token"]
        request_uri, answer = party.pushed(), party.code(robot)
    time.sleep(31)
    again = application.exchange(spent)
    with provider.http() as http:
        bearer = {"Authorization": f"Bearer {token}"}
        told = http.get(provider.metadata["userinfo_endpoint"], headers=bearer)
    time.sleep(31)
    return Old(
        party, request_uri, answer, (again.status_code, again.json()["error"]), told.status_code
    )


def test_oidcc_codereuse_30seconds(old: Old) -> None:
    """PROTOCOL-T3."""
    assert old.spent_again == (400, "invalid_grant")
    assert old.userinfo == 401


def test_fapi2_par_attempt_to_use_expired_request_uri(old: Old, robot: Robot) -> None:
    """PROTOCOL-P8."""
    assert_no_request(old.party.open(robot, old.request_uri))


def test_fapi2_ensure_token_endpoint_fails_with_expired_auth_code(old: Old) -> None:
    """PROTOCOL-P16."""
    assert error(old.party.redeem(old.answer)) == "invalid_grant"
