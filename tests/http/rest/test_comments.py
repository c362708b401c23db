"""What people say to each other of a file: who may, who reads it, and whom a letter reaches."""

from dataclasses import replace
from typing import Any

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.bootstrap import World
from keycell.files import comments
from keycell.settings import Settings

from ...conftest import Browser
from ...smtp import Mailbox, html_of, text_of
from ..conftest import deliver_all
from ..factors import HERE
from ..tokens import make
from .people import Person, alice, bo, person, root
from .test_about import node_at
from .test_cells import folder, room

__all__ = ["alice", "bo", "root"]


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return replace(mailing, public_url=HERE)


async def said(who: Person, node: str) -> list[tuple[str, str, bool]]:
    found = await who.asks("GET", f"keycell/nodes/{node}/comments")
    items = found["items"]
    assert isinstance(items, list)
    return [(one["by"], one["said"], one["may_remove"]) for one in items]


async def say(who: Person, node: str, text: str) -> dict[str, object]:
    return await who.asks("POST", f"keycell/nodes/{node}/comments", {"said": text})


async def reached_by_mail(world: World, who: Person) -> None:
    account = await world.people.accounts.find(who.account.sub)
    assert account is not None
    known = replace(account, email=f"{account.login}@example.org", email_verified=True)
    event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
    assert await world.people.accounts.update(account, known, event)


async def test_who_may_read_a_file_comments_on_it(world: World, alice: Person, bo: Person) -> None:
    """UX-F25: with a right to look, too; what others wrote goes by who may change the file."""
    docs = await folder(world, alice)
    node = await node_at(alice, "personal-files/docs/a.txt")
    await bo.is_told(404, "GET", f"keycell/nodes/{node}/comments")
    await bo.is_told(404, "POST", f"keycell/nodes/{node}/comments", {"said": "no"})
    await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    await say(alice, node, " What do you\nthink? ")
    kept = await say(bo, node, "<b>Fine</b>")
    assert await said(bo, node) == [
        ("Alice", "What do you\nthink?", False), ("Bo", "<b>Fine</b>", True),
    ]  # fmt: skip
    first = (await bo.asks("GET", f"keycell/nodes/{node}/comments"))["items"][0]  # type: ignore[index]
    there = f"keycell/nodes/{node}/comments"
    await bo.is_told(403, "DELETE", f"{there}/{first['id']}")
    await alice.is_told(404, "DELETE", f"keycell/nodes/{docs}/comments/{first['id']}")
    assert await said(alice, node) == [
        ("Alice", "What do you\nthink?", True), ("Bo", "<b>Fine</b>", True),
    ]  # fmt: skip
    await alice.asks("DELETE", f"{there}/{kept['id']}")
    await alice.is_told(404, "DELETE", f"{there}/{kept['id']}")
    assert await said(bo, node) == [("Alice", "What do you\nthink?", False)]


async def test_what_is_no_comment_is_refused(world: World, alice: Person) -> None:
    docs = await folder(world, alice)
    there = f"keycell/nodes/{docs}/comments"
    for wrong in ("", "  \n", "x" * (comments.LONGEST + 1), "a\0b", 7):
        await alice.is_told(400, "POST", there, {"said": wrong})
    await alice.asks("POST", "tree/delete", {"Nodes": [{"Uuid": docs}]})
    await alice.is_told(403, "POST", there, {"said": "too late"})
    assert (await alice.asks("GET", there))["may_say"] is False


async def test_what_one_said_is_taken_along_with_ones_data(
    world: World, alice: Person, bo: Person
) -> None:
    """UX-P10: what others said is not, nor where it was said once one may not look there."""
    docs = await folder(world, alice)
    node = await node_at(alice, "personal-files/docs/a.txt")
    cell = await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    await say(alice, node, "mine")
    await say(bo, node, "his")
    await say(bo, docs, "his, too")

    async def taken() -> list[tuple[str, str]]:
        kept: Any = (await bo.asks("GET", "keycell/account/export"))["comments"]
        return [(one["said"], one["about"]) for one in kept]

    assert await taken() == [("his, too", cell["Slug"]), ("his", f"{cell['Slug']}/a.txt")]
    await alice.asks("DELETE", f"share/cell/{cell['Uuid']}")
    assert await taken() == [("his, too", ""), ("his", "")]


async def test_a_token_that_reads_comments_on_nothing(
    world: World, browser: Browser, alice: Person
) -> None:
    """RFC6750-3.1."""
    node = await folder(world, alice)
    kept = await say(alice, node, "mine")
    reads = replace(alice, token=await make(browser.http, alice.token, "files.read"))
    assert await said(reads, node) == [("Alice", "mine", False)]
    assert (await reads.asks("GET", f"keycell/nodes/{node}/comments"))["may_say"] is False
    await reads.is_told(403, "POST", f"keycell/nodes/{node}/comments", {"said": "x"})
    await reads.is_told(403, "DELETE", f"keycell/nodes/{node}/comments/{kept['id']}")


async def test_nobody_writes_without_end(world: World, alice: Person) -> None:
    docs = await folder(world, alice)
    for number in range(comments.MOST_IN_TIME):
        await say(alice, docs, str(number))
    await alice.is_told(409, "POST", f"keycell/nodes/{docs}/comments", {"said": "one more"})
    assert len(await said(alice, docs)) == comments.MOST_IN_TIME


async def test_who_takes_back_what_they_wrote_writes_no_more_for_that(
    world: World, mailbox: Mailbox, alice: Person, bo: Person
) -> None:
    """Each comment may have ten letters written, and those are not taken back."""
    await reached_by_mail(world, bo)
    docs = await folder(world, alice)
    await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    there = f"keycell/nodes/{docs}/comments"
    for _ in range(comments.MOST_IN_TIME):
        kept = await say(alice, docs, "@bo")
        await alice.asks("DELETE", f"{there}/{kept['id']}")
    await alice.is_told(409, "POST", there, {"said": "@bo"})
    assert await said(alice, docs) == []


async def test_whom_a_comment_names_gets_a_letter_if_they_may_read_it(
    world: World, browser: Browser, mailbox: Mailbox, alice: Person, bo: Person
) -> None:
    """UX-F25: with a link to what it is about, where they see it; nobody else, and no stranger."""
    cy = await person(world, browser, "cy")
    for one in (alice, bo, cy):
        await reached_by_mail(world, one)
    docs = await folder(world, alice, "personal-files/50% done\u2028now")
    cell = await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    node = await node_at(alice, "personal-files/50% done\u2028now/a.txt")
    text = "Look, @bo. And @cy, @alice, @nobody, @BO; bo@cy\n<b>50%(said)s</b>"
    assert (await say(alice, node, text))["told"] == 1
    await say(alice, docs, "(@bo)")
    await deliver_all(world)
    assert mailbox.to("cy@example.org") == mailbox.to("alice@example.org") == []
    _shared, first, second = mailbox.to("bo@example.org")
    assert first["subject"] == "Alice named you in a comment on “a.txt”"
    assert f"{HERE}/files/{cell['Slug']}?about=a.txt" in text_of(first)
    assert "50%(said)s" in text_of(first)
    assert "&lt;b&gt;50%(said)s" in html_of(first)
    assert second["subject"] == "Alice named you in a comment on “Our docs”"
    assert f"{HERE}/files/{cell['Slug']}\n" in text_of(second)
