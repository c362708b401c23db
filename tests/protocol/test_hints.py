"""Who is expected, and how lately they signed in: what a silent or a hinted request is told."""

import json
from datetime import timedelta

import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ..conftest import BASE, PASSWORD, Browser, add_client, answer, at_another_time


@pytest.fixture
async def bob(world: World) -> Account:
    wanted = NewAccount(login="bob", password=PASSWORD, email="bob@example.org", name="Bob")
    return await add_account(world.people, wanted, "test")


async def hint_of(browser: Browser, made: Made) -> str:
    return (await browser.tokens(made, "openid"))["id_token"]


async def test_a_hint_counts_after_it_expired(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """OIDCC-3.1.2.1: the person signed in long ago may be who sits there."""
    hint = await hint_of(browser, app)
    async with at_another_time(world, timedelta(hours=2)) as later:
        for cookie in browser.http.cookies.jar:
            later.http.cookies.jar.set_cookie(cookie)
        assert "code" in answer(await later.authorize(app, prompt="none", id_token_hint=hint))


async def test_whoever_is_named_is_asked_for_and_nobody_else_will_do(
    browser: Browser, app: Made, ann: Account, bob: Account
) -> None:
    """OIDCC-3.1.2.1, OIDCC-5.5.1: by a hint or by the claim sub; nobody else will do."""
    hint = await hint_of(browser, app)
    other = await browser.authorize(app, prompt="login")
    page = await browser.log_in(other, "bob")
    assert 'id="consent-accept"' in page.text
    assert "code" in answer(await browser.submit(page, action="accept"))
    sub = json.dumps({"id_token": {"sub": {"value": ann.sub}}})
    for named in ({"id_token_hint": hint}, {"claims": sub}):
        silent = answer(await browser.authorize(app, prompt="none", **named))
        assert silent["error"] == "login_required", named
        asked = await browser.authorize(app, **named)
        assert 'id="login-submit"' in asked.text, named
        wrong = answer(await browser.log_in(asked, "bob"))
        assert wrong["error"] == "login_required", named
    right = await browser.authorize(app, id_token_hint=hint)
    assert "code" in answer(await browser.log_in(right, "ann"))


async def test_a_silent_request_is_told_what_is_missing(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """OIDCC-3.1.2.6, OIDCC-3.1.2.1: each thing by its own name, and nothing is shown."""
    mfa = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:keycell:acr:mfa"]}}})
    await browser.code(app)
    other = await add_client(world)
    for made, missing, error in (
        (app, {"max_age": "0"}, "login_required"),
        (app, {"scope": "openid email"}, "consent_required"),
        (app, {"claims": '{"userinfo": {"email": null}}'}, "consent_required"),
        (app, {"claims": mfa}, "unmet_authentication_requirements"),
        (app, {"id_token_hint": "x"}, "invalid_request"),
        (app, {"prompt": "none consent"}, "invalid_request"),
        (app, {"prompt": "none select_account"}, "invalid_request"),
        (other, {}, "consent_required"),
    ):
        told = answer(await browser.authorize(made, **{"prompt": "none"} | missing))
        assert told["error"] == error, missing
        assert (told["state"], told["iss"]) == ("state-1234", f"{BASE}/oidc")
    assert "code" in answer(await browser.authorize(app, prompt="none", max_age="600"))


async def test_a_narrower_refresh_narrows_that_answer_alone(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """RFC6749-6, OIDCC-12.2: without openid there is no ID token, and the next time there is."""
    tokens = await browser.tokens(app, "openid email offline_access")
    narrow = (await browser.refresh(app, tokens["refresh_token"], scope="email")).json()
    assert "id_token" not in narrow
    assert (await browser.userinfo(narrow["access_token"])).status_code == 403
    whole = (await browser.refresh(app, narrow["refresh_token"])).json()
    claims = world.keyring.verify(whole["id_token"], "JWT")
    assert claims is not None
    assert claims["sub"] == ann.sub
    assert whole["scope"] == "email offline_access openid"


async def test_head_is_get_without_a_body(browser: Browser, app: Made, ann: Account) -> None:
    """RFC9110-9.3.2: of documents, and of UserInfo."""
    token = (await browser.tokens(app))["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    for path in ("/oidc/.well-known/openid-configuration", "/oidc/.well-known/jwks.json",
                 "/.well-known/oauth-protected-resource", "/oidc/userinfo"):  # fmt: skip
        got = await browser.http.get(path, headers=bearer)
        head = await browser.http.head(path, headers=bearer)
        assert head.status_code == got.status_code == 200
        for name in ("content-type", "cache-control", "content-length"):
            assert head.headers[name] == got.headers[name], path
