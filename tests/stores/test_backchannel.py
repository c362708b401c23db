"""Requests from the back: of many who decide one does, and one process tells the client."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from keycell.accounts.ports_mail import NO_MAIL
from keycell.oauth.backchannel import BackchannelAuthentication
from keycell.oauth.details import FilesDetail
from keycell.oauth.grants import RefreshState
from keycell.oauth.interaction import Consent
from keycell.oauth.waiting import INTERVAL
from keycell.provider.ports import CodeSpending, Lost, Won
from keycell.provider.ports_waiting import Notice
from keycell.stores.backchannel import SqlBackchannelStore
from keycell.stores.consents import SqlConsentStore
from keycell.stores.database import Database
from keycell.stores.grants import SqlGrantStore
from keycell.stores.opening import open_database

from .conftest import EVENT, GRANT, LATER, grant
from .test_grants import spending

MINUTE = timedelta(minutes=1)
REQUEST = BackchannelAuthentication(
    request_id="r" * 22, digest="code", client_id="app", sub="ann", mode="push",
    scope=frozenset({"openid", "offline_access"}), audience=("https://id.example",),
    details=(FilesDetail(frozenset({"read"}), space="team"),), binding_message="1234",
    acr_values=("urn:b", "urn:a"), sealed="token", ip="192.0.2.1", user_agent="app/1",
    created_at=LATER, expires_at=LATER + timedelta(minutes=10),
)  # fmt: skip
CONSENT = Consent(REQUEST.scope, frozenset(), REQUEST.details)
KEY = REQUEST.request_id


async def started(database: Database) -> SqlBackchannelStore:
    store = SqlBackchannelStore(database)
    await store.start(REQUEST, EVENT, NO_MAIL)
    return store


async def allow(store: SqlBackchannelStore, number: int) -> bool:
    given = replace(grant(number), client_id="app")
    return await store.allow(KEY, given, CONSENT, EVENT, EVENT, Notice("told"))


async def test_a_request_comes_back_as_it_was_kept(database: Database) -> None:
    store = await started(database)
    assert await store.find(KEY) == REQUEST
    assert await store.find("e" * 22) is None
    newer = replace(REQUEST, request_id="n" * 22, created_at=LATER + MINUTE)
    await store.start(newer, EVENT, NO_MAIL)
    await store.start(replace(REQUEST, request_id="b" * 22, sub="bob"), EVENT, NO_MAIL)
    assert await store.of_account("ann", LATER, 9) == [newer, REQUEST]
    assert await store.of_account("ann", LATER, 1) == [newer]
    assert await store.of_account("ann", REQUEST.expires_at, 9) == []


async def test_of_twenty_who_decide_one_does(database: Database, url: str) -> None:
    """CIBA-8: as two processes would, some saying yes and some saying no."""
    other = await open_database(url)
    one, two = await started(database), SqlBackchannelStore(other)
    decided = await asyncio.gather(
        *(allow(store, n) for n in range(5) for store in (one, two)),
        *(
            store.deny(KEY, LATER, EVENT, Notice("no"))
            for _ in range(5)
            for store in (one, two)
        ),
    )  # fmt: skip
    await other.close()
    assert decided.count(True) == 1
    kept = await one.find(KEY)
    assert kept is not None
    said_yes = decided.index(True) < 10
    assert (kept.grant_id is not None, kept.sealed) == (said_yes, "told" if said_yes else "no")
    assert await one.of_account("ann", LATER, 9) == []
    grants = [await SqlGrantStore(database).find(f"{n:022}") for n in range(5)]
    assert sum(found is not None for found in grants) == (1 if said_yes else 0)
    consent = await SqlConsentStore(database).find("ann", "app", EVENT.at)
    assert consent == (CONSENT if said_yes else None)


async def test_nobody_decides_when_it_is_over(database: Database) -> None:
    """CIBA-11."""
    store = await started(database)
    late = replace(EVENT, at=REQUEST.expires_at)
    assert not await store.allow(KEY, grant(1), CONSENT, late, late, Notice("told"))
    assert not await store.deny(KEY, REQUEST.expires_at, late)
    assert await store.take(REQUEST.expires_at, REQUEST.expires_at + MINUTE, 9) == []


async def test_of_twenty_one_spends_what_was_allowed(database: Database) -> None:
    """CIBA-10.1: what was allowed is spent as a code is."""
    store = await started(database)
    assert await store.allow(KEY, GRANT, CONSENT, EVENT, EVENT)
    grants = SqlGrantStore(database)
    outcomes = await asyncio.gather(*(grants.exchange_code(spending(n)) for n in range(20)))
    assert outcomes.count(Won()) == 1
    assert outcomes.count(Lost()) == 19


async def test_polls_at_once_are_each_counted(database: Database) -> None:
    """CIBA-7.3, CIBA-11."""
    store = await started(database)
    grown = await asyncio.gather(*(store.poll(KEY, LATER) for _ in range(20)))
    assert grown.count(None) == 1
    assert sorted(one for one in grown if one) == [n * INTERVAL for n in range(2, 21)]


async def test_tokens_that_are_pushed_are_spent_with_the_yes(database: Database) -> None:
    """CIBA-10.3.1: nobody else can spend them, and who decided too late spends nothing."""
    store = await started(database)
    spent = CodeSpending(
        grant_id=GRANT.grant_id, digest="code", at=LATER, expires_at=LATER + MINUTE,
        refresh=RefreshState(family_digest="f", digest="d", expires_at=LATER + MINUTE),
        opaque=None, cnf=None, event=EVENT,
    )  # fmt: skip
    notice = Notice("tokens", spent)
    given = await asyncio.gather(
        *(store.allow(KEY, GRANT, CONSENT, EVENT, EVENT, notice) for _ in range(20))
    )
    assert given.count(True) == 1
    kept = await SqlGrantStore(database).find(GRANT.grant_id)
    assert kept is not None
    assert kept.code is not None
    assert kept.refresh is not None
    assert (kept.code.spent_at, kept.refresh.digest) == (LATER, "d")
    assert isinstance(await SqlGrantStore(database).exchange_code(spending(1)), Lost)


async def test_one_of_twenty_tells_the_client(database: Database, url: str) -> None:
    """CIBA-10.2: and another only when its time with it is over."""
    other = await open_database(url)
    one, two = await started(database), SqlBackchannelStore(other)
    assert await one.take(LATER, LATER + MINUTE, 9) == [], "nothing is decided"
    await allow(one, 1)
    taken = await asyncio.gather(
        *(store.take(LATER, LATER + MINUTE, 9) for _ in range(10) for store in (one, two))
    )
    await other.close()
    ((told,),) = [found for found in taken if found]
    assert (told.sealed, told.tries) == ("told", 1)
    await one.put_off(told, LATER + 2 * MINUTE)
    assert await one.take(LATER + MINUTE, LATER + 3 * MINUTE, 9) == []
    (again,) = await one.take(LATER + 2 * MINUTE, LATER + 3 * MINUTE, 9)
    assert again.tries == 2
    await one.done(again)
    assert await one.take(LATER + 9 * MINUTE, LATER + 10 * MINUTE, 9) == []
    kept = await one.find(KEY)
    assert kept is not None
    assert (kept.sealed, kept.grant_id) == (None, f"{1:022}")
