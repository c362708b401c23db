"""What a proof must say, without any signature. RFC9449-4.3, RFC3986-6.2.2."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.dpop import (
    FRESH_FOR,
    NONCE_FOR,
    ShownProof,
    SignedProof,
    check_proof,
    nonce_turns,
    read_jkt,
)
from keycell.oauth.errors import InvalidDpopProof, InvalidRequest, UseDpopNonce

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NONCES = ("now", "before")
URL = "https://id.example/oidc/oauth2/token"


def says(**claims: object) -> SignedProof:
    said = {"jti": "one", "htm": "POST", "htu": URL, "iat": NOW.timestamp()}
    return SignedProof(said | claims, "jkt")


def shown(*urls: str) -> ShownProof:
    return ShownProof("proof", "POST", urls or (URL,))


def fits(htu: str, url: str) -> bool:
    try:
        check_proof(says(htu=htu), shown(url), NOW, NONCES)
    except InvalidDpopProof:
        return False
    return True


def test_a_proof_is_remembered_for_as_long_as_it_could_be_shown() -> None:
    """RFC9449-11.1."""
    late = NOW + FRESH_FOR
    found = check_proof(says(iat=late.timestamp()), shown(), NOW, NONCES)
    assert (found.jkt, found.jti) == ("jkt", "one")
    assert found.until >= late + FRESH_FOR
    assert check_proof(says(nonce="before", iat=0), shown(), NOW, NONCES).until >= NOW + NONCE_FOR


def test_times_are_close_to_ours() -> None:
    for off in (-61, 61):
        with pytest.raises(UseDpopNonce) as refused:
            check_proof(says(iat=NOW.timestamp() + off), shown(), NOW, NONCES)
        assert refused.value.nonce == "now"
    with pytest.raises(UseDpopNonce):
        check_proof(says(nonce="older"), shown(), NOW, NONCES)


def test_nonces_change_and_are_good_for_two_turns() -> None:
    """RFC9449-8."""
    current, before = nonce_turns(NOW)
    later, then = nonce_turns(NOW + NONCE_FOR)
    assert then == current
    assert before != current != later


@pytest.mark.parametrize(
    ("htu", "url"),
    [
        ("https://id.example:443/a", "https://id.example/a"),
        ("HTTPS://ID.example/a", "https://id.example/a"),
        ("https://id.example", "https://id.example/"),
        ("https://id.example/a?b#c", "https://id.example/a"),
        ("https://id.example/%7ea", "https://id.example/~a"),
        ("https://id.example/%c3%a9", "https://id.example/%C3%A9"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
    ],
)
def test_one_address_is_written_in_several_ways(htu: str, url: str) -> None:
    assert fits(htu, url)


@pytest.mark.parametrize(
    "htu",
    [
        "http://id.example/a", "https://id.example:8443/a", "https://id.example/A",
        "https://id.example/a/", "https://id.example/%2561", "https://id.example/b",
        "https://u@id.example/a", "/a", "", "https://id.example:x/a", "https:///a",
        "https://id.example/a%2Fb", "https://id.example.evil.example/a",
    ],
)  # fmt: skip
def test_another_address_is_another(htu: str) -> None:
    assert not fits(htu, "https://id.example/a")


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_paths_fit_if_they_are_the_same_bytes(one: str, other: str) -> None:
    paths = ["https://id.example/" + quote(text, safe="") for text in (one, other)]
    assert fits(*paths) == (one == other)


@given(st.text(max_size=80))
def test_whatever_is_written_there_is_judged(htu: str) -> None:
    assert fits(htu, "https://id.example/a") in (True, False)


def test_a_thumbprint_is_one() -> None:
    """RFC9449-10."""
    assert read_jkt(None) is None
    assert read_jkt("x" * 43) == "x" * 43
    for bad in ("", "x" * 42, "x" * 44, "=" * 43):
        with pytest.raises(InvalidRequest):
            read_jkt(bad)
