"""Whoever is asked for a permission is told by mail. CIBA-8."""

from dataclasses import replace

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.settings import Settings

from ..conftest import BASE, Browser
from ..protocol.test_backchannel import ask, asked, cashier
from ..smtp import Mailbox, html_of, text_of
from .conftest import deliver_all


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return mailing


async def test_the_letter_says_who_asks_and_nothing_the_client_wrote(
    world: World, browser: Browser, ann: Account, mailbox: Mailbox
) -> None:
    made = await cashier(world, client_name="Cash <b>ier</b> 100%s")
    await asked(browser, made, binding_message="call-this-number")
    await deliver_all(world)
    (letter,) = mailbox.to("ann@example.org")
    assert letter["Content-Language"] == "fr"
    assert "Cash <b>ier</b> 100%s" in str(letter["Subject"])
    assert f"{BASE}/oauth2/requests\n" in text_of(letter)
    for text in (text_of(letter), html_of(letter)):
        assert "call-this-number" not in text
    assert "<b>ier" not in html_of(letter)


async def test_an_address_that_nobody_confirmed_is_not_written_to(
    world: World, browser: Browser, ann: Account, mailbox: Mailbox
) -> None:
    event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
    assert await world.people.accounts.update(ann, replace(ann, email_verified=False), event)
    assert (await ask(browser, await cashier(world))).status_code == 200
    await deliver_all(world)
    assert mailbox.to("ann@example.org") == []
