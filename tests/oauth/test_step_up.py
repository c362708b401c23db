"""The step-up challenge: what sign-in a grave act wants. RFC9470-3."""

from datetime import UTC, datetime, timedelta

import pytest

from keycell.oauth.claims import (
    ACR_MFA,
    ACR_PASSWORD,
    AccessToken,
    Authentication,
    access_token_claims,
)
from keycell.oauth.errors import InsufficientUserAuthentication
from keycell.oauth.step_up import FRESH_FOR, can_reach, check_recent

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OVER = timedelta(seconds=1)


def signed_in(acr: str, ago: timedelta = FRESH_FOR) -> Authentication:
    return Authentication(auth_time=NOW - ago, acr=acr, amr=())


def test_who_signed_in_just_now_by_all_they_have_may() -> None:
    """RFC9470-3."""
    check_recent(signed_in(ACR_PASSWORD), NOW, has_second_factor=False)
    check_recent(signed_in(ACR_MFA), NOW, has_second_factor=True)
    check_recent(signed_in(ACR_MFA), NOW, has_second_factor=False)


@pytest.mark.parametrize(
    ("acr", "ago", "has_second_factor", "acr_values"),
    [
        (ACR_PASSWORD, FRESH_FOR + OVER, False, ()),
        (ACR_MFA, FRESH_FOR + OVER, True, (ACR_MFA,)),
        (ACR_PASSWORD, timedelta(0), True, (ACR_MFA,)),
        ("urn:keycell:acr:personal-token", timedelta(0), True, (ACR_MFA,)),
    ],
)
def test_others_are_told_what_is_wanted(
    acr: str, ago: timedelta, *, has_second_factor: bool, acr_values: tuple[str, ...]
) -> None:
    """RFC9470-3."""
    with pytest.raises(InsufficientUserAuthentication) as refused:
        check_recent(signed_in(acr, ago), NOW, has_second_factor=has_second_factor)
    assert (refused.value.max_age, refused.value.acr_values) == (600, acr_values)


def test_an_access_token_tells_other_resource_servers() -> None:
    """RFC9470-6.1, RFC9068-2.2.1; a client's own token is of no sign-in."""
    token = AccessToken(
        issuer="https://id.example", sub="s", client_id="c", audience=("a",), scope=frozenset(),
        jti="j", grant_id="g", issued_at=NOW, expires_at=NOW, authentication=signed_in(ACR_MFA),
    )  # fmt: skip
    claims = access_token_claims(token)
    assert claims["acr"] == ACR_MFA
    assert claims["auth_time"] == int((NOW - FRESH_FOR).timestamp())


def test_who_can_give_more_than_they_gave_is_asked_for_it() -> None:
    """CIBA-7.1: a wish, so that nobody is asked for what they have not, nor for the unheard-of."""
    assert can_reach(ACR_PASSWORD, (ACR_MFA,), has_second_factor=True)
    assert not can_reach(ACR_PASSWORD, (ACR_MFA,), has_second_factor=False)
    assert not can_reach(ACR_MFA, (ACR_MFA,), has_second_factor=True)
    assert not can_reach(ACR_PASSWORD, (ACR_MFA, ACR_PASSWORD), has_second_factor=True)
    assert not can_reach(ACR_PASSWORD, ("urn:example:gold",), has_second_factor=True)
    assert not can_reach(ACR_PASSWORD, (), has_second_factor=True)
