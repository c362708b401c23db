"""The first administrator's set-up code: who tries another is told of, but not without end."""

import pytest

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import SetupRefused
from keycell.accounts.setup import FirstAdministrator, complete, offer
from keycell.accounts.throttle import PAIR
from keycell.bootstrap import World

STRANGER = Origin("192.0.2.7", "browser", "request")


def form(secret: str) -> FirstAdministrator:
    return FirstAdministrator(
        secret=secret, login="root", name="", email="", password="correct horse battery"
    )


async def test_a_refused_code_is_in_the_trail_and_the_right_one_is_always_heard(
    world: World,
) -> None:
    """decisions/0018."""
    secret = await offer(world.people)
    assert secret
    for number in range(PAIR.free + 5):
        with pytest.raises(SetupRefused):
            await complete(world.people, form(f"guess {number}"), STRANGER)
    await complete(world.people, form(secret), STRANGER)
    with pytest.raises(SetupRefused):
        await complete(world.people, form(secret), Origin("198.51.100.9", "", ""))
    # What is noted soon is written with the next thing that is.
    await world.audit.record(AuditEvent(at=world.people.clock(), actor="test", action="test"))
    found = [event for _, event in await world.audit.page(None, 100)]
    refused = [one for one in found if one.action == "setup.refused"]
    assert sum(one.origin.ip == STRANGER.ip for one in refused) == PAIR.free
    assert {one.result for one in refused} == {"refused"}
    assert "guess" not in repr(refused)
