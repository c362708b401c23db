"""A person asked from the back shows as much as the client wishes for. CIBA-7.1, RFC9470-4."""

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.access_rules import AccessRule
from keycell.oauth.claims import ACR_MFA, ACR_PASSWORD
from keycell.provider.register import Made

from ..conftest import Browser
from ..http.factors import add_app, now, sign_in
from .test_access_rules import rule
from .test_backchannel import ACCEPT, asked, cashier, decide, error_of, fetch


@pytest.fixture
async def made(world: World) -> Made:
    return await cashier(world)


async def told_acr(browser: Browser, made: Made, auth_req_id: str) -> object:
    tokens = (await fetch(browser, made, auth_req_id)).json()
    claims = browser.world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    return claims["acr"]


async def test_a_second_factor_is_asked_for_before_a_yes(
    browser: Browser, made: Made, ann: Account
) -> None:
    """CIBA-7.1: and nothing is decided until it was shown."""
    await sign_in(browser)
    totp, _ = await add_app(browser)
    auth_req_id = await asked(browser, made, acr_values=ACR_MFA)
    page = await decide(browser)
    assert 'id="login-submit"' in page.text
    assert await error_of(browser, made, auth_req_id) == "authorization_pending"
    page = await browser.submit(await browser.log_in(page), code=totp.at(now()))
    assert ACCEPT in page.text
    assert "Allowed" in (await browser.submit(page, action="accept")).text
    assert await told_acr(browser, made, auth_req_id) == ACR_MFA


async def test_who_has_no_second_factor_is_not_stopped(
    browser: Browser, made: Made, ann: Account
) -> None:
    """CIBA-7.1: it is a wish, and the client is told what was reached."""
    auth_req_id = await asked(browser, made, acr_values=ACR_MFA)
    assert "Allowed" in (await decide(browser)).text
    assert await told_acr(browser, made, auth_req_id) == ACR_PASSWORD


async def test_a_no_wants_no_second_factor(browser: Browser, made: Made, ann: Account) -> None:
    await sign_in(browser)
    await add_app(browser)
    auth_req_id = await asked(browser, made, acr_values=ACR_MFA)
    await decide(browser, "deny")
    assert await error_of(browser, made, auth_req_id) == "access_denied"


async def test_the_rule_of_a_client_asks_for_it_too(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """CIBA-13: who has none is told so, and who has one signs in with it."""
    await rule(world, made, AccessRule(acr=ACR_MFA))
    await asked(browser, made)
    refused = await decide(browser)
    assert refused.status_code == 403
    assert "second factor" in refused.text
    await add_app(browser)
    page = await decide(browser)
    assert 'id="login-submit"' in page.text
