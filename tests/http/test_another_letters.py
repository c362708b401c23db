"""A browser that was signed in from another device is told of by mail. UX-L13, UX-P11."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.settings import Settings

from ..conftest import Browser
from ..opening import opening
from ..smtp import Mailbox, link_in, text_of
from .another_device import Waiting, begin, find, go_on, signed_in
from .conftest import deliver_all
from .factors import HERE, new_browser


@pytest.fixture
async def world(mailing: Settings) -> AsyncIterator[World]:
    async with opening(replace(mailing, public_url=HERE)) as opened:
        yield opened


async def test_its_person_is_told_and_can_end_all(
    world: World, told: Account, mailbox: Mailbox
) -> None:
    async with new_browser(world, "203.0.113.5") as http:
        browser = Browser(world, http)
        http.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
        done = await signed_in(world, browser, await http.get("/oauth2/login"))
        assert done.url.path == "/account/basic"
        await deliver_all(world)
        (letter,) = mailbox.to("ann@example.org")
        for words in ("Firefox, Linux", "203.0.113.5"):
            assert words in text_of(letter)
        page = await http.get(link_in(letter, "/recover/not-me"))
        await browser.submit(page, sure="1")
        assert (await http.get("/account/basic")).status_code == 303


async def test_what_was_denied_is_no_letter(world: World, told: Account, mailbox: Mailbox) -> None:
    async with new_browser(world) as http, new_browser(world) as other:
        browser, phone = Browser(world, http), Browser(world, other)
        waiting = await begin(browser, await http.get("/oauth2/login"))
        page = await find(phone, waiting.code)
        await phone.submit(page, action="deny")
        assert 'id="waiting-error"' in (await go_on(browser, Waiting(waiting.page))).text
    await deliver_all(world)
    assert mailbox.to("ann@example.org") == []
