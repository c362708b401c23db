"""Documents that describe a client at the address that is its identifier. CIMD-3, CIMD-4."""

from datetime import timedelta

import pytest

from keycell.oauth.client_documents import (
    KEPT_AT_LEAST,
    KEPT_AT_MOST,
    KEPT_OTHERWISE,
    is_document_address,
    kept_for,
    read_client_document,
)
from keycell.oauth.errors import RegistrationError

ADDRESS = "https://app.example/client.json"
DOCUMENT = {
    "client_id": ADDRESS, "client_name": "App", "redirect_uris": ["https://app.example/back"],
}  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [ADDRESS, "https://app.example/", "https://app.example:8443/a/b", "https://[2001:db8::1]/c"],
)
def test_an_https_address_with_a_path(address: str) -> None:
    """CIMD-3."""
    assert is_document_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://app.example/c", "https://app.example", "https:///c", "https://app.example/c#f",
        "https://app.example/c?q=1", "https://u:p@app.example/c", "https://u@app.example/c",
        "https://app.example/./c", "https://app.example/a/../c", "https://app.example/a/%2e%2E/c",
        "https://app.example/a/..", "https://app.example/%2e", "HTTPS://app.example/c", "app",
        "https://app.example:0/c", "https://app.example:99999/c", "https://app.example\\c/d",
        "https://[::1/c", "ftp://app.example/c", "",
    ],
)  # fmt: skip
def test_nothing_else_is_an_address(address: str) -> None:
    """CIMD-3: no fragment, user, password or segment of dots; no query by our own choice."""
    assert not is_document_address(address)


def test_a_document_is_read_as_a_registration() -> None:
    """CIMD-4.1: public, unless it proves itself by a key."""
    read = read_client_document(ADDRESS, DOCUMENT)
    assert (read.client_name, read.token_endpoint_auth_method) == ("App", "none")
    by_key = DOCUMENT | {"token_endpoint_auth_method": "private_key_jwt",
                         "jwks_uri": "https://app.example/keys"}  # fmt: skip
    assert read_client_document(ADDRESS, by_key).jwks_uri == "https://app.example/keys"


@pytest.mark.parametrize(
    "document",
    [
        [], None, "text", {},
        {**DOCUMENT, "client_id": "https://app.example/client.json/"},
        {**DOCUMENT, "client_id": "https://APP.example/client.json"},
        {**DOCUMENT, "client_id": [ADDRESS]},
        {**DOCUMENT, "client_secret": "x"}, {**DOCUMENT, "client_secret_expires_at": 0},
        {**DOCUMENT, "token_endpoint_auth_method": "client_secret_basic"},
        {**DOCUMENT, "token_endpoint_auth_method": "client_secret_post"},
        {**DOCUMENT, "token_endpoint_auth_method": "client_secret_jwt"},
        {**DOCUMENT, "token_endpoint_auth_method": ["none"]},
        {**DOCUMENT, "token_endpoint_auth_method": "private_key_jwt"},
        {**DOCUMENT, "redirect_uris": []},
        {**DOCUMENT, "sector_identifier_uri": "https://other.example/sector"},
        {**DOCUMENT, "subject_type": "pairwise",
         "redirect_uris": ["https://app.example/back", "https://other.example/back"]},
        {**DOCUMENT, "redirect_uris": ["javascript:alert(1)"]},
        {**DOCUMENT, "redirect_uris": ["https://app.example/#f"]},
    ],
)  # fmt: skip
def test_what_cannot_be_a_client_is_refused(document: object) -> None:
    """CIMD-4: compared as strings; no secret that everybody could read."""
    with pytest.raises(RegistrationError):
        read_client_document(ADDRESS, document)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", KEPT_OTHERWISE), ("public", KEPT_OTHERWISE), ("max-age=1800", timedelta(minutes=30)),
        ("public, Max-Age=1800", timedelta(minutes=30)), ("max-age=0", KEPT_AT_LEAST),
        ("max-age=999999999", KEPT_AT_MOST), ("no-store", KEPT_AT_LEAST),
        ("no-cache, max-age=3600", KEPT_AT_LEAST), ("max-age=x", KEPT_OTHERWISE),
    ],
)  # fmt: skip
def test_how_long_it_is_good_for(said: str, kept: timedelta) -> None:
    """CIMD-4.4, RFC9111-5.2.2: as its server says, within bounds."""
    assert kept_for(said) == kept
