"""Who asked for it is told when a public link of theirs is used, in their language. UX-F21."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.audit import NOWHERE, AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.linking import change_link, own_link
from keycell.files.links import Link, Permission
from keycell.settings import Settings

from ..conftest import Browser
from ..files.conftest import Home, actor_for
from ..smtp import Mailbox, text_of
from .conftest import deliver_all
from .factors import HERE
from .test_public import link_to


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return replace(mailing, public_url=HERE)


@pytest.fixture
async def home(world: World, ann: Account) -> Home:
    """Ann, whose address is known to be hers, with a file."""
    event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
    assert await world.people.accounts.update(ann, replace(ann, email_verified=True), event)
    home = Home(world.files, actor_for(ann))
    await home.put("personal-files/in/a.txt", b"hello")
    return home


async def subjects(world: World, mailbox: Mailbox) -> list[str]:
    await deliver_all(world)
    return [str(letter["subject"]) for letter in mailbox.to("ann@example.org")]


async def test_many_downloads_at_once_make_one_letter(
    world: World, browser: Browser, home: Home, mailbox: Mailbox
) -> None:
    link = await link_to(home, "personal-files/in/a.txt", tells=True, label="50% of it")
    address = f"/public/{link.hash}/file/?download=1"
    answers = await asyncio.gather(*(browser.http.get(address) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert await subjects(world, mailbox) == ["Quelqu'un a téléchargé « 50% of it »"]
    (letter,) = mailbox.to("ann@example.org")
    assert f"{HERE}/links" in text_of(letter)
    await browser.http.get(address)
    assert len(await subjects(world, mailbox)) == 1


async def test_an_hour_later_one_is_told_again(
    world: World, browser: Browser, home: Home, mailbox: Mailbox
) -> None:
    link = await link_to(home, "personal-files/in/a.txt", tells=True)
    at = world.files.clock()
    hour = timedelta(hours=1)
    assert await world.files.links.claim_telling(link.link_id, at, at - hour)
    assert not await world.files.links.claim_telling(link.link_id, at + hour / 2, at - hour / 2)
    # A change of the link forgets nothing: whoever changes it often is not told more often.
    changed = replace(await own_link(home.files, home.actor, link.link_id), label="New")
    await change_link(home.files, home.actor, changed, NOWHERE)
    assert not await world.files.links.claim_telling(link.link_id, at + hour / 2, at - hour / 2)
    assert await world.files.links.claim_telling(link.link_id, at + hour, at)


async def test_files_that_come_by_a_link_are_told(
    world: World, browser: Browser, home: Home, mailbox: Mailbox
) -> None:
    drop = frozenset({Permission.UPLOAD})
    link = await link_to(home, "personal-files/in", permissions=drop, tells=True)
    await _upload(browser, link)
    assert await subjects(world, mailbox) == ["Quelqu'un a déposé des fichiers dans « For you »"]


async def test_nobody_is_told_who_did_not_ask_or_cannot_be(
    world: World, browser: Browser, home: Home, mailbox: Mailbox, ann: Account
) -> None:
    link = await link_to(home, "personal-files/in/a.txt")
    await browser.http.get(f"/public/{link.hash}/file/?download=1")
    told = await link_to(home, "personal-files/in/a.txt", tells=True)
    silenced = replace(await own_link(home.files, home.actor, told.link_id), tells=False)
    await change_link(home.files, home.actor, silenced, NOWHERE)
    await browser.http.get(f"/public/{told.hash}/file/?download=1")
    # Whose address is not known to be theirs would have a stranger written to.
    event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
    kept = await world.people.accounts.find(ann.sub)
    assert kept is not None
    assert await world.people.accounts.update(kept, replace(kept, email_verified=False), event)
    other = await link_to(home, "personal-files/in/a.txt", tells=True)
    await browser.http.get(f"/public/{other.hash}/file/?download=1")
    assert await subjects(world, mailbox) == []


async def _upload(browser: Browser, link: Link) -> None:
    answer = await browser.http.post(
        f"/public/{link.hash}/upload/", files={"files": ("b.txt", b"given")}
    )
    assert answer.status_code == 303, answer.text
