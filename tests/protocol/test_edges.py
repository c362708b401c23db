"""What the specifications say beside PROTOCOL.md: defaults, scripts of other sites, headers."""

from typing import Any

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.token import DEVICE_CODE
from keycell.provider.notifying import notify
from keycell.provider.register import Made

from ..conftest import BASE, Browser, add_client, answer
from ..holder import Holder
from ..http.factors import add_app, now
from .test_backchannel import SCOPE, application, asked, cashier, decide, told_to
from .test_requests import ASKED
from .test_response_types import add_front, told
from .test_telling import OPEN, Application
from .test_userinfo import introspect

__all__ = ["application"]

MFA, PASSWORD_ALONE = "urn:keycell:acr:mfa", "urn:keycell:acr:password"
SITE = {"Origin": "https://elsewhere.example"}


async def test_a_client_may_say_once_how_strong_sign_ins_are_to_be(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """OIDCR-2: default_acr_values, unless the request says otherwise."""
    made = await add_client(world, default_acr_values=[MFA])
    await browser.code(made)
    totp, _ = await add_app(browser)
    assert "code" in answer(await browser.authorize(made, acr_values=PASSWORD_ALONE))
    page = await browser.authorize(made)
    assert "Confirm it is you" in page.text
    page = await browser.submit(await browser.log_in(page), code=totp.at(now()))
    tokens = (await browser.exchange(made, answer(page)["code"])).json()
    claims = world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    assert claims["acr"] == MFA


async def test_every_access_token_says_how_its_person_signed_in(
    browser: Browser, world: World, ann: Account, application: Application
) -> None:
    """RFC9470-6.1, RFC9068-2.2.1: one from the front and one that is pushed, too."""
    front = await add_front(world, "code token")
    found = await told(browser, front, "code token")
    tokens = (await browser.exchange(front, found["code"])).json()
    pushing = await cashier(
        world, "push", backchannel_client_notification_endpoint=application.uri
    )
    await asked(browser, pushing, client_notification_token="n0tify")
    await decide(browser)
    assert await notify(world.provider, OPEN) == 1
    ((_, pushed),) = await told_to(application)
    id_token = world.keyring.verify(tokens["id_token"], "JWT")
    assert id_token is not None
    for one in (found, tokens, pushed):
        claims = world.keyring.verify(one["access_token"], "at+jwt")
        assert claims is not None
        assert (claims["auth_time"], claims["acr"]) == (id_token["auth_time"], PASSWORD_ALONE)


def exposed(response: httpx2.Response) -> set[str]:
    """Give which headers of an answer a script of another site may read. Fetch-3.3.5."""
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers
    return set(response.headers["access-control-expose-headers"].lower().split(", "))


async def test_a_script_reads_the_nonce_that_it_is_given(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC9449-8: at the token endpoint and at UserInfo, or no script could go on."""
    holder = Holder()
    token_url, userinfo_url = f"{BASE}/oidc/oauth2/token", f"{BASE}/oidc/userinfo"
    sent = {"DPoP": holder.proof(token_url, iat=1), **SITE}
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    basic: Any = (app.client.client_id, app.secret)
    refused = await browser.http.post(token_url, data=form, headers=sent, auth=basic)
    assert refused.json()["error"] == "use_dpop_nonce"
    assert refused.headers["dpop-nonce"]
    assert "dpop-nonce" in exposed(refused)
    proof = holder.proof(userinfo_url, "GET", "x", iat=1)
    for given in ({"DPoP": proof, "Authorization": "DPoP x"}, {"Authorization": "Bearer x"}, {}):
        refused = await browser.http.get(userinfo_url, headers={**given, **SITE})
        assert refused.status_code == 401
        assert {"www-authenticate", "dpop-nonce"} <= exposed(refused)


@pytest.mark.parametrize("path", ["/oidc/oauth2/token", "/oidc/oauth2/revoke", "/oidc/userinfo"])
async def test_a_script_reads_why_it_is_refused(browser: Browser, path: str) -> None:
    """RFC6749-5.2, decisions/0019: what is wrong with the method or the body, too."""
    asked = {**SITE, "Access-Control-Request-Method": "POST"}
    preflight = await browser.http.options(path, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    deleted = await browser.http.delete(path, headers=SITE)
    assert deleted.status_code == 405
    assert exposed(deleted)
    unread = await browser.http.post(path, content=b"{}", headers={**SITE, "Content-Type": "x/y"})
    assert unread.status_code in (401, 415)
    assert exposed(unread)


async def test_a_script_pushes_where_its_client_registered_its_origin(
    browser: Browser, world: World
) -> None:
    """RFC9126-2, RFC8628-3.1, decisions/0085: of no other origin, and for no other client."""
    named = {
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", DEVICE_CODE],
    }
    ours = await add_client(world, **named, allowed_cors_origins=[SITE["Origin"]])
    other = await add_client(world, **named)
    for path, form, good in (("par", ASKED, 201), ("device", {"scope": "openid"}, 200)):
        url = f"/oidc/oauth2/{path}"
        preflight = await browser.http.options(
            url, headers={**SITE, "Access-Control-Request-Headers": "dpop"}
        )
        assert "DPoP" in preflight.headers["access-control-allow-headers"]
        for wanted, status in ((form, good), (form | {"code_challenge_method": "plain"}, 400)):
            sent = {"client_id": ours.client.client_id, **wanted}
            told = await browser.http.post(url, data=sent, headers=SITE)
            assert (told.status_code, told.headers["vary"]) == (status, "Origin")
            assert told.headers["access-control-allow-origin"] == SITE["Origin"]
            assert "dpop-nonce" in told.headers["access-control-expose-headers"].lower()
            assert "access-control-allow-credentials" not in told.headers
        for made, origin in (
            (other, SITE["Origin"]), (ours, f"{SITE['Origin']}.evil.example"), (ours, "null"),
            (ours, SITE["Origin"].replace("https", "http")), (ours, ""),
        ):  # fmt: skip
            sent = {"client_id": made.client.client_id, **form}
            told = await browser.http.post(url, data=sent, headers={"Origin": origin})
            assert "access-control-allow-origin" not in told.headers, origin


@pytest.mark.parametrize(
    "path", ["/oidc/oauth2/introspect", "/oidc/register", "/oidc/oauth2/bc-authorize"]
)
async def test_what_is_for_servers_no_script_reads(browser: Browser, path: str) -> None:
    """decisions/0019."""
    for method in ("POST", "OPTIONS", "DELETE"):
        response = await browser.http.request(method, path, headers=SITE)
        assert "access-control-allow-origin" not in response.headers


async def test_names_of_types_are_written_in_any_letters(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC9110-8.3.1: of what is sent and of what is wanted."""
    token = (await browser.tokens(app, SCOPE))["access_token"]
    kind = "Application/Token-Introspection+JWT"
    signed = await introspect(browser, app, token, Accept=f"{kind}, application/json;q=0.5")
    assert signed.headers["content-type"] == kind.lower()
    response = await browser.http.post(
        "/oidc/oauth2/introspect", content=f"token={token}".encode(),
        auth=(app.client.client_id, str(app.secret)),
        headers={"Content-Type": "Application/X-WWW-Form-URLencoded; charset=UTF-8"},
    )  # fmt: skip
    assert response.json()["active"] is True
