"""Clients, and where they may be answered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.clients import (
    Client,
    ClientMetadata,
    Trial,
    form_action_source,
    matches,
    redirect_difference,
    resolve_redirect,
)
from keycell.oauth.errors import InvalidRedirectUri, UntrustedRedirect
from keycell.oauth.redirect_uris import check_redirect_uris

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URIS = st.text("htps:/.[]1270?#@a-%", max_size=30)


def client(*uris: str, method: str = "client_secret_basic", disabled: bool = False) -> Client:
    metadata = ClientMetadata(redirect_uris=uris, token_endpoint_auth_method=method)
    return Client(
        client_id="app", metadata=metadata, came_by="cli", created_at=NOW, disabled=disabled
    )


def test_a_public_client_cannot_prove_who_it_is() -> None:
    """RFC6749-2, RFC6749-2.1."""
    assert client(method="none").is_public
    assert not client().is_public


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb/", "https://app.example/cb?x=1", "https://app.example/cb#",
        "https://app.example:443/cb", "https://APP.example/cb", "http://app.example/cb",
        "https://app.example/cb%2f", "https://app.example/./cb", "https://app.example/c",
        "https://app.example@evil.example/cb", "https://app.example.evil.example/cb", " ", "",
    ],
)  # fmt: skip
def test_what_differs_in_one_byte_is_another_place(uri: str) -> None:
    """RFC9700-2.1, RFC6749-3.1.2.3."""
    with pytest.raises(UntrustedRedirect):
        resolve_redirect(client("https://app.example/cb"), uri, "query", None, NOW)


@given(URIS, URIS)
def test_only_a_loopback_port_is_free(uri: str, registered: str) -> None:
    """RFC9700-2.1, RFC8252-7.3."""
    if matches(uri, registered) and uri != registered:
        assert registered.startswith(("http://127.0.0.1", "http://[::1]"))
        assert uri.startswith(("http://127.0.0.1", "http://[::1]"))


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("http://127.0.0.1:1/cb", True), ("http://127.0.0.1/cb", True),
        ("http://127.0.0.1:65535/cb", True), ("http://127.0.0.1:65536/cb", False),
        ("http://127.0.0.1:1/other", False), ("http://127.0.0.1:1@evil.example/cb", False),
        ("http://127.0.0.1:/cb", False), ("http://127.0.0.1.evil.example/cb", False),
        ("http://localhost:1/cb", False), ("https://127.0.0.1:1/cb", False),
        ("http://127.0.0.1:٣/cb", False),
    ],
)  # fmt: skip
def test_a_native_app_chooses_its_port(uri: str, fits: bool) -> None:  # noqa: FBT001
    """RFC8252-7.3."""
    assert matches(uri, "http://127.0.0.1:3000/cb") is fits


def test_one_registered_place_need_not_be_named() -> None:
    """RFC6749-3.1.2.3."""
    target = resolve_redirect(client("https://a.example/cb"), None, "query", "s", NOW)
    assert (target.redirect_uri, target.state) == ("https://a.example/cb", "s")
    for other in (client("https://a.example/cb", "https://b.example/cb"), client()):
        with pytest.raises(UntrustedRedirect):
            resolve_redirect(other, None, "query", None, NOW)


def test_where_it_is_tried_it_is_answered_until_a_moment() -> None:
    """RFC9700-2.1: byte for byte, beside the registered places; and the one need not be named."""
    tried = Trial("http://127.0.0.1:80/admin/tried", NOW + timedelta(minutes=15))
    app = replace(client("https://a.example/cb"), trial=tried)
    target = resolve_redirect(app, tried.redirect_uri, "query", "s", NOW)
    assert (target.redirect_uri, target.state) == (tried.redirect_uri, "s")
    assert resolve_redirect(app, None, "query", "s", NOW).redirect_uri == "https://a.example/cb"
    for uri, at in (
        (tried.redirect_uri, tried.until), ("http://127.0.0.1:81/admin/tried", NOW),
    ):  # fmt: skip
        with pytest.raises(UntrustedRedirect):
            resolve_redirect(app, uri, "query", "s", at)


@pytest.mark.parametrize(
    ("received", "part"),
    [
        ("https://app.example/cb/", "trailing slash"), ("http://app.example/cb", "scheme"),
        ("https://app.example:444/cb", "port"), ("https://apq.example/cb", "host"),
        ("https://app.example/cd", "path"), ("https://app.example/cb?x", "query"),
        ("https://app.example/cb#x", "fragment"), ("https://[app.example/cb", "form"),
    ],
)  # fmt: skip
def test_the_difference_is_named(received: str, part: str) -> None:
    registered = ("https://other.example/", "https://app.example/cb")
    found = redirect_difference(received, registered)
    assert found is not None
    assert (found.nearest, found.part) == (registered[1], part)
    assert received[: found.index] == found.nearest[: found.index]


def test_the_port_of_a_native_app_is_no_difference() -> None:
    """RFC8252-7.3."""
    found = redirect_difference("http://127.0.0.1:9999/x", ("http://127.0.0.1/callback",))
    assert found is not None
    assert (found.nearest, found.part) == ("http://127.0.0.1:9999/callback", "path")
    assert found.received[found.index :] == "x"


def test_nothing_near_is_not_shown() -> None:
    assert redirect_difference("x", ("https://app.example/cb",)) is None


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("https://a.example:8/cb", "https://a.example:8"), ("com.app:/cb", "com.app:"),
    ],
)  # fmt: skip
def test_a_form_may_end_at_the_client(uri: str, source: str) -> None:
    assert form_action_source(uri) == source


@pytest.mark.parametrize(
    "uri",
    [
        "", "x" * 2001, "https://a.example/ cb", "https://a.example/\\cb", "https://a.example/#x",
        "/cb", "HTTPS://a.example/cb", "javascript:alert(1)", "data:text/html,x", "ws://a.example",
        "com.app:/cb", "http://a.example/cb", "https://", "https://u:p@a.example/cb",
        "https://a.example/cb?code=1", "https://a.example/cb?state=1", "https://a.exa\u200bmple/",
        "https://*.example/cb", "https://[a.example/cb",
    ],
)  # fmt: skip
def test_what_may_not_be_registered(uri: str) -> None:
    """RFC7591-2, RFC9700-2.1."""
    with pytest.raises(InvalidRedirectUri):
        check_redirect_uris([uri], is_public=False)


@pytest.mark.parametrize(
    ("uri", "is_public"),
    [
        ("https://a.example/cb?x=1", False), ("http://localhost:3000/cb", False),
        ("http://127.0.0.1/cb", True), ("http://[::1]:1/cb", True), ("com.app:/cb", True),
    ],
)  # fmt: skip
def test_what_may_be_registered(uri: str, is_public: bool) -> None:  # noqa: FBT001
    """RFC7591-2, RFC8252-7.3."""
    assert check_redirect_uris([uri, uri], is_public=is_public) == (uri,)


def test_there_is_a_most_of_them() -> None:
    with pytest.raises(InvalidRedirectUri, match="at most 100"):
        check_redirect_uris([f"https://a.example/{n}" for n in range(101)], is_public=False)
