"""Whoever's factors change is told by mail, with a way to say that it was not them. UX-M05."""

from dataclasses import replace

import pytest

from keycell.accounts.audit import NOWHERE
from keycell.accounts.factor_changes import reset
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.settings import Settings

from ..conftest import Browser
from ..smtp import Mailbox, link_in
from .conftest import deliver_all
from .factors import FACTORS, HERE, add_app, now, post, sign_in


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return replace(mailing, public_url=HERE)


async def letters(world: World, mailbox: Mailbox) -> int:
    await deliver_all(world)
    found = mailbox.to("ann@example.org")
    for letter in found:
        assert link_in(letter, "/not-me")
    return len(found)


async def test_each_change_is_told(
    world: World, browser: Browser, told: Account, mailbox: Mailbox
) -> None:
    await sign_in(browser)
    totp, _ = await add_app(browser)
    assert await letters(world, mailbox) == 1
    kept = (await world.people.factors.of_account(told.sub)).apps[0]
    page = await sign_in(browser, to="factors", confirm="1")
    page = await browser.submit(page, code=totp.at(now()))
    assert await letters(world, mailbox) == 1, "using one changes nothing"
    page = await post(browser, f"{FACTORS}/remove", page, key=kept.app_id)
    assert await letters(world, mailbox) == 2
    await post(browser, f"{FACTORS}/remove", page, key=kept.app_id)
    assert await letters(world, mailbox) == 2, "what is gone is not told twice"


async def test_what_an_administrator_took_is_told(
    world: World, browser: Browser, told: Account, mailbox: Mailbox
) -> None:
    await sign_in(browser)
    await add_app(browser)
    assert await reset(world.people, told, "root", NOWHERE) == 1
    assert await letters(world, mailbox) == 2
    assert await reset(world.people, told, "root", NOWHERE) == 0
    assert await letters(world, mailbox) == 2
