"""Authorization responses as signed JWTs. JARM, PROTOCOL A11 and the Message Signing extras."""

import json
import re
import time
from base64 import urlsafe_b64decode
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ..conftest import BASE, CALLBACK, Browser, add_client
from .test_response_types import FROM_THE_FRONT, add_front, ask, claims_of, told


def opened(world: World, made: Made, page: httpx2.Response, where: str) -> dict[str, object]:
    """Open the one parameter that comes back, and hold it to what JARM says of it."""
    if where == "form":
        fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', page.text)
    else:
        parts = urlsplit(page.headers["location"])
        assert not (parts.fragment if where == "query" else parts.query)
        fields = parse_qsl(parts.query or parts.fragment)
    assert [name for name, _ in fields] == ["response"]
    claims = claims_of(world, fields[0][1])
    assert (claims["iss"], claims["aud"]) == (f"{BASE}/oidc", made.client.client_id)
    assert 0 < claims["exp"] - time.time() <= 600
    return claims


@pytest.mark.parametrize(
    ("mode", "where"),
    [("jwt", "query"), ("query.jwt", "query"), ("fragment.jwt", "fragment"),
     ("form_post.jwt", "form")],
)  # fmt: skip
async def test_a_code_and_an_error_come_signed(
    browser: Browser, world: World, app: Made, ann: Account, mode: str, where: str
) -> None:
    """JARM-2.1, JARM-2.2, JARM-2.3: nothing stands beside it."""
    await browser.code(app)
    claims = opened(world, app, await browser.authorize(app, response_mode=mode), where)
    assert claims["state"] == "state-1234"
    assert (await browser.exchange(app, str(claims["code"]))).status_code == 200
    refused = await browser.authorize(app, response_mode=mode, prompt="none", max_age="0")
    assert opened(world, app, refused, where)["error"] == "login_required"


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
async def test_it_is_signed_as_registered(
    browser: Browser, world: World, ann: Account, alg: str
) -> None:
    """JARM-3; the person's no comes so too."""
    made = await add_client(world, authorization_signed_response_alg=alg)
    page = await browser.log_in(await browser.authorize(made, response_mode="jwt"))
    done = await browser.submit(page, action="deny")
    assert opened(world, made, done, "query")["error"] == "access_denied"
    head = dict(parse_qsl(urlsplit(done.headers["location"]).query))["response"].split(".")[0]
    assert json.loads(urlsafe_b64decode(head + "=="))["alg"] == alg


@pytest.mark.parametrize("kind", FROM_THE_FRONT)
async def test_tokens_never_come_in_a_query_signed_or_not(
    browser: Browser, world: World, ann: Account, kind: str
) -> None:
    """JARM-2.3.1, JARM-2.3.4: jwt means the fragment where tokens come by the browser."""
    made = await add_front(world, kind)
    await told(browser, made, kind)
    claims = opened(world, made, await ask(browser, made, kind, response_mode="jwt"), "fragment")
    names = {"token": "access_token"}
    assert {names.get(one, one) for one in kind.split()} <= set(claims)
    refused = await ask(browser, made, kind, response_mode="query.jwt")
    assert opened(world, made, refused, "fragment")["error"] == "invalid_request"


async def test_attack_8_a_signed_form_holds_no_script(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """JARM-2.3.3, attack 8: what was mended for form_post holds for form_post.jwt."""
    await browser.code(app)
    state = '"><script>alert(1)</script>'
    page = await browser.authorize(app, response_mode="form_post.jwt", state=state)
    assert "<script>alert" not in page.text
    assert f'action="{CALLBACK}"' in page.text
    assert "form-action 'self' https://app.example;" in page.headers["content-security-policy"]
    assert opened(world, app, page, "form")["state"] == state
    for uri in ("javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)"):
        refused = await browser.authorize(app, response_mode="form_post.jwt", redirect_uri=uri)
        assert refused.status_code == 400


async def test_an_answer_is_no_hint(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """RFC8725-3.11: it is a JWT of ours, and no ID token."""
    await browser.code(app)
    page = await browser.authorize(app, response_mode="jwt")
    signed = dict(parse_qsl(urlsplit(page.headers["location"]).query))["response"]
    again = await browser.authorize(app, id_token_hint=signed)
    assert "error=invalid_request" in again.headers["location"]
