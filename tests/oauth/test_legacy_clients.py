"""Registrations of the old system, and its notations."""

from datetime import timedelta

import pytest

from keycell.oauth.errors import InvalidClientMetadata, InvalidRedirectUri
from keycell.oauth.legacy_clients import (
    INACTIVITY,
    expand,
    read_legacy_client,
    read_legacy_clients,
)

ORIGINS = ("https://files.example", "http://10.0.0.5:8080", "http://localhost:8080")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("#default_bind#/auth/callback", ["https://files.example/auth/callback"]),
        ("#binds...#/cb", [f"{origin}/cb" for origin in ORIGINS]),
        ("#insecure_binds...#/cb", ["http://10.0.0.5:8080/cb"]),
        ("http://localhost:[3000-3002]/s", [f"http://localhost:{n}/s" for n in range(3000, 3003)]),
        ("http://localhost:[5-4]/", ["http://localhost:[5-4]/"]),
        ("https://app.example/cb", ["https://app.example/cb"]),
    ],
)
def test_notations_are_written_out(uri: str, expected: list[str]) -> None:
    """RFC9700-2.1: expanded when they come in, never matched as patterns."""
    assert expand([uri], ORIGINS) == expected


@pytest.mark.parametrize("uri", ["http://localhost:[1-60000]/", "http://localhost:[1000-1100]/"])
def test_a_range_is_bounded(uri: str) -> None:
    with pytest.raises(InvalidRedirectUri, match="more than 100"):
        expand([uri], ORIGINS)


def test_both_spellings_mean_the_same() -> None:
    snake = {"client_id": "wiki", "client_name": "Wiki", "client_secret": "s",
             "redirect_uris": ["https://wiki.example/cb"], "response_types": ["code"],
             "grant_types": ["authorization_code"], "scope": "openid email"}  # fmt: skip
    pascal = {"ClientID": "wiki", "Name": "Wiki", "Secret": "s",
              "RedirectURIs": ["https://wiki.example/cb"], "ResponseTypes": ["code"],
              "GrantTypes": ["authorization_code"], "Scope": "openid email"}  # fmt: skip
    assert read_legacy_client(snake, ORIGINS) == read_legacy_client(pascal, ORIGINS)


def test_without_a_secret_it_is_public() -> None:
    document: dict[str, object] = {"client_id": "cli", "redirect_uris": ["http://127.0.0.1/cb"]}
    assert read_legacy_client(document, ORIGINS).metadata.token_endpoint_auth_method == "none"
    kept = read_legacy_client(document, ORIGINS, method="client_secret_post")
    assert kept.metadata.token_endpoint_auth_method == "client_secret_post"


@pytest.mark.parametrize(
    "document",
    [
        {}, {"client_id": ""}, {"client_id": 5}, {"client_id": "a b"}, {"client_id": "x" * 201},
        {"client_id": "a", "client_secret": 5}, {"client_id": "a", "client_secret": "x" * 501},
        {"client_id": "a", "redirect_uris": "https://a.example"},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(document: dict[str, object]) -> None:
    with pytest.raises(InvalidClientMetadata):
        read_legacy_client(document, ORIGINS)
    with pytest.raises(InvalidRedirectUri):
        read_legacy_client({"client_id": "a", "redirect_uris": [5]}, ORIGINS)


def test_an_array_is_found_wherever_it_stands() -> None:
    one = {"client_id": "wiki", "client_secret": "s", "redirect_uris": ["https://wiki.example/cb"]}
    whole = {"services": {"pydio.web.oauth": {"staticClients": [one]}}}
    for document in ([one], whole, whole["services"], {"staticClients": [one]}):
        assert [found.client_id for found in read_legacy_clients(document, ORIGINS)] == ["wiki"]
    wrongs: list[object] = [{}, "x", {"services": {}}, [5], [one] * 1001]
    for wrong in wrongs:
        with pytest.raises(InvalidClientMetadata):
            read_legacy_clients(wrong, ORIGINS)


def test_an_inactivity_is_a_duration() -> None:
    document: dict[str, object] = {"client_id": "a", "redirect_uris": ["https://a.example/cb"]}
    for text, minutes in (("2h", 120), ("1h30m", 90), ("0s", None), ("", None)):
        read = read_legacy_client(document | {INACTIVITY: text}, ORIGINS)
        wanted = None if minutes is None else timedelta(minutes=minutes)
        assert read.revoke_refresh_after == wanted, text
    for wrong in ("soon", 5):
        with pytest.raises(InvalidClientMetadata, match="must be a duration"):
            read_legacy_client(document | {INACTIVITY: wrong}, ORIGINS)


def test_addresses_after_logout_are_written_out_too() -> None:
    document: dict[str, object] = {
        "client_id": "a", "client_secret": "s", "redirect_uris": ["https://a.example/cb"],
        "post_logout_redirect_uris": ["#default_bind#/bye"],
    }  # fmt: skip
    kept = read_legacy_client(document, ORIGINS)
    assert kept.metadata.post_logout_redirect_uris == ("https://files.example/bye",)


def test_many_plain_addresses_are_too_many() -> None:
    with pytest.raises(InvalidRedirectUri, match="more than 100"):
        expand([f"https://a.example/{n}" for n in range(101)], ORIGINS)
