"""Signing in with another device: shown, found, allowed, gone on with. UX-L13, UX-C08."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from gzip import compress

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made
from keycell.settings import BadSetting, Settings, check

from ..conftest import Browser, answer, at_another_time
from ..opening import opening
from .another_device import Waiting, allow, begin, find, go_on, signed_in
from .factors import HERE, add_app, audit, new_browser, now, sign_in, token_claims

PASSWORD_ACR, MFA = "urn:keycell:acr:password", "urn:keycell:acr:mfa"
WEBVIEW = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 Chrome/140 Safari/537.36"
)


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with opening(replace(settings, public_url=HERE)) as opened:
        yield opened


@pytest.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with new_browser(world) as http:
        yield Browser(world, http)


@pytest.fixture
async def phone(world: World) -> AsyncIterator[Browser]:
    """In another network."""
    async with new_browser(world, "198.51.100.7") as http:
        yield Browser(world, http)


async def state(browser: Browser, waiting: Waiting) -> dict[str, str]:
    """Ask as the page's script does."""
    query = {"wait": httpx2.URL(str(waiting.page.url)).params["wait"]}
    response = await browser.http.get("/oauth2/another/state", params=query)
    assert response.headers["cache-control"] == "no-store"
    found: dict[str, str] = response.json()
    return found


async def test_a_browser_goes_on_with_its_own_request(
    world: World, browser: Browser, phone: Browser, ann: Account, app: Made
) -> None:
    """UX-L13: who asks is shown on the phone; the session says what was proved there, and when."""
    before = datetime.now(UTC)
    browser.http.headers["User-Agent"] = "Mozilla/5.0 (SMART-TV) Chrome/87 Safari/537.36"
    waiting = await begin(browser, await browser.authorize(app, prompt="login", max_age="60"))
    assert await state(browser, waiting) == {"state": "waiting", "number": ""}
    assert 'aria-label="QR code with the address and the code below"' in waiting.page.text
    page = await find(phone, waiting.code)
    for words in ("App", "Chrome", "127.0.0.1", "another network than yours", "Did you start"):
        assert words in page.text
    shown = Waiting(await go_on(browser, waiting))
    assert await state(browser, waiting) == {"state": "found", "number": shown.number}
    assert "close this page" in (await allow(phone, page, shown.number)).text
    assert (await state(browser, waiting))["state"] == "allowed"
    done = await go_on(browser, shown)
    done = await browser.submit(done, action="accept")
    tokens = (await browser.exchange(app, answer(done)["code"])).json()
    claims = token_claims(tokens["id_token"])
    assert (claims["amr"], claims["acr"]) == (["pwd"], PASSWORD_ACR)
    assert before.timestamp() - 1 <= int(str(claims["auth_time"])) <= datetime.now(UTC).timestamp()


async def test_the_session_and_the_trail_say_how_it_came(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """OIDCC-2: the sign-in that was proved on the phone, in a session of its own."""
    await signed_in(world, browser, await browser.authorize(app))
    listed = await world.people.sessions.of_account(ann.sub, datetime.now(UTC))
    assert {one.ip for one in listed} == {"127.0.0.1", "198.51.100.7"}
    assert {one.auth_time for one in listed} == {listed[0].auth_time}
    told = [event for _, event in await world.audit.page(None, 20)]
    begun = next(one for one in told if one.action == "session.started")
    assert begun.detail == {"amr": ["pwd"], "from": "another device"}
    event = next(one for one in told if one.action == "browser.allowed")
    assert (event.actor, event.client_id, event.origin.ip) == (
        ann.sub, app.client.client_id, "198.51.100.7",
    )  # fmt: skip
    assert event.detail["browser_ip"] == "127.0.0.1"


async def test_the_enter_key_allows_what_was_typed(
    browser: Browser, phone: Browser, ann: Account
) -> None:
    """UX-L13: it presses the first button of a form, which would end what the person began."""
    waiting = await begin(browser, await browser.http.get("/oauth2/login"))
    page = await find(phone, waiting.code)
    form = page.text.partition('action="/oauth2/another/allow"')[2].partition("</form>")[0]
    assert re.findall(r'<button type="submit"[^>]*value="(\w+)"', form) == ["accept", "deny"]


async def test_a_sign_in_of_before_must_be_made_anew(
    browser: Browser, phone: Browser, ann: Account
) -> None:
    """UX-L13, OIDCC-2."""
    await sign_in(phone)
    waiting = await begin(browser, await browser.http.get("/oauth2/login"))
    page = await find(phone, waiting.code)
    assert "Confirm it is you" in page.text
    again = await phone.follow(await phone.http.get("/oauth2/another/allow"))
    assert "Confirm it is you" in again.text
    page = await phone.log_in(page)
    assert 'id="another-accept"' in page.text


async def test_who_has_a_second_factor_gives_it(
    world: World, browser: Browser, phone: Browser, ann: Account
) -> None:
    """UX-L13: as strong as it can be."""
    await sign_in(phone)
    totp, _ = await add_app(phone)
    waiting = await begin(browser, await browser.http.get("/oauth2/login"))
    page = await find(phone, waiting.code)
    assert 'id="login-submit"' in page.text
    assert "Confirm it is you" in page.text
    assert 'value="browser"' in page.text
    assert 'id="another-begin"' not in page.text, "this is the other device"
    page = await phone.log_in(page)
    page = await phone.submit(page, code=totp.at(now()))
    shown = Waiting(await go_on(browser, waiting))
    await allow(phone, page, shown.number)
    done = await go_on(browser, shown)
    assert done.url.path == "/account/basic"
    sessions = await world.people.sessions.of_account(ann.sub, datetime.now(UTC))
    here = next(one for one in sessions if one.ip == "127.0.0.1")
    assert (here.acr, here.amr) == (MFA, ("pwd", "otp", "mfa"))
    assert here.auth_time < here.created_at


async def test_what_an_application_insists_on_is_answered_so(
    world: World, browser: Browser, phone: Browser, ann: Account, app: Made
) -> None:
    """OIDCC-5.5.1.1: who has a second factor has given it on the other device."""
    await sign_in(phone)
    totp, _ = await add_app(phone)
    claims = json.dumps({"id_token": {"acr": {"essential": True, "values": [MFA]}}})
    waiting = await begin(browser, await browser.authorize(app, claims=claims))
    page = await phone.log_in(await find(phone, waiting.code))
    page = await phone.submit(page, code=totp.at(now()))
    shown = Waiting(await go_on(browser, waiting))
    await allow(phone, page, shown.number)
    done = await browser.submit(await go_on(browser, shown), action="accept")
    tokens = (await browser.exchange(app, answer(done)["code"])).json()
    assert token_claims(tokens["id_token"])["acr"] == MFA


async def test_no_is_no(world: World, browser: Browser, phone: Browser, ann: Account) -> None:
    waiting = await begin(browser, await browser.http.get("/oauth2/login"))
    page = await find(phone, waiting.code)
    shown = Waiting(await go_on(browser, waiting))
    assert "close this page" in (await phone.submit(page, action="deny")).text
    assert (await state(browser, waiting))["state"] == "denied"
    denied = await go_on(browser, shown)
    assert 'id="waiting-error"' in denied.text
    late = await phone.submit(page, number=shown.number, action="accept")
    assert late.status_code == 400
    again = await begin(browser, denied)
    assert again.code != waiting.code
    assert "browser.denied" in await audit(world)


async def test_it_lasts_five_minutes(
    world: World, browser: Browser, phone: Browser, ann: Account
) -> None:
    waiting = await begin(browser, await browser.http.get("/oauth2/login"))
    page = await find(phone, waiting.code)
    shown = Waiting(await go_on(browser, waiting))
    async with at_another_time(world, timedelta(seconds=301)) as later:
        later.http.base_url, later.http.cookies = httpx2.URL(HERE), browser.http.cookies
        assert (await state(later, waiting))["state"] == "over"
        late = await go_on(later, shown)
        assert 'id="waiting-error"' in late.text
        later.http.cookies = phone.http.cookies
        assert (await allow(later, page, shown.number)).status_code == 400


async def test_each_tab_has_its_own(browser: Browser, phone: Browser, ann: Account) -> None:
    """decisions/0011."""
    one = await begin(browser, await browser.http.get("/oauth2/login"))
    two = await begin(browser, await browser.http.get("/oauth2/login"))
    page = await find(phone, one.code)
    shown = Waiting(await go_on(browser, one))
    await allow(phone, page, shown.number)
    assert (await state(browser, two))["state"] == "waiting"
    assert (await go_on(browser, shown)).url.path == "/account/basic"


async def test_the_page_keeps_its_request_in_another_language(
    browser: Browser, ann: Account, app: Made
) -> None:
    waiting = await begin(browser, await browser.authorize(app))
    link = re.search(r'<a href="([^"]+)" lang="de"', waiting.page.text)
    assert link
    german = await browser.http.get(link[1].replace("&amp;", "&"))
    assert "Mit einem anderen Gerät anmelden" in german.text
    assert Waiting(german).code == waiting.code
    assert "App" in german.text


async def test_where_it_is_offered(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-L11, UX-L13, UX-B7: first in a window of an application, last elsewhere."""
    for agent, comes_first in ((WEBVIEW, True), ("Firefox/140.0", False)):
        browser.http.headers["User-Agent"] = agent
        page = (await browser.authorize(app)).text
        is_first = page.index('id="another-begin"') < page.index('id="username"')
        assert is_first is comes_first
        assert ('class="first"' in page) is comes_first
        assert (" autofocus" in page) is not comes_first
    await sign_in(browser)
    await add_app(browser)
    browser.http.cookies.delete("keycell_session")
    step = await sign_in(browser)
    assert 'id="another-begin"' in step.text
    assert "Try another way" in step.text
    # Whoever enters the code of a device has the other device in hand.
    there = await browser.http.get("/oauth2/login", params={"user_code": ""})
    assert 'id="another-begin"' not in there.text


async def test_its_page_is_light_and_says_what_it_draws(browser: Browser, app: Made) -> None:
    """UX-L20: fifteen kilobytes in all, six of scripts; nothing from elsewhere."""
    page = (await begin(browser, await browser.authorize(app))).page
    parts = re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css|svg))"', page.text)
    assert any(one.endswith("another.js") for one in parts)
    sizes = {one: len(compress((await browser.http.get(one)).content)) for one in set(parts)}
    assert sum(sizes.values()) + len(compress(page.content)) < 15_000, sizes
    assert sum(size for one, size in sizes.items() if one.endswith(".js")) < 6_000
    assert not re.search(r'(?:src|href)="https?://', page.text)
    assert 'role="img" aria-label="QR code' in page.text


async def test_it_may_be_turned_off(world: World, browser: Browser, ann: Account) -> None:
    """UX-L13: then it is not offered, not begun, and not ended either."""
    off = replace(world, people=replace(world.people, another_device=False))
    login = await browser.http.get("/oauth2/login")
    waiting = await begin(browser, login)
    async with new_browser(off) as http:
        closed = Browser(off, http)
        http.cookies = browser.http.cookies
        plain = await http.get("/oauth2/login")
        assert 'id="another-begin"' not in plain.text
        # One that stood open.
        fields = re.findall(r'name="(ticket|csrf)" value="([^"]*)"', login.text)
        begun = await http.post("/oauth2/another", data={**dict(fields), "action": "begin"})
        assert begun.headers["location"].startswith("/oauth2/login")
        async with new_browser(world, "198.51.100.7") as other:
            phone = Browser(world, other)
            page = await find(phone, waiting.code)
            shown = Waiting(await go_on(browser, waiting))
            await allow(phone, page, shown.number)
        assert (await go_on(closed, shown)).status_code == 400
    assert Settings().another_device == "on"
    with pytest.raises(BadSetting, match="one of on, off"):
        check(Settings(another_device="maybe"))  # type: ignore[arg-type]


async def test_a_network_has_so_many_begin(world: World, browser: Browser) -> None:
    login = await browser.http.get("/oauth2/login")
    fields = dict(re.findall(r'name="(ticket|csrf)" value="([^"]*)"', login.text))
    form = {**fields, "action": "begin"}
    begun = [await browser.http.post("/oauth2/another", data=form) for _ in range(101)]
    assert [one.status_code for one in begun[:100]] == [303] * 100
    assert begun[-1].status_code == 429
    assert "Wait" in begun[-1].text


async def test_of_twenty_that_go_on_one_is_signed_in(
    world: World, browser: Browser, phone: Browser, ann: Account
) -> None:
    waiting = await begin(browser, await browser.http.get("/oauth2/login"))
    page = await find(phone, waiting.code)
    shown = Waiting(await go_on(browser, waiting))
    await allow(phone, page, shown.number)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', shown.page.text))
    form = fields | {"action": "continue"}
    posts = (browser.http.post("/oauth2/another", data=form) for _ in range(20))
    done = await asyncio.gather(*posts)
    assert sorted(one.status_code for one in done) == [303] + [400] * 19
    kept = await world.people.sessions.of_account(ann.sub, datetime.now(UTC))
    assert sorted(one.ip for one in kept) == ["127.0.0.1", "198.51.100.7"]


async def test_who_is_disabled_in_between_is_not_signed_in(
    world: World, browser: Browser, phone: Browser, ann: Account
) -> None:
    waiting = await begin(browser, await browser.http.get("/oauth2/login"))
    page = await find(phone, waiting.code)
    shown = Waiting(await go_on(browser, waiting))
    await allow(phone, page, shown.number)
    at = world.people.clock()
    event = AuditEvent(at=at, actor="test", action="account.disabled", target="ann")
    await world.people.accounts.disable(ann.sub, at, event)
    done = await go_on(browser, shown)
    assert done.status_code in (200, 400)
    assert 'id="waiting-error"' in done.text
    assert "keycell_session" not in browser.http.cookies


async def test_the_whole_way_from_a_step_up(world: World, browser: Browser, ann: Account) -> None:
    """UX-B7: "confirm it is you" where no passkey works."""
    await sign_in(browser)
    page = await browser.http.get("/oauth2/login?to=factors&confirm=1")
    done = await signed_in(world, browser, page)
    assert done.url.path == "/account/basic/factors"
