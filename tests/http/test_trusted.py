"""A browser that its person trusts: a password alone, honestly told, and ended in many ways."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account, set_password
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made
from keycell.settings import BadSetting, Settings, check

from ..authenticator import Authenticator
from ..conftest import PASSWORD, Browser, answer, at_another_time
from .factors import (
    FACTORS,
    HERE,
    add_app,
    add_passkey,
    audit,
    fields_of,
    new_browser,
    now,
    post,
    sign_in,
    token_claims,
)

COOKIE = "keycell_trusted"
MFA, BY_PASSWORD = "urn:keycell:acr:mfa", "urn:keycell:acr:password"


@pytest.fixture
def settings(settings_on_sqlite: Settings) -> Settings:
    return replace(settings_on_sqlite, public_url=HERE, trust_browsers=30)


async def trusting(browser: Browser) -> tuple[str, list[str]]:
    """Set up an app, sign in with it, and tick the box; give the cookie, and recovery codes."""
    await sign_in(browser)
    totp, codes = await add_app(browser)
    await forget(browser)
    page = await sign_in(browser)
    assert "for 30 days" in page.text
    done = await browser.submit(page, code=totp.at(now()), trust="yes")
    assert done.status_code == 200, done.text
    return browser.http.cookies[COOKIE], codes


async def forget(browser: Browser) -> None:
    """Sign out here alone."""
    browser.http.cookies.delete("keycell_session")


async def is_asked(browser: Browser, login: str = "ann") -> bool:
    """Tell whether a sign-in with a password leads to the second step; sign out again."""
    page = await browser.log_in(await browser.http.get("/oauth2/login"), login)
    asked = 'name="step"' in page.text
    if not asked:
        await forget(browser)
    return asked


async def test_a_browser_is_trusted_and_what_is_told_is_honest(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-M07; OIDCC-2, RFC8176-1: no second factor was used now, and none is claimed."""
    cookie, _ = await trusting(browser)
    assert (await world.people.trusted.of_account(ann.sub))[0].digest != cookie
    await forget(browser)
    page = await browser.log_in(await browser.authorize(app))
    assert 'id="consent-accept"' in page.text
    page = await browser.submit(page, action="accept")
    claims = token_claims((await browser.exchange(app, answer(page)["code"])).json()["id_token"])
    assert (claims["amr"], claims["acr"]) == (["pwd"], BY_PASSWORD)
    assert {"trust.given", "trust.used"} <= set(await audit(world))
    async with new_browser(world) as http:
        assert await is_asked(Browser(world, http))


async def test_it_is_not_offered_where_nobody_allows_it(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M07: off as it comes, bounded, and ended when it is turned off."""
    await trusting(browser)
    await forget(browser)
    off = replace(world, people=replace(world.people, trust_for=timedelta(0)))
    async with new_browser(off) as http:
        http.cookies = browser.http.cookies
        page = await sign_in(Browser(off, http))
        assert 'name="step"' in page.text
        assert 'name="trust"' not in page.text
    shorter = replace(world, people=replace(world.people, trust_for=timedelta(days=1)))
    async with new_browser(shorter) as http:
        http.cookies = browser.http.cookies
        assert not await is_asked(Browser(shorter, http))
    async with at_another_time(shorter, timedelta(hours=25)) as later:
        later.http.base_url, later.http.cookies = httpx2.URL(HERE), browser.http.cookies
        assert await is_asked(later)
    assert Settings().trust_browsers == 0
    with pytest.raises(BadSetting, match="0 to 90"):
        check(Settings(trust_browsers=91))


async def test_a_box_that_was_not_shown_is_not_heard(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M07: nor does a recovery code, which may be typed anywhere, begin a trust."""
    await sign_in(browser)
    _, codes = await add_app(browser)
    await forget(browser)
    page = await browser.http.get("/oauth2/login")
    page = await browser.log_in(page)
    link = re.search(r'href="([^"]*way=recovery)"', page.text)
    assert link
    page = await browser.http.get("/oauth2/factor" + link[1].replace("&amp;", "&"))
    assert 'name="trust"' not in page.text
    assert (await browser.submit(page, code=codes[0], trust="yes")).status_code == 200
    assert COOKIE not in browser.http.cookies
    assert not await world.people.trusted.of_account(ann.sub)


async def test_who_ticks_nothing_is_asked_the_next_time(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M07."""
    await sign_in(browser)
    totp, _ = await add_app(browser)
    await forget(browser)
    done = await browser.submit(await sign_in(browser), code=totp.at(now()), trust="no")
    assert 'id="factors"' in done.text, done.text
    assert COOKIE not in browser.http.cookies
    assert not await world.people.trusted.of_account(ann.sub)
    await forget(browser)
    assert await is_asked(browser)


async def test_a_passkey_begins_it_too(world: World, browser: Browser, ann: Account) -> None:
    """UX-M07."""
    key = Authenticator(HERE, is_synced=True)
    await sign_in(browser)
    page = await add_passkey(browser, key)
    await browser.submit(page, saved="yes")
    await forget(browser)
    page = await sign_in(browser)
    assert 'name="trust"' in page.text
    fields = fields_of(page)
    options, action = fields.pop("options"), fields.pop("action")
    filled = fields | {"credential": key.get(options), "trust": "yes"}
    await browser.follow(await browser.http.post(action, data=filled))
    await forget(browser)
    assert not await is_asked(browser)


async def test_attack_68_what_wants_more_gets_the_second_factor(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-M06, UX-M07; RFC9470-3, OIDCC-5.5.1.1: never step-up, never a grave act."""
    await trusting(browser)
    essential = json.dumps({"id_token": {"acr": {"essential": True, "values": [MFA]}}})
    for params in ({"acr_values": MFA}, {"claims": essential}):
        await forget(browser)
        page = await browser.log_in(await browser.authorize(app, **params))
        assert 'name="step"' in page.text, params
    # The same browser, signed in by its trust: it may look, and change nothing that is grave.
    await forget(browser)
    home = await sign_in(browser)
    assert 'id="trusted"' in home.text
    assert 'id="confirm"' in (await browser.http.get(FACTORS)).text
    assert 'id="confirm-tokens"' in home.text
    # Who is signed in and asked once more is asked for all they have.
    page = await browser.log_in(await browser.http.get("/oauth2/login?confirm=1"))
    assert 'name="step"' in page.text
    page = await browser.log_in(await browser.authorize(app, prompt="login"))
    assert 'name="step"' in page.text


async def test_a_client_whose_rule_wants_more_is_not_served_less(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-M07, UX-X25."""
    await trusting(browser)
    access = replace(app.client.access, acr=MFA)
    event = replace((await world.audit.page(None, 1))[0][1], action="client.changed")
    assert await world.clients.update(
        app.client.client_id, lambda client: replace(client, access=access), event
    )
    await forget(browser)
    page = await browser.log_in(await browser.authorize(app))
    assert 'name="step"' in page.text


async def test_each_person_of_a_browser_has_a_trust_of_their_own(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M07: it is bound to the person, and a secret of one is none of another's."""
    await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    await trusting(browser)
    await forget(browser)
    await browser.log_in(await browser.http.get("/oauth2/login"), "bob")
    totp, _ = await add_app(browser)
    await forget(browser)
    assert await is_asked(browser, "bob")
    page = await browser.log_in(await browser.http.get("/oauth2/login"), "bob")
    await browser.submit(page, code=totp.at(now()), trust="yes")
    await forget(browser)
    assert not await is_asked(browser, "bob")
    assert not await is_asked(browser, "ann")


async def test_it_is_listed_and_ended(world: World, browser: Browser, ann: Account) -> None:
    """UX-M07, UX-P03: under the devices, one by one."""
    cookie, _ = await trusting(browser)
    home = await browser.http.get("/account/basic")
    found = re.search(r'name="trust_id" value="([^"]+)"', home.text)
    assert found
    assert cookie not in home.text
    missed = await post(browser, "/account/basic/end-trust", home, trust_id="")
    assert 'id="trusted"' in missed.text or missed.status_code == 200
    done = await post(browser, "/account/basic/end-trust", home, trust_id=found[1])
    assert "asks for a second step again" in done.text
    assert 'id="trusted"' not in done.text
    assert "trust.ended" in await audit(world)
    await forget(browser)
    assert await is_asked(browser)


async def test_it_ends_by_its_day_and_by_a_new_password(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M07."""
    await trusting(browser)
    await forget(browser)
    assert not await is_asked(browser)
    for days in (29, 31, -1):
        async with at_another_time(world, timedelta(days=days)) as later:
            later.http.base_url, later.http.cookies = httpx2.URL(HERE), browser.http.cookies
            assert await is_asked(later) is (days != 29), days
    kept = await world.people.accounts.find(ann.sub)
    assert kept is not None
    await set_password(world.people, kept, PASSWORD + "!", "test")
    kept = await world.people.accounts.find(ann.sub)
    assert kept is not None
    await set_password(world.people, kept, PASSWORD, "test")
    assert await is_asked(browser)


async def test_a_strange_cookie_opens_nothing(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M07."""
    await trusting(browser)
    row = (await world.people.trusted.of_account(ann.sub))[0]
    await forget(browser)
    for value in (".", "....", row.digest, row.trust_id, "x" * 4000):
        browser.http.cookies.delete(COOKIE)
        browser.http.cookies.set(COOKIE, value)
        assert await is_asked(browser), value
