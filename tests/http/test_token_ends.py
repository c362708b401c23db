"""Whoever made a token is told by mail before it ends, and once it has. UX-P07."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.details import ALL_FILES
from keycell.oauth.errors import InvalidScope
from keycell.provider.personal import Wish
from keycell.provider.personal_tokens import By, Limits, make_access_key, make_token, renew_token
from keycell.provider.token_ends import tell_of_ends
from keycell.settings import Settings

from ..conftest import BASE
from ..smtp import Mailbox, html_of, text_of
from .conftest import deliver_all

DAY = timedelta(days=1)


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return mailing


def wish(world: World, days: float) -> Wish:
    end = world.provider.clock() + days * DAY
    return Wish(label="laptop <b>", scopes=["files.read"], expires_at=end)


async def told_after(world: World, days: float) -> int:
    """Give how much is told by so many processes at once, so many days on."""
    later = world.provider.clock() + days * DAY
    return sum(
        await asyncio.gather(
            *(tell_of_ends(world.provider, world.people, later) for _ in range(20))
        )
    )


async def test_three_letters_each_once(world: World, told: Account, mailbox: Mailbox) -> None:
    await make_token(world.provider, told, wish(world, 90), By(told.sub))
    found = [await told_after(world, days) for days in (75, 76, 76, 86, 87, 89, 90, 91, 200)]
    assert found == [0, 1, 0, 0, 1, 0, 1, 0, 0]
    await deliver_all(world)
    first, second, third = mailbox.to("ann@example.org")
    assert first["Subject"] == second["Subject"] == "The access token “laptop <b>” ends soon"
    assert third["Subject"] == "The access token “laptop <b>” has ended"
    assert f"{BASE}/account/tokens" in text_of(first)
    assert "<b>" not in html_of(first)


async def test_one_letter_where_several_are_late(
    world: World, told: Account, mailbox: Mailbox
) -> None:
    """After a server that stood still, what is true now is said once."""
    await make_access_key(world.provider, told, wish(world, 90), By(told.sub))
    assert [await told_after(world, days) for days in (89, 89, 95, 95)] == [1, 0, 1, 0]
    await deliver_all(world)
    assert len(mailbox.to("ann@example.org")) == 2


async def test_nothing_is_told_of_what_is_renewed_ended_or_short(
    world: World, told: Account
) -> None:
    by, limits = By(told.sub), Limits(ALL_FILES, frozenset())
    _, token = await make_token(world.provider, told, wish(world, 30), by)
    _, ended = await make_token(world.provider, told, wish(world, 30), by)
    await make_token(world.provider, told, wish(world, 6), by)
    assert await world.provider.personal.revoke(
        ended.token_id, told.sub, AuditEvent(at=ended.created_at, actor="test", action="x")
    )
    end = world.provider.clock() + 300 * DAY
    await renew_token(world.provider, told, token, end, by, limits)
    assert await told_after(world, 31) == 0
    assert await told_after(world, 290) == 1


async def test_nothing_is_renewed_that_opens_more_than_one_has(
    world: World, told: Account
) -> None:
    """UX-P07: as a new one would be refused."""
    by = By(told.sub)
    _, token = await make_token(world.provider, told, wish(world, 30), by)
    with pytest.raises(InvalidScope):
        await renew_token(world.provider, told, token, None, by, Limits((), frozenset()))


async def test_who_has_no_address_of_their_own_is_written_nothing(
    world: World, ann: Account, mailbox: Mailbox
) -> None:
    event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
    assert await world.people.accounts.update(ann, replace(ann, email_verified=False), event)
    await make_token(world.provider, ann, wish(world, 30), By(ann.sub))
    assert await told_after(world, 20) == 1
    await deliver_all(world)
    assert mailbox.messages == []
