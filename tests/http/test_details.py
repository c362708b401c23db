"""What a token opens at our own resource server, and how that is asked for."""

import json
import re

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http.bearer import access_of, opened
from keycell.oauth.details import READING, FilesDetail
from keycell.oauth.errors import InsufficientScope, InvalidToken
from keycell.provider.register import Made

from ..conftest import BASE, Browser, add_client
from .tokens import edge_of, sign_in


async def test_a_token_for_another_resource_opens_nothing_here(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8707-2, RFC9068-4."""
    other = "https://api.example/"
    made = await add_client(world, audience=[other])
    edge = edge_of(world)
    code = await browser.code(made, scope="files.read", resource=other)
    foreign = (await browser.exchange(made, code)).json()["access_token"]
    with pytest.raises(InvalidToken):
        await access_of(edge, foreign, "a")
    code = await browser.code(made, scope="files.read", resource=f"{BASE}/dav")
    narrow = (await browser.exchange(made, code)).json()["access_token"]
    assert (await access_of(edge, narrow, "dav")).scope == {"files.read"}
    for wire in ("a", "io", ""):
        with pytest.raises(InvalidToken):
            await access_of(edge, narrow, wire)


async def test_the_scope_pydio_opens_no_files(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """decisions/0016."""
    edge = edge_of(world)
    tokens = await browser.tokens(app, "openid profile pydio")
    with pytest.raises(InsufficientScope, match=r"files\.read"):
        await opened(edge, await access_of(edge, tokens["access_token"]))


async def test_places_are_asked_for_allowed_narrowed_and_never_widened(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC9396-3, RFC9396-6, RFC9396-6.1, RFC9396-7, RFC9396-9.1, RFC9396-9.2."""
    asked = [
        {"type": "files", "actions": ["read"], "node": "n1"},
        {"type": "files", "actions": ["read", "write"], "space": "team"},
    ]
    text = json.dumps(asked)
    page = await browser.log_in(await browser.authorize(app, authorization_details=text))
    assert "read, change and delete your files in team" in page.text
    assert "read one file or folder: n1" in page.text
    code = await browser.code(app, authorization_details=text, scope="openid offline_access")
    less = json.dumps(asked[:1])
    first = (await browser.exchange(app, code, authorization_details=less)).json()
    assert first["authorization_details"] == asked[:1]
    edge = edge_of(world)
    access = await access_of(edge, first["access_token"])
    assert await opened(edge, access) == (FilesDetail(READING, None, "n1"),)
    again = (await browser.refresh(app, first["refresh_token"])).json()
    assert again["authorization_details"] == asked
    told = await browser.http.post(
        "/oidc/oauth2/introspect",
        data={"token": again["access_token"]},
        auth=(app.client.client_id, app.secret or ""),
    )
    assert told.json()["authorization_details"] == asked
    more = json.dumps([{"type": "files", "actions": ["write"], "node": "n1"}])
    silent = await browser.authorize(app, prompt="none", authorization_details=less)
    assert "code=" in silent.headers["location"]
    anew = await browser.authorize(app, prompt="none", authorization_details=more)
    assert "consent_required" in anew.headers["location"]
    wider = await browser.refresh(app, again["refresh_token"], authorization_details=more)
    assert wider.json()["error"] == "invalid_authorization_details"


async def test_a_type_we_do_not_know_is_refused(browser: Browser, app: Made, ann: Account) -> None:
    """RFC9396-5."""
    unknown = await browser.authorize(app, authorization_details='[{"type":"payment"}]')
    assert "invalid_authorization_details" in unknown.headers["location"]


async def test_details_go_no_further_than_what_was_registered(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC9396-5, RFC9396-10."""
    text = json.dumps([{"type": "files", "actions": ["write"]}])
    limited = await add_client(world, scope="openid files.read")
    refused = await browser.authorize(limited, authorization_details=text)
    assert "invalid_authorization_details" in refused.headers["location"]
    may = await add_client(world, scope="openid", authorization_details_types=["files"])
    page = await browser.authorize(may, authorization_details=text)
    assert 'id="login-submit"' in page.text
    wrong = await browser.http.post(
        "/oidc/register",
        json={"redirect_uris": ["https://app.example/cb"], "authorization_details_types": ["x"]},
    )
    assert wrong.json()["error"] == "invalid_client_metadata"


async def test_a_client_of_ours_that_asks_for_less_gets_less(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC9396-3."""
    edge = edge_of(world)
    access = await access_of(edge, await sign_in(browser.http, "ann"))
    narrow = access._replace(details=(FilesDetail(READING, "team"),))
    assert await opened(edge, narrow) == (FilesDetail(READING, "team"),)


@pytest.mark.parametrize("called", ["/a/tree/stat/personal-files", "/io?list-type=2", "/dav/"])
@pytest.mark.parametrize("token", ["", "nonsense"])
async def test_a_refusal_names_the_resource_that_was_asked(
    browser: Browser, called: str, token: str
) -> None:
    """RFC9728-3.3, RFC9728-5.1, RFC9449-7.2: and both ways to send a token, where none came."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    refused = await browser.http.get(called, headers=headers)
    assert refused.status_code == 401
    told = ", ".join(refused.headers.get_list("www-authenticate"))
    document = re.search(r'resource_metadata="([^"]+)"', told)
    assert document
    resource = (await browser.http.get(document[1])).json()["resource"]
    assert resource == BASE + "/" + re.split(r"[/?]", called)[1]
    assert ('DPoP algs="ES256 ' in told) == (token == "")


async def test_the_resource_tells_of_itself(browser: Browser) -> None:
    """RFC9728-2, RFC9728-3, RFC9728-5.1."""
    path = "/.well-known/oauth-protected-resource"
    told = (await browser.http.get(path)).json()
    assert told["resource"] == BASE
    assert told["authorization_servers"] == [f"{BASE}/oidc"]
    assert told["bearer_methods_supported"] == ["header"]
    assert told["authorization_details_types_supported"] == ["files"]
    assert {"files.read", "files.write"} <= set(told["scopes_supported"])
    for wire in ("a", "io", "dav"):
        assert (await browser.http.get(f"{path}/{wire}")).json()["resource"] == f"{BASE}/{wire}"
    refused = await browser.http.post("/a/auth/tokens", json={})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == (
        f'Bearer realm="keycell", resource_metadata="{BASE}{path}/a", '
        'DPoP algs="ES256 PS256 EdDSA"'
    )
    metadata = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert metadata["authorization_details_types_supported"] == ["files"]
