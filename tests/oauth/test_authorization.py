"""What a client may ask for, and the answers that it gets."""

from dataclasses import replace

import pytest

from keycell.oauth.authorization import error_response, read_authorization_request
from keycell.oauth.clients import Client, ClientMetadata, RedirectTarget
from keycell.oauth.errors import AccessDenied, InvalidAuthorizationDetails, UnauthorizedClient

from .test_clients import client

HOME = "https://id.example"
ASKED = {
    "response_type": "code", "scope": "openid", "client_id": "app",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}  # fmt: skip
TARGET = RedirectTarget("https://app.example/cb", "query", "state-1234")


def of_registered(**metadata: object) -> Client:
    registered = client("https://app.example/cb")
    known: ClientMetadata = replace(registered.metadata, **metadata)  # type: ignore[arg-type]
    return replace(registered, metadata=known)


def ask(of: Client, **params: str) -> object:
    pairs = list((ASKED | params).items())
    return read_authorization_request(pairs, of, TARGET, HOME)


def test_a_client_without_codes_gets_none() -> None:
    """RFC6749-4.1.2.1: unauthorized_client."""
    with pytest.raises(UnauthorizedClient, match="grant_type authorization_code"):
        ask(of_registered(grant_types=("client_credentials",), response_types=("code",)))


def test_places_stay_within_the_scope_that_was_registered() -> None:
    """RFC9396-5."""
    wanted = '[{"type":"files","actions":["read"]}]'
    with pytest.raises(InvalidAuthorizationDetails, match="may not ask for files"):
        ask(of_registered(scope=frozenset({"openid"})), authorization_details=wanted)
    ask(of_registered(scope=frozenset({"openid", "files.read"})), authorization_details=wanted)


def test_an_error_without_words_is_sent_by_its_code() -> None:
    """RFC6749-4.1.2.1."""
    sent = dict(error_response(TARGET, HOME, AccessDenied(), f"{HOME}/errors").params)
    assert "error" in sent
    assert "error_description" not in sent
    assert sent["error_uri"] == f"{HOME}/errors#access_denied"
