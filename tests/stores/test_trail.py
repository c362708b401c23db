"""The audit trail: what is looked for in it, among so many events."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from keycell.accounts.audit import Asked, AuditEvent, Search
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.database import Database

from .conftest import EVENT, LATER


async def test_what_is_about_somebody_is_found_among_so_many(database: Database) -> None:
    trail = SqlAuditTrail(database)
    events = [
        replace(EVENT, at=LATER + timedelta(seconds=number), target="Ann" if number == 7 else "",
                actor="ann" if number % 5 == 0 else "x",
                detail={"sub": "ann"} if number == 9 else {})
        for number in range(20)
    ]  # fmt: skip
    for event in events:
        await trail.record(event)
    asked = Asked(sub="ann", login="Ann", before=None, most=2, among=8)
    told: list[AuditEvent] = []
    parts = 0
    while True:
        part, onward = await trail.about(asked)
        told += [event for _, event in part]
        parts += 1
        if onward is None:
            break
        asked = replace(asked, before=onward)
    assert told == [events[number] for number in (15, 10, 9, 7, 5, 0)]
    assert parts >= 4


def numbered(number: int) -> AuditEvent:
    """Give one of many events."""
    return replace(
        EVENT, at=LATER + timedelta(seconds=number),
        action=("key.rotated", "keys.none", "key", "session.started")[number % 4],
        actor="ann" if number % 5 == 0 else "x", target="Ann" if number % 7 == 0 else "",
        client_id="ann" if number == 11 else "app" if number % 2 else "",
        result="refused" if number % 3 == 0 else "done",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "is_found"),
    [
        ({}, lambda _: True),
        ({"action": "key"}, lambda n: n % 4 in (0, 2)),
        ({"action": "key.rotated"}, lambda n: n % 4 == 0),
        ({"action": "ke"}, lambda _: False),
        ({"client_id": "app"}, lambda n: n % 2 and n != 11),
        ({"result": "refused"}, lambda n: n % 3 == 0),
        ({"who": frozenset({"ann"})}, lambda n: n % 5 == 0 or n == 11),
        ({"who": frozenset({"ann", "Ann", "y"})}, lambda n: not n % 5 or not n % 7 or n == 11),
        ({"who": frozenset({"x"}), "result": "done"}, lambda n: n % 5 and n % 3),
    ],
)
async def test_attack_89_a_search_looks_at_so_many_events_and_says_where_to_go_on(
    database: Database, said: dict[str, Any], is_found: Callable[[int], bool]
) -> None:
    """ATTACKS 89: however rare it is what is looked for, and however long the trail."""
    trail = SqlAuditTrail(database)
    for number in range(24):
        await trail.record(numbered(number))
    keys = [key for key, _ in reversed(await trail.page(None, 99))]
    for most, among in ((3, 8), (99, 8), (99, 24), (24, 99), (1, 1)):
        wanted = Search(before=None, beyond=keys[2], most=most, among=among, **said)
        told: list[AuditEvent] = []
        onward: str | None = keys[-1] + "0"
        while onward is not None:
            before = keys.index(onward) if onward in keys else 24
            part, onward = await trail.search(replace(wanted, before=onward))
            told += [event for _, event in part]
            assert all(before - among <= keys.index(key) < before for key, _ in part)
        assert told == [numbered(one) for one in range(23, 2, -1) if is_found(one)]


async def test_a_search_of_an_empty_trail_ends(database: Database) -> None:
    wanted = Search(before=None, beyond="", most=9, among=9)
    assert await SqlAuditTrail(database).search(wanted) == ([], None)
