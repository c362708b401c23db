"""Browsers that wait: of many who find, decide or spend one at once, one does. UX-L13."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.sessions import Session
from keycell.accounts.waiting_browsers import Lent, WaitingBrowser
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.opening import open_database
from keycell.stores.sessions import SqlSessionStore
from keycell.stores.waiting_browsers import SqlWaitingBrowserStore

from .conftest import ANN, EVENT, LATER

AT = EVENT.at
WAITING = WaitingBrowser(
    wait_id="w1", digest="mine", user_code="kept", client_id="app", ip="192.0.2.1",
    user_agent="Firefox", created_at=AT, expires_at=AT + timedelta(minutes=5),
)  # fmt: skip
PHONE = "phone"
LENT = Lent("w1", PHONE, AT)


def session(sid: str) -> Session:
    return Session(
        sid=sid, digest=f"digest of {sid}", sub="ann", auth_time=AT, amr=("pwd",),
        acr="password", created_at=AT, seen_at=AT, ip="::1", user_agent="Firefox",
    )  # fmt: skip


@pytest.fixture
async def sessions(database: Database) -> SqlSessionStore:
    await SqlAccountStore(database).add(ANN, EVENT)
    store = SqlSessionStore(database)
    assert await store.start(session(PHONE), None, EVENT)
    return store


@pytest.fixture
async def browsers(database: Database) -> SqlWaitingBrowserStore:
    store = SqlWaitingBrowserStore(database)
    assert await store.start(WAITING)
    return store


async def allowed(browsers: SqlWaitingBrowserStore) -> None:
    assert await browsers.claim("kept", "ann", "42", AT)
    assert await browsers.decide("w1", "ann", PHONE, EVENT)


async def begin(sessions: SqlSessionStore, number: int, lent: Lent = LENT) -> bool:
    return await sessions.start(session(f"tv-{number}"), None, EVENT, None, lent)


async def test_one_comes_back_as_it_was_kept(browsers: SqlWaitingBrowserStore) -> None:
    assert await browsers.find("w1") == WAITING
    assert await browsers.find("w2") is None
    assert await browsers.found_by("ann", AT) is None
    found = replace(WAITING, found_by="ann", number="42")
    assert await browsers.claim("kept", "ann", "42", AT) == found
    assert await browsers.found_by("ann", AT) == found
    assert await browsers.found_by("bob", AT) is None
    assert await browsers.decide("w1", "ann", PHONE, EVENT)
    assert await browsers.find("w1") == replace(found, decided_at=AT, sid=PHONE)
    assert await browsers.found_by("ann", AT) is None


async def test_of_twenty_of_one_code_one_waits(database: Database) -> None:
    """RFC8628-6.1."""
    store = SqlWaitingBrowserStore(database)
    others = [replace(WAITING, wait_id=f"w{number}") for number in range(20)]
    kept = await asyncio.gather(*(store.start(one) for one in others))
    assert kept.count(True) == 1


async def test_of_twenty_who_find_it_one_has_it(
    database: Database, browsers: SqlWaitingBrowserStore, url: str
) -> None:
    """As two processes would; and whoever has it finds the same number again."""
    opened = await open_database(url)
    stores = (browsers, SqlWaitingBrowserStore(opened))
    claims = [stores[n % 2].claim("kept", f"p{n}", str(10 + n), AT) for n in range(20)]
    found = await asyncio.gather(*claims)
    await opened.close()
    has_it = [one for one in found if one is not None]
    assert len(has_it) == 1
    again = await browsers.claim("kept", str(has_it[0].found_by), "99", AT)
    assert again == has_it[0]


async def test_nobody_finds_or_decides_what_is_over(browsers: SqlWaitingBrowserStore) -> None:
    late = WAITING.expires_at
    assert await browsers.claim("kept", "ann", "42", late) is None
    assert await browsers.claim("other", "ann", "42", AT) is None
    assert await browsers.claim("kept", "ann", "42", AT)
    assert await browsers.found_by("ann", late) is None
    assert not await browsers.decide("w1", "bob", PHONE, EVENT)
    assert not await browsers.decide("w1", "ann", PHONE, replace(EVENT, at=late))
    assert await browsers.decide("w1", "ann", None, EVENT)
    assert not await browsers.decide("w1", "ann", PHONE, EVENT)


async def test_of_twenty_who_decide_one_does(browsers: SqlWaitingBrowserStore) -> None:
    assert await browsers.claim("kept", "ann", "42", AT)
    sids = (PHONE if number % 2 else None for number in range(20))
    decided = await asyncio.gather(*(browsers.decide("w1", "ann", sid, EVENT) for sid in sids))
    assert decided.count(True) == 1
    kept = await browsers.find("w1")
    assert kept is not None
    assert kept.sid == (PHONE if decided.index(True) % 2 else None)


async def test_of_twenty_one_spends_it(
    database: Database, sessions: SqlSessionStore, browsers: SqlWaitingBrowserStore, url: str
) -> None:
    """As two processes would: one session begins."""
    await allowed(browsers)
    opened = await open_database(url)
    stores = (sessions, SqlSessionStore(opened))
    begun = await asyncio.gather(*(begin(stores[n % 2], n) for n in range(20)))
    await opened.close()
    assert begun.count(True) == 1
    kept = await sessions.of_account("ann", AT)
    assert {one.sid for one in kept} == {PHONE, f"tv-{begun.index(True)}"}
    assert not await begin(sessions, 21)


async def test_nothing_begins_that_was_not_allowed(
    sessions: SqlSessionStore, browsers: SqlWaitingBrowserStore
) -> None:
    assert not await begin(sessions, 1)
    assert await browsers.claim("kept", "ann", "42", AT)
    assert not await begin(sessions, 2)
    assert await browsers.decide("w1", "ann", None, EVENT)
    assert not await begin(sessions, 3)


async def test_nothing_begins_by_another_sign_in_or_late(
    sessions: SqlSessionStore, browsers: SqlWaitingBrowserStore
) -> None:
    await allowed(browsers)
    assert await sessions.start(session("laptop"), None, EVENT)
    assert not await begin(sessions, 1, replace(LENT, sid="laptop"))
    assert not await begin(sessions, 2, replace(LENT, wait_id="w2"))
    late = replace(session("late"), created_at=WAITING.expires_at + timedelta(minutes=1))
    assert not await sessions.start(late, None, EVENT, None, LENT)
    assert await begin(sessions, 3)


@pytest.mark.parametrize("end", ["sign-out", "everywhere", "password", "disabled", "gone"])
async def test_what_ends_the_sign_in_ends_this_too(
    database: Database, sessions: SqlSessionStore, browsers: SqlWaitingBrowserStore, end: str
) -> None:
    """decisions/0084: between the yes and the session."""
    await allowed(browsers)
    accounts = SqlAccountStore(database)
    match end:
        case "sign-out":
            assert await sessions.end(PHONE, LATER, EVENT)
        case "everywhere":
            assert await sessions.end_others("ann", None, LATER, EVENT)
        case "password":
            changed = replace(ANN, password_hash="another", updated_at=LATER)
            assert await accounts.change_password(ANN, changed, None, EVENT)
        case "disabled":
            await accounts.disable("ann", LATER, EVENT)
        case "gone":
            await accounts.remove("ann", LATER, LATER, EVENT)
    assert not await begin(sessions, 1)
    assert not [one for one in await sessions.of_account("ann", AT) if one.sid == "tv-1"]
