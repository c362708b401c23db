"""Who sends their own code to somebody else, guesses, copies or repeats: row 79 once more."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.device import format_user_code, make_user_code
from keycell.settings import Settings
from keycell.stores.database import Statement
from keycell.stores.schema_factors import waiting_browsers

from ..conftest import PASSWORD, Browser
from ..http.another_device import Waiting, allow, begin, find, go_on, hidden
from ..http.factors import HERE, audit, new_browser
from ..opening import opening


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with opening(replace(settings, public_url=HERE)) as opened:
        yield opened


@pytest.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with new_browser(world, "203.0.113.5") as http:
        yield Browser(world, http)


@pytest.fixture
async def phone(world: World) -> AsyncIterator[Browser]:
    async with new_browser(world, "198.51.100.7") as http:
        yield Browser(world, http)


async def waiting(browser: Browser) -> Waiting:
    return await begin(browser, await browser.http.get("/oauth2/login"))


async def test_attack_79_a_code_that_was_sent_is_not_enough(
    world: World, browser: Browser, phone: Browser, ann: Account
) -> None:
    """RFC8628-5.4, attack 79: no number is there to be sent along, and a wrong one ends it."""
    sent = await waiting(browser)
    assert sent.number == ""
    page = await find(phone, sent.code)
    shown = Waiting(await go_on(browser, sent))
    # Where it is asked from, and since when, holds digits of its own.
    asked = re.sub(r"<dl>.*?</dl>|<[^>]+>", "", page.text, flags=re.DOTALL)
    assert shown.number not in asked
    for typed in ("", "x"):
        # Nothing was typed, and that is wrong too.
        assert (await allow(phone, page, typed)).status_code == 400
    assert (await allow(phone, page, shown.number)).status_code == 400
    assert 'id="waiting-error"' in (await go_on(browser, shown)).text
    assert "keycell_session" not in browser.http.cookies
    assert "browser.mistyped" in await audit(world)


async def test_attack_79_no_link_and_no_other_site_allows(
    browser: Browser, phone: Browser, ann: Account
) -> None:
    """RFC8628-5.4: neither a link, nor a form of another site, nor one that is made up."""
    shown = await waiting(browser)
    page = await find(phone, shown.code)
    number = Waiting(await go_on(browser, shown)).number
    await phone.http.get(f"/oauth2/another/allow?action=accept&number={number}")
    fields = hidden(page, 'id="another-accept"') | {"action": "accept", "number": number}
    fields.pop("", None)
    for headers, change in (
        ({"Origin": "https://evil.example"}, {}),
        ({"Sec-Fetch-Site": "cross-site"}, {}),
        ({}, {"csrf": "x"}),
        ({}, {"ticket": "another"}),
    ):
        foreign = await phone.http.post(
            "/oauth2/another/allow", data=fields | change, headers=headers
        )
        assert foreign.status_code == 400
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert (await allow(phone, page, number)).status_code == 200


async def test_attack_79_what_was_allowed_is_for_one_browser(
    world: World, browser: Browser, phone: Browser, ann: Account
) -> None:
    """Neither its address nor its form is good elsewhere, before or after."""
    shown = await waiting(browser)
    address = str(shown.page.url)
    async with new_browser(world, "192.0.2.66") as http:
        thief = Browser(world, http)
        own = await waiting(thief)
        page = await find(phone, shown.code)
        stolen = await http.get(address)
        assert shown.code not in stolen.text
        assert 'id="waiting-error"' in stolen.text
        shown = Waiting(await go_on(browser, shown))
        await allow(phone, page, shown.number)
        sealed = parse_qs(urlsplit(address).query)["wait"][0]
        told = await http.get("/oauth2/another/state", params={"wait": sealed})
        assert told.json() == {"state": "over", "number": ""}
        fields = hidden(own.page, 'id="waiting-continue"')
        form = fields | {"wait": sealed, "action": "continue"}
        refused = await http.post("/oauth2/another", data=form)
        assert refused.status_code == 400
        assert "keycell_session" not in http.cookies
    assert (await go_on(browser, shown)).url.path == "/account/basic"


async def test_attack_79_what_was_allowed_is_good_once(
    browser: Browser, phone: Browser, ann: Account
) -> None:
    """Who goes back and sends the form again gets no second session."""
    shown = await waiting(browser)
    page = await find(phone, shown.code)
    shown = Waiting(await go_on(browser, shown))
    await allow(phone, page, shown.number)
    assert (await go_on(browser, shown)).url.path == "/account/basic"
    browser.http.cookies.delete("keycell_session")
    assert 'id="waiting-error"' in (await go_on(browser, shown)).text
    assert "keycell_session" not in browser.http.cookies


async def test_attack_79_another_site_neither_begins_nor_goes_on(
    browser: Browser, ann: Account
) -> None:
    """A visit begins nothing, and a form of another site does not either."""
    page = await browser.http.get("/oauth2/another")
    assert page.headers["location"].startswith("/oauth2/login")
    shown = await waiting(browser)
    for fields in (
        {"action": "begin"},
        {"action": "continue"},
        hidden(shown.page, 'id="waiting-continue"') | {"csrf": "x", "action": "begin"},
    ):
        assert (await browser.http.post("/oauth2/another", data=fields)).status_code == 400


async def test_attack_79_who_finds_it_decides_alone(
    world: World, browser: Browser, phone: Browser, ann: Account
) -> None:
    """Somebody who reads the code over a shoulder is too late, and does not sign others in."""
    await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    shown = await waiting(browser)
    page = await find(phone, shown.code)
    async with new_browser(world, "192.0.2.66") as http:
        bob = Browser(world, http)
        late = await find(bob, shown.code, "bob")
        assert 'id="device-error"' in late.text
        number = Waiting(await go_on(browser, shown)).number
        fields = hidden(page, 'id="another-accept"') | {"action": "accept", "number": number}
        assert (await http.post("/oauth2/another/allow", data=fields)).status_code == 400
        allowing = await bob.follow(await http.get("/oauth2/another/allow"))
        assert allowing.status_code == 400
    # In the same browser, too, once somebody else has signed in there.
    other = await phone.http.get("/oauth2/login?other=")
    await phone.log_in(other, "bob")
    assert (await allow(phone, page, number)).status_code == 400
    assert 'id="waiting-code"' not in (await go_on(browser, shown)).text
    assert "keycell_session" not in browser.http.cookies


async def test_attack_79_codes_of_browsers_are_guessed_at_no_more_than_those_of_devices(
    browser: Browser, phone: Browser, ann: Account
) -> None:
    """RFC8628-5.1: in one count; and nobody guesses who is not signed in."""
    shown = await waiting(browser)
    nobody = await phone.http.post("/oauth2/device", data={"user_code": shown.code})
    assert nobody.status_code == 400
    for number in range(5):
        wrong = await find(phone, format_user_code(make_user_code(str(number))))
        assert wrong.status_code == 400
    page = await phone.http.get("/oauth2/device")
    assert (await phone.submit(page, user_code=shown.code, action="find")).status_code == 429


async def test_attack_79_the_table_holds_no_code(world: World, browser: Browser) -> None:
    """A stolen table lets nobody find one or go on: a code under a key, a browser by digest."""
    shown = await waiting(browser)
    (row,) = await world.database.read(Statement(select(waiting_browsers)))
    kept = " ".join(str(value) for value in row)
    assert shown.code.replace("-", "") not in kept
    assert browser.http.cookies["keycell_browser"] not in kept
