"""Signing in: what is told, who waits, and what a stranger cannot do. decisions/0015."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account, disable
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.outside import hashing
from keycell.provider.register import Made
from keycell.server import make_app

from ..conftest import BASE, PASSWORD, Browser, add_client, answer, at_another_time

ELSEWHERE, VICTIM = "203.0.113.9", "198.51.100.7"


@contextlib.asynccontextmanager
async def at(world: World, ip: str) -> AsyncIterator[Browser]:
    """A browser that has never been here, somewhere on the network."""
    transport = httpx2.ASGITransport(app=make_app(world), client=(ip, 1))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Browser(world, http)


async def attempt(browser: Browser, login: str, password: str) -> httpx2.Response:
    page = await browser.http.get("/oauth2/login")
    return await browser.submit(page, username=login, password=password)


def told(page: httpx2.Response, login: str) -> str:
    """Give what the page says, without what differs from request to request."""
    plain = page.text.replace(login, "LOGIN")
    return re.sub(r'value="[^"]*"|Wait \d+ second', "", plain)


async def test_attack_74_unknown_wrong_and_disabled_are_alike(world: World, ann: Account) -> None:
    """UX-L08, UX-L10: nobody learns who has an account, before a lockout or after it."""
    seen: list[list[tuple[int, str]]] = []
    for login, is_disabled in (("nobody", False), ("ann", False), ("ann", True)):
        if is_disabled:
            await disable(world.people, ann, "test")
        async with at(world, f"203.0.{len(seen)}.9") as browser:
            pages = [await attempt(browser, login, "wrong password") for _ in range(7)]
            seen.append([(page.status_code, told(page, login)) for page in pages])
    assert seen[0] == seen[1] == seen[2]
    statuses = [status for status, _ in seen[0]]
    assert statuses == [401] * 5 + [429] * 2
    assert 'role="alert"' in seen[0][0][1]
    assert 'tabindex="-1"' in seen[0][0][1]


async def test_the_wait_is_told_and_the_login_kept(world: World, ann: Account) -> None:
    """UX-L08, UX-L10."""
    async with at(world, ELSEWHERE) as browser:
        for _ in range(5):
            page = await attempt(browser, "ann", "wrong")
        page = await attempt(browser, "ann", PASSWORD)
        assert page.status_code == 429
        assert re.search(r"Wait 1\d seconds", page.text)
        assert 'value="ann"' in page.text
        assert PASSWORD not in page.text
        async with at_another_time(world, timedelta(seconds=20)) as later:
            assert (await attempt(later, "ann", PASSWORD)).status_code == 200


async def test_who_was_not_heard_has_not_failed(
    world: World, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where too many passwords wait, nobody looks at the next."""
    async with at(world, ELSEWHERE) as browser:
        with monkeypatch.context() as busy:
            busy.setattr(hashing, "MOST_WAITING", 0)
            for _ in range(6):
                assert (await attempt(browser, "ann", PASSWORD)).status_code == 503
        assert (await attempt(browser, "ann", PASSWORD)).status_code == 200


async def test_a_stranger_locks_nobody_out(world: World, ann: Account) -> None:
    """decisions/0015, issue: nor lets a stranger lock a person out."""
    async with at(world, VICTIM) as home:
        assert (await attempt(home, "ann", PASSWORD)).status_code == 200
        for number in range(25):
            async with at(world, f"203.0.{number}.9") as stranger:
                for _ in range(5):
                    await attempt(stranger, "ann", "wrong")
        # The browser she knows, the network she is in, and one she has never been in.
        home.http.cookies.delete("keycell_session")
        assert (await attempt(home, "ann", PASSWORD)).status_code == 200
    for ip in (VICTIM, "192.0.2.1"):
        async with at(world, ip) as browser:
            assert (await attempt(browser, "ann", PASSWORD)).status_code == 200


async def test_a_stranger_in_the_same_network_does_not_hold_up_a_known_browser(
    world: World, ann: Account
) -> None:
    """decisions/0015."""
    async with at(world, VICTIM) as home, at(world, VICTIM) as stranger:
        await attempt(home, "ann", PASSWORD)
        for _ in range(8):
            await attempt(stranger, "ann", "wrong")
        assert (await attempt(stranger, "ann", PASSWORD)).status_code == 429
        home.http.cookies.delete("keycell_session")
        assert (await attempt(home, "ann", PASSWORD)).status_code == 200


async def test_a_device_cookie_of_ones_own_making_counts_for_nothing(
    world: World, ann: Account
) -> None:
    """ATTACKS: a mark made for one login is not one for another."""
    async with at(world, ELSEWHERE) as browser:
        for mark in ("x", "x.y", "." * 50, "a" * 22 + "." + "b" * 43, "é.é"):
            browser.http.cookies.set("keycell_device", mark.encode("ascii", "replace").decode())
            await attempt(browser, "ann", "wrong")
        assert (await attempt(browser, "ann", PASSWORD)).status_code == 429


async def test_twenty_at_once_count_as_twenty_in_a_row(world: World, ann: Account) -> None:
    """decisions/0015, attack 66."""
    async with at(world, ELSEWHERE) as browser:
        page = await browser.http.get("/oauth2/login")
        pages = await asyncio.gather(
            *(browser.submit(page, username="ann", password="wrong") for _ in range(20))
        )
    assert sorted(page.status_code for page in pages) == [401] * 5 + [429] * 15


async def test_the_trail_tells_of_both(world: World, browser: Browser, ann: Account) -> None:
    """UX-P08: who, what, when, from where, result; never what was typed."""
    await attempt(browser, "my secret password", "wrong")
    await attempt(browser, "ann", PASSWORD)
    events = [event for _, event in await world.audit.page(None, 20)]
    (refused,) = [one for one in events if one.action == "session.refused"]
    assert refused.result == "refused"
    assert "secret" not in f"{refused}"
    (started,) = [one for one in events if one.action == "session.started"]
    assert started.actor == ann.sub
    for event in (refused, started):
        assert event.origin.ip == "127.0.0.1"
        assert event.origin.request_id


async def test_a_client_that_fails_is_in_the_trail_once_a_minute(
    world: World, browser: Browser, app: Made
) -> None:
    """UX-E03: who fails cannot fill the trail."""
    for _ in range(10):
        await browser.http.post("/oidc/oauth2/token", auth=(app.client.client_id, "wrong"))
        await browser.http.post("/oidc/oauth2/token", auth=("unknown", "wrong"))
    events = [event for _, event in await world.audit.page(None, 50)]
    refused = [one for one in events if one.action == "client.refused"]
    assert 1 <= len(refused) <= 2
    assert {one.client_id for one in refused} == {app.client.client_id}


async def test_a_form_that_stood_open_for_hours_still_knows_its_way(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """UX-L09."""
    page = await browser.authorize(app, state="open for hours")
    async with at_another_time(world, timedelta(hours=2)) as later:
        later.http.cookies = browser.http.cookies
        page = await later.log_in(page)
        done = await later.submit(page, action="accept")
        assert answer(done)["state"] == "open for hours"
    async with at_another_time(world, timedelta(hours=25)) as later:
        later.http.cookies = browser.http.cookies
        stale = await later.submit(page, action="accept")
        assert stale.status_code == 400
        assert "Go back to the application" in stale.text


async def test_a_browser_without_cookies_is_told_so(browser: Browser, app: Made) -> None:
    """UX-E05."""
    page = await browser.authorize(app)
    browser.http.cookies.clear()
    refused = await browser.log_in(page)
    assert refused.status_code == 400
    assert "Allow cookies" in refused.text


async def test_consent_is_asked_of_who_is_signed_in_when_it_is_given(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """UX-L09: somebody else signed in in another tab while the page stood open."""
    await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    page = await browser.log_in(await browser.authorize(app))
    assert "Ann Example" in page.text
    other = await add_client(world)
    await browser.log_in(await browser.authorize(other, prompt="login"), "bob")
    asked = await browser.submit(page, action="accept")
    assert asked.status_code == 200
    assert 'id="consent-accept"' in asked.text
    assert "bob" in asked.text
    done = await browser.submit(asked, action="accept")
    tokens = (await browser.exchange(app, answer(done)["code"])).json()
    claims = world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    assert claims["sub"] != ann.sub


async def test_another_account_keeps_what_else_was_asked(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-3.1.2.1, UX-C03: prompt=consent is still asked of the other one."""
    await browser.code(app)
    page = await browser.authorize(app, prompt="consent")
    page = await browser.log_in(await browser.submit(page, action="other"))
    assert 'id="consent-accept"' in page.text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_language_changes_and_the_request_stays(
    browser: Browser, app: Made, ann: Account, language: str
) -> None:
    """UX-L16."""
    page = await browser.authorize(app, ui_locales=language)
    other = "fr" if language == "en" else "en"
    link = re.search(rf'<a href="([^"]+)" lang="{other}"', page.text)
    assert link
    page = await browser.http.get(link[1].replace("&amp;", "&"))
    assert page.headers["content-language"] == other
    done = await browser.submit(await browser.log_in(page), action="accept")
    assert answer(done)["state"] == "state-1234"


async def test_the_form_is_one_that_password_managers_know(browser: Browser, app: Made) -> None:
    """UX-L02, UX-L03, UX-L06, UX-L07, UX-L20."""
    page = await browser.authorize(app)
    assert re.search(r'<input type="text" id="username" name="username"[^>]*'
                     r'autocomplete="username webauthn" autocapitalize="none" spellcheck="false"',
                     page.text)  # fmt: skip
    assert re.search(r'id="password" name="password" autocomplete="current-password"', page.text)
    assert 'id="login-submit"' in page.text
    assert 'data-shows="password" aria-pressed="false"' in page.text
    assert "app.example" in page.text
    assert len(page.content) < 15_000
    assert not re.search(r'(?:src|href)="https?://', page.text)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "img-src 'self';" in policy
    assert "unsafe" not in policy
