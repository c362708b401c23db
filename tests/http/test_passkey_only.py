"""Who has passkeys and no password looks after their address too: a fresh factor proves them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.step_up import FRESH_FOR
from keycell.server import make_app
from keycell.settings import Settings

from ..authenticator import Authenticator
from ..conftest import PASSWORD, Browser
from ..smtp import Mailbox, code_in
from .conftest import deliver_all
from .factors import HERE, add_passkey, give_passkey, keep_codes, new_browser, post, sign_in

ACCOUNT = "/account/basic"
NEW = "ann@new.example"


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return replace(mailing, public_url=HERE)


@pytest.fixture
async def key(world: World, ann: Account) -> Authenticator:
    """Ann's passkey."""
    made = Authenticator(HERE)
    async with new_browser(world) as http:
        browser = Browser(world, http)
        await sign_in(browser)
        await keep_codes(browser, await add_passkey(browser, made))
    return made


@pytest.fixture
async def keyed(world: World, key: Authenticator) -> AsyncIterator[Browser]:
    """A browser in which Ann has just signed in by her passkey."""
    async with new_browser(world) as http:
        browser = Browser(world, http)
        await give_passkey(browser, await http.get("/oauth2/login"), key)
        yield browser


async def drop_password(world: World, ann: Account) -> None:
    account = await world.people.accounts.find(ann.sub)
    assert account is not None
    event = AuditEvent(
        at=world.people.clock(), actor="system", action="account.password", target=account.sub
    )
    bare = replace(account, password_hash=None, updated_at=world.people.clock())
    assert await world.people.accounts.update(account, bare, event)


async def email_of(world: World, ann: Account) -> tuple[str | None, bool]:
    account = await world.people.accounts.find(ann.sub)
    assert account is not None
    return account.email, account.email_verified


async def test_a_fresh_passkey_asks_for_another_address(
    world: World, ann: Account, keyed: Browser, mailbox: Mailbox
) -> None:
    await drop_password(world, ann)
    page = await keyed.http.get(ACCOUNT)
    assert 'id="email"' in page.text
    assert 'id="email-password"' not in page.text
    shown = await post(keyed, f"{ACCOUNT}/email", page, email=NEW)
    assert "on its way" in shown.text
    await deliver_all(world)
    done = await post(keyed, f"{ACCOUNT}/email-code", shown, code=code_in(mailbox.to(NEW)[-1]))
    assert done.status_code == 200
    assert await email_of(world, ann) == (NEW, True)


async def test_one_that_is_not_fresh_is_asked_for_again(
    world: World, ann: Account, key: Authenticator, keyed: Browser, mailbox: Mailbox
) -> None:
    await drop_password(world, ann)
    fresh = await keyed.http.get(ACCOUNT)
    late = replace(
        world.people,
        clock=lambda: world.people.clock() + FRESH_FOR + timedelta(minutes=1),
    )
    transport = httpx2.ASGITransport(app=make_app(replace(world, people=late)))
    async with httpx2.AsyncClient(
        transport=transport, base_url=HERE, cookies=keyed.http.cookies
    ) as http:
        browser = Browser(world, http)
        page = await http.get(ACCOUNT)
        assert 'id="email"' not in page.text
        assert 'id="confirm"' in page.text
        refused = await post(browser, f"{ACCOUNT}/email", fresh, email=NEW)
        assert refused.status_code == 400
        assert "confirm that it is you" in refused.text
        again = await http.get("/oauth2/login?confirm=1")
        shown = await give_passkey(browser, again, key)
        assert shown.url.path == ACCOUNT
        assert 'id="email"' in shown.text
    await deliver_all(world)
    assert mailbox.to(NEW) == []


async def test_a_password_that_there_is_must_be_typed(
    world: World, ann: Account, keyed: Browser, mailbox: Mailbox
) -> None:
    page = await keyed.http.get(ACCOUNT)
    assert 'id="email-password"' in page.text
    for typed in ({}, {"password": "wrong"}):
        refused = await post(keyed, f"{ACCOUNT}/email", page, email=NEW, **typed)
        assert refused.status_code == 400
    assert (await post(keyed, f"{ACCOUNT}/email", page, email=NEW, password=PASSWORD)).is_success
    await deliver_all(world)
    assert len(mailbox.to(NEW)) == 1
    assert await email_of(world, ann) == ("ann@example.org", True)


async def test_who_has_neither_proves_nothing(
    world: World, ann: Account, mailbox: Mailbox
) -> None:
    async with new_browser(world) as http:
        signed_in = Browser(world, http)
        await sign_in(signed_in)
        page = await http.get(ACCOUNT)
        await drop_password(world, ann)
        refused = await post(signed_in, f"{ACCOUNT}/email", page, email=NEW)
        assert refused.status_code == 400
    await deliver_all(world)
    assert mailbox.to(NEW) == []
