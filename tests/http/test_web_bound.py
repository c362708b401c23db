"""The tokens of the web frontend's server end are bound to a key that it alone has."""

from dataclasses import replace

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.grants import digest
from keycell.provider.web_sessions import WebTokens, open_tokens, seal_tokens

from ..conftest import Browser
from .test_web import COOKIE, session, sign_in


async def kept(browser: Browser, world: World) -> WebTokens:
    found = await world.web_sessions.find(
        digest(browser.http.cookies[COOKIE]), world.provider.clock()
    )
    assert found is not None
    return open_tokens(world.provider, found)


@pytest.fixture
async def signed_in(browser: Browser, ann: Account) -> Browser:
    await sign_in(browser)
    return browser


async def test_what_is_read_out_of_it_opens_nothing(signed_in: Browser, world: World) -> None:
    """RFC9449-7.1: not as Bearer, and not by another's key."""
    tokens = await kept(signed_in, world)
    assert tokens.key
    assert tokens.key not in repr(tokens)
    for path in ("/a/keycell/spaces", "/io/personal-files", "/dav/personal-files"):
        bare = {"Authorization": f"Bearer {tokens.access_token}"}
        assert (await signed_in.http.get(path, headers=bare)).status_code == 401
    assert (await session(signed_in))["signed_in"] is True


async def test_every_call_of_the_page_is_proven(signed_in: Browser) -> None:
    """Names that are escaped too, and whatever the browser says of proofs is left out."""
    ours = {"X-Requested-With": "keycell", "DPoP": "x"}
    origin = str(signed_in.http.base_url).rstrip("/")
    ours["Origin"] = origin
    for name in ("a.txt", "b%20c.txt", "%C3%A9%2B(1).txt"):
        path = f"/web/io/personal-files/{name}"
        put = await signed_in.http.put(path, content=b"abc", headers=ours)
        assert put.status_code == 200, put.text
        got = await signed_in.http.get(f"{path}?versionId=", headers={"DPoP": "x"})
        assert got.status_code in (200, 400), got.text
        assert (await signed_in.http.get(path)).content == b"abc"


async def test_a_session_of_before_goes_on(signed_in: Browser, world: World) -> None:
    """Its tokens are bound to nothing, and its refresh is sent without a proof."""
    key = digest(signed_in.http.cookies[COOKIE])
    found = await world.web_sessions.find(key, world.provider.clock())
    assert found is not None
    tokens = open_tokens(world.provider, found)
    client = httpx2.BasicAuth("keycell-web", world.provider.sealer.mac("web", b"keycell-web"))
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    refused = await signed_in.http.post("/oidc/oauth2/token", data=form, auth=client)
    # It proves who it is, and still may not go on without any key.
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    unbound = replace(tokens, key="")
    await world.web_sessions.keep(key, found.version, seal_tokens(world.provider, key, unbound))
    assert (await kept(signed_in, world)).key == ""
    assert (await signed_in.http.get("/web/a/keycell/spaces")).status_code == 401


async def test_a_call_is_answered_in_the_language_of_the_page(signed_in: Browser) -> None:
    """UX-Q03: a page's scripts say it; a link or a picture cannot, and has what was chosen."""
    http = signed_in.http
    await http.get("/web/session", params={"lang": "fr"})
    body = {"ShareLink": {"RootNodes": [{"Uuid": "none"}], "Permissions": []}}
    said = {"X-Requested-With": "keycell", "Origin": str(http.base_url).rstrip("/")}
    said["Accept-Language"] = "de"
    told = (await http.put("/web/a/share/link", json=body, headers=said)).json()["Title"]
    assert told.startswith("ein Link muss etwas erlauben")
    page = await http.get("/account/basic", headers={"Accept-Language": "de"})
    assert page.headers["content-language"] == "fr"
