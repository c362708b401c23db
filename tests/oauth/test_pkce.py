"""Proof Key for Code Exchange."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.errors import InvalidGrant, InvalidRequest
from keycell.oauth.pkce import check_code_verifier, read_code_challenge, s256

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
VERIFIERS = st.text(string.ascii_letters + string.digits + "-._~", min_size=43, max_size=128)


def test_the_rfcs_own_example() -> None:
    """RFC7636-B."""
    assert s256(VERIFIER) == CHALLENGE
    check_code_verifier(VERIFIER, CHALLENGE)


@given(VERIFIERS, VERIFIERS)
def test_only_the_verifier_itself_fits(one: str, other: str) -> None:
    """RFC7636-4.2, RFC7636-4.6."""
    check_code_verifier(one, s256(one))
    if one != other:
        with pytest.raises(InvalidGrant):
            check_code_verifier(other, s256(one))


@pytest.mark.parametrize(
    "verifier", [None, "", VERIFIER[:42], "x" * 129, VERIFIER[:-1] + "ß", VERIFIER + "\n"]
)
def test_what_is_no_verifier_is_refused(verifier: str | None) -> None:
    """RFC7636-4.1, RFC7636-4.6."""
    with pytest.raises(InvalidGrant):
        check_code_verifier(verifier, CHALLENGE)


def test_a_verifier_without_a_challenge_is_refused() -> None:
    """RFC9700-4.8.2."""
    check_code_verifier(None, None)
    with pytest.raises(InvalidGrant):
        check_code_verifier(VERIFIER, None)


@pytest.mark.parametrize(
    ("challenge", "method", "expected"),
    [
        (None, None, "code_challenge is missing"),
        (None, "S256", "without code_challenge"),
        (CHALLENGE, None, "plain, the default, is not taken"),
        (CHALLENGE, "plain", "'plain' is not taken"),
        (CHALLENGE, "s256", "'s256' is not taken"),
        (CHALLENGE + "=", "S256", "43 base64url characters"),
        (VERIFIER[:42] + "!", "S256", "43 base64url characters"),
    ],
)
def test_a_challenge_that_proves_nothing_is_refused(
    challenge: str | None, method: str | None, expected: str
) -> None:
    """RFC7636-4.3, RFC7636-4.4.1, RFC9700-2.1.1."""
    with pytest.raises(InvalidRequest, match=expected):
        read_code_challenge(challenge, method, is_required=True)


def test_none_is_needed_where_none_is_required() -> None:
    """RFC7636-4.3."""
    assert read_code_challenge(None, None, is_required=False) is None
    assert read_code_challenge(CHALLENGE, "S256", is_required=False) == CHALLENGE
