"""A person leaves: asked afresh, told what goes, may come back until the grace is over. UX-P10."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.audit import AuditEvent
from keycell.accounts.leaving import remove_due
from keycell.accounts.people import Account
from keycell.accounts.proofs import ProofKind
from keycell.bootstrap import World
from keycell.files.finding import personal
from keycell.files.spaces import PERSONAL_SLUG
from keycell.settings import Settings
from keycell.stores.sweep import Sweep

from ..conftest import PASSWORD, Browser, add_client, at_another_time
from ..files.conftest import actor_for
from ..smtp import Mailbox, link_in, text_of
from .conftest import deliver_all

REMOVAL = "/account/basic/removal"


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return mailing


async def sign_in(browser: Browser) -> None:
    await browser.log_in(await browser.http.get("/oauth2/login"))


async def ask(browser: Browser) -> str:
    page = await browser.http.get(REMOVAL)
    done = await browser.submit(page, sure="1")
    assert done.status_code == 200, done.text
    return done.text


async def actions(world: World) -> list[str]:
    return [event.action for _, event in await world.people.audit.page(None, 50)]


async def test_it_is_said_before_and_meant(browser: Browser, world: World, told: Account) -> None:
    await sign_in(browser)
    page = await browser.http.get("/account/basic")
    assert f'href="{REMOVAL}"' in page.text
    page = await browser.http.get(REMOVAL)
    assert "removed for good on" in page.text
    assert "Export first" in page.text
    refused = await browser.http.post(
        REMOVAL, data={"csrf": re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]}
    )
    assert refused.status_code == 400
    foreign = await browser.http.post(REMOVAL, data={"csrf": "x", "sure": "1"})
    assert foreign.status_code == 400
    kept = await world.people.accounts.find(told.sub)
    assert kept is not None
    assert kept.leaves_at is None


async def test_who_signed_in_a_while_ago_is_asked_again(
    browser: Browser, world: World, told: Account
) -> None:
    await sign_in(browser)
    async with at_another_time(world, timedelta(minutes=11)) as later:
        later.http.cookies = browser.http.cookies
        asked = await later.http.get(REMOVAL)
        assert asked.headers["location"] == "/oauth2/login?to=removal&confirm=1"
        page = await later.log_in(await later.http.get(asked.headers["location"]))
        assert "removed for good on" in page.text


async def test_everything_ends_at_once_and_the_person_is_told(
    browser: Browser, world: World, told: Account, mailbox: Mailbox
) -> None:
    app = await add_client(world)
    tokens = await browser.tokens(app)
    assert "removed for good on" in await ask(browser)
    assert (await browser.http.get("/account/basic")).status_code == 303
    assert (await browser.refresh(app, tokens["refresh_token"])).status_code == 400
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    await deliver_all(world)
    letter = mailbox.to("ann@example.org")[-1]
    assert "sign in before then" in text_of(letter)
    assert "account.leaving" in await actions(world)


async def test_signing_in_keeps_the_account(
    browser: Browser, world: World, told: Account, mailbox: Mailbox
) -> None:
    await sign_in(browser)
    await ask(browser)
    await sign_in(browser)
    assert (await browser.http.get("/account/basic")).status_code == 200
    kept = await world.people.accounts.find(told.sub)
    assert kept is not None
    assert kept.leaves_at is None
    assert await remove_due(world.people, world.people.clock() + timedelta(days=99)) == 0
    await deliver_all(world)
    assert "it stays" in " ".join(text_of(mailbox.to("ann@example.org")[-1]).split())
    assert "account.kept" in await actions(world)


async def test_a_program_that_signs_in_by_the_password_keeps_it_too(
    browser: Browser, world: World, told: Account
) -> None:
    await sign_in(browser)
    await ask(browser)
    body = {"AuthInfo": {"type": "credentials", "login": "ann", "password": PASSWORD}}
    assert (await browser.http.post("/a/frontend/session", json=body)).status_code == 200
    kept = await world.people.accounts.find(told.sub)
    assert kept is not None
    assert kept.leaves_at is None


async def test_after_the_grace_account_and_files_are_gone(
    browser: Browser, world: World, told: Account, mailbox: Mailbox
) -> None:
    """DESIGN-14: nothing but the server's own work is needed."""
    space = await personal(world.files, actor_for(told))
    await sign_in(browser)
    await ask(browser)
    later = world.people.clock() + timedelta(days=14, minutes=1)
    assert await remove_due(world.people, later - timedelta(hours=1)) == 0
    assert sum(await asyncio.gather(*(remove_due(world.people, later) for _ in range(20)))) == 1
    sweep = Sweep(world.database, world.files.blobs, world.files.limits)
    while await sweep.once(later):
        continue
    assert await world.people.accounts.find(told.sub) is None
    assert await world.files.spaces.by_id(space.space_id) is None
    assert await world.files.spaces.find(PERSONAL_SLUG, told.sub) is None
    assert await world.files.spaces.rights(role_ids=[told.sub]) == []
    await deliver_all(world)
    assert "is removed, as you asked" in text_of(mailbox.to("ann@example.org")[-1])
    assert "account.removed" in await actions(world)
    refused = await browser.log_in(await browser.http.get("/oauth2/login"))
    assert refused.status_code == 401


async def test_the_last_administrator_is_refused(
    browser: Browser, world: World, told: Account
) -> None:
    event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
    assert await world.people.accounts.update(told, replace(told, is_admin=True), event)
    await sign_in(browser)
    page = await browser.submit(await browser.http.get(REMOVAL), sure="1")
    assert page.status_code == 400
    assert "the last administrator" in page.text
    await add_account(
        world.people, NewAccount(login="root", password=PASSWORD, is_admin=True), "test"
    )
    await ask(browser)


async def test_who_says_it_was_not_them_keeps_the_account(
    browser: Browser, world: World, told: Account, mailbox: Mailbox
) -> None:
    """Somebody with the password asked; the letter's link freezes the account, and it stays."""
    await sign_in(browser)
    await ask(browser)
    await deliver_all(world)
    link = link_in(mailbox.to("ann@example.org")[-1], "/not-me")
    await browser.submit(await browser.http.get(link), sure="1")
    frozen = await world.people.accounts.find(told.sub)
    assert frozen is not None
    assert frozen.disabled_at is not None
    assert frozen.leaves_at is None
    assert not await world.people.mail.proofs.of_account(
        ProofKind.LOCKDOWN, told.sub, world.people.clock()
    )
