"""A mail server, and a Keycell that sends by it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.accounts.posting import deliver
from keycell.bootstrap import World
from keycell.settings import Settings

from ..smtp import Mailbox, mail_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def mailing(settings_on_sqlite: Settings, mailbox: Mailbox) -> Settings:
    return replace(settings_on_sqlite, smtp=mailbox.url, mail_from="keycell@id.example")


@pytest.fixture
async def told(world: World, ann: Account) -> Account:
    """Ann, whose address is known to be hers, and who reads English."""
    event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
    confirmed = replace(ann, email_verified=True, claims={})
    assert await world.people.accounts.update(ann, confirmed, event)
    return confirmed


async def deliver_all(world: World) -> None:
    while await deliver(world.people, "test"):
        continue
