"""Trust in a browser begins once, with a session, and ends with what it stands on. UX-M07."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.ports_mail import Change, Ends, Mailing
from keycell.accounts.sessions import Session
from keycell.accounts.trust import MOST_TRUSTED, Shortcut, Trust, TrustedBrowser
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.factors import SqlFactorStore
from keycell.stores.proofs import SqlProofStore
from keycell.stores.sessions import SqlSessionStore
from keycell.stores.trusted import SqlTrustStore

from .conftest import ANN, EVENT, LATER
from .test_factors import APP, CODES, KEY
from .test_mail import PROOF

TRUSTED = TrustedBrowser(
    trust_id="t1", digest="d1", sub="ann", ip="::1", user_agent="Firefox", created_at=LATER,
    expires_at=LATER + timedelta(days=30),
)  # fmt: skip


ENDS = [
    "password", "added", "removed", "codes", "reset", "everywhere", "disabled", "gone", "by hand",
    "recovered", "undone",
]  # fmt: skip


def session(number: int) -> Session:
    return Session(
        sid=f"sid-{number}", digest=f"session-{number}", sub="ann", auth_time=LATER, amr=("pwd",),
        acr="password", created_at=LATER, seen_at=LATER, ip="::1", user_agent="Firefox",
    )  # fmt: skip


def trust(number: int, *replaced: str) -> Trust:
    browser = replace(
        TRUSTED, trust_id=f"t{number}", digest=f"d{number}",
        created_at=LATER + timedelta(seconds=number),
    )  # fmt: skip
    return Trust(browser, APP.app_id, frozenset(replaced), EVENT)


@pytest.fixture
async def sessions(database: Database) -> SqlSessionStore:
    await SqlAccountStore(database).add(ANN, EVENT)
    factors = SqlFactorStore(database)
    await factors.add(KEY, CODES, EVENT)
    await factors.add(APP, (), EVENT)
    return SqlSessionStore(database)


async def test_a_trust_is_kept_with_its_session(
    database: Database, sessions: SqlSessionStore
) -> None:
    store = SqlTrustStore(database)
    begun = Trust(TRUSTED, "app-1", frozenset(), EVENT)
    assert await sessions.start(session(1), None, EVENT, "hash", begun)
    assert await store.of_account("ann") == [TRUSTED]
    assert await store.of_account("bob") == []
    # One that replaces what the same browser had.
    assert await sessions.start(session(2), None, EVENT, "hash", trust(2, "d1"))
    assert [one.trust_id for one in await store.of_account("ann")] == ["t2"]
    # Begun by a factor that was removed in that very moment.
    gone = Trust(replace(TRUSTED, trust_id="t3"), "app-9", frozenset(), EVENT)
    assert await sessions.start(session(3), None, EVENT, "hash", gone)
    other = Trust(replace(TRUSTED, trust_id="t4"), "app-1", frozenset(), EVENT)
    assert not await sessions.start(session(4), None, EVENT, "another hash", other)
    assert [one.trust_id for one in await store.of_account("ann")] == ["t2"]


async def test_nobody_elses_factor_begins_a_trust(
    database: Database, sessions: SqlSessionStore
) -> None:
    await SqlAccountStore(database).add(replace(ANN, sub="bob", login="bob"), EVENT)
    factors = SqlFactorStore(database)
    await factors.add(replace(KEY, sub="bob", credential_id="bobs key"), (), EVENT)
    await factors.add(replace(APP, sub="bob", app_id="bobs app", sealed="other"), (), EVENT)
    for number, key in enumerate(("bobs key", "bobs app"), 1):
        begun = Trust(replace(TRUSTED, trust_id=key), key, frozenset(), EVENT)
        assert await sessions.start(session(number), None, EVENT, "hash", begun)
    assert await SqlTrustStore(database).of_account("ann") == []


async def test_of_twenty_and_more_at_once_the_oldest_go(
    database: Database, sessions: SqlSessionStore
) -> None:
    many = range(MOST_TRUSTED + 5)
    begun = (sessions.start(session(n), None, EVENT, "hash", trust(n)) for n in many)
    assert all(await asyncio.gather(*begun))
    assert len(await SqlTrustStore(database).of_account("ann")) == MOST_TRUSTED


async def test_of_twenty_that_use_and_end_it_none_uses_it_afterwards(
    database: Database, sessions: SqlSessionStore
) -> None:
    store = SqlTrustStore(database)
    await sessions.start(session(0), None, EVENT, "hash", trust(1))
    uses = [
        sessions.start(session(n), None, EVENT, "hash", Shortcut("t1", EVENT))
        for n in range(1, 20)
    ]
    *used, ended = await asyncio.gather(*uses, store.end("ann", "t1", EVENT))
    assert ended == 1
    standing = len(await sessions.of_account("ann", LATER))
    assert used.count(True) == standing - 1
    assert not await sessions.start(session(30), None, EVENT, "hash", Shortcut("t1", EVENT))
    assert await store.end("ann", "t1", EVENT) == 0


async def test_whose_it_is_and_until_when_is_looked_at(sessions: SqlSessionStore) -> None:
    await sessions.start(session(1), None, EVENT, "hash", trust(1))
    late = replace(EVENT, at=TRUSTED.expires_at)
    assert not await sessions.start(session(2), None, EVENT, "hash", Shortcut("t1", late))
    bobs = replace(session(3), sub="bob")
    assert not await sessions.start(bobs, None, EVENT, None, Shortcut("t1", EVENT))
    assert await sessions.start(session(4), None, EVENT, "hash", Shortcut("t1", EVENT))


async def test_nobody_ends_the_trust_of_others(
    database: Database, sessions: SqlSessionStore
) -> None:
    store = SqlTrustStore(database)
    await sessions.start(session(1), None, EVENT, "hash", trust(1))
    for trust_id in ("t1", None):
        assert await store.end("bob", trust_id, EVENT) == 0
    assert len(await store.of_account("ann")) == 1


def _changes(database: Database) -> dict[str, Callable[[], Awaitable[object]]]:
    accounts, factors = SqlAccountStore(database), SqlFactorStore(database)
    sessions, trusted = SqlSessionStore(database), SqlTrustStore(database)
    changed = replace(ANN, password_hash="other", updated_at=LATER)
    recovered = Change(account=changed, before=ANN, event=EVENT)
    undone = replace(ANN, email="before@example.org", updated_at=LATER)
    signed_out = Change(account=undone, before=ANN, event=EVENT, ends=Ends.SIGN_INS)
    return {
        "password": lambda: accounts.change_password(ANN, changed, "sid-1", EVENT),
        "added": lambda: factors.add(replace(KEY, credential_id="key-2"), (), EVENT),
        "removed": lambda: factors.remove("ann", "key-1", EVENT),
        "codes": lambda: factors.put_codes("ann", CODES, EVENT),
        "reset": lambda: factors.reset("ann", EVENT),
        "everywhere": lambda: sessions.end_others("ann", "sid-1", LATER, EVENT),
        "disabled": lambda: accounts.disable("ann", LATER, EVENT),
        "gone": lambda: accounts.remove("ann", LATER, LATER, EVENT),
        "by hand": lambda: trusted.end("ann", None, EVENT),
        "recovered": lambda: SqlProofStore(database).exchange(PROOF, recovered),
        "undone": lambda: SqlProofStore(database).exchange(PROOF, signed_out),
    }


@pytest.mark.parametrize("what", ENDS)
async def test_it_ends_with_what_it_stands_on(
    database: Database, sessions: SqlSessionStore, what: str
) -> None:
    await SqlAccountStore(database).add(
        replace(ANN, sub="root", login="root", is_admin=True), EVENT
    )
    await SqlProofStore(database).keep(Mailing(proofs=(PROOF,)))
    await sessions.start(session(1), None, EVENT, "hash", trust(1))
    # Another session's end is no reason: the browser was not left to anybody.
    await sessions.end("sid-1", LATER, EVENT)
    assert len(await SqlTrustStore(database).of_account("ann")) == 1
    await _changes(database)[what]()
    assert await SqlTrustStore(database).of_account("ann") == []
