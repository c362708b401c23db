"""The web frontend's sessions: of many who would refresh one does, across processes too."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from keycell.accounts.ports import SessionStore
from keycell.accounts.sessions import Session
from keycell.provider.web_sessions import WebSession
from keycell.stores.database import Database
from keycell.stores.grants import SqlGrantStore
from keycell.stores.opening import open_database
from keycell.stores.sessions import SqlSessionStore
from keycell.stores.web_sessions import SqlWebSessionStore

from .conftest import EVENT, GRANT, LATER, NOW

SESSION = Session(
    sid="sid", digest="cookie", sub="ann", auth_time=LATER, amr=("pwd",), acr="acr",
    created_at=LATER, seen_at=LATER, ip="192.0.2.1", user_agent="browser",
)  # fmt: skip
WEB = WebSession(
    digest="web", sid="sid", grant_id=GRANT.grant_id, sealed="sealed", version=0,
    leased_until=NOW, created_at=LATER, expires_at=LATER + timedelta(days=30),
)  # fmt: skip
SOON = LATER + timedelta(seconds=10)


async def stand(database: Database) -> tuple[SqlWebSessionStore, SessionStore, SqlGrantStore]:
    sessions, grants = SqlSessionStore(database), SqlGrantStore(database)
    await sessions.start(SESSION, None, EVENT)
    await grants.start(GRANT, EVENT)
    web = SqlWebSessionStore(database)
    await web.start(WEB, None)
    return web, sessions, grants


async def test_it_comes_back_as_it_was_kept(database: Database) -> None:
    web, _, _ = await stand(database)
    assert await web.find("web", LATER) == WEB
    assert await web.find("other", LATER) is None
    assert await web.find("web", WEB.expires_at) is None
    await web.start(replace(WEB, digest="second"), "web")
    assert await web.find("web", LATER) is None
    await web.end("second")
    assert await web.find("second", LATER) is None


async def test_it_ends_with_the_session_and_its_grant_does_too(database: Database) -> None:
    web, sessions, grants = await stand(database)
    assert await sessions.end("sid", LATER, EVENT)
    assert await web.find("web", LATER) is None
    ended = await grants.find(GRANT.grant_id)
    assert ended is not None
    assert ended.revoked_at == LATER


async def test_it_ends_with_its_grant(database: Database) -> None:
    web, _, grants = await stand(database)
    await grants.revoke(GRANT.grant_id, LATER, EVENT)
    assert await web.find("web", LATER) is None


async def test_of_twenty_who_would_refresh_one_does(database: Database, url: str) -> None:
    web, _, _ = await stand(database)
    other = await open_database(url)
    stores = (web, SqlWebSessionStore(other))
    leased = await asyncio.gather(
        *(store.lease("web", 0, LATER, SOON) for _ in range(10) for store in stores)
    )
    assert leased.count(True) == 1
    # Whoever began and never came back is not waited for.
    assert await web.lease("web", 0, SOON, SOON + timedelta(seconds=10))
    kept = await asyncio.gather(
        *(store.keep("web", 0, "fresh") for _ in range(10) for store in stores)
    )
    assert kept.count(True) == 1
    found = await web.find("web", LATER)
    assert found is not None
    assert (found.sealed, found.version) == ("fresh", 1)
    assert await web.lease("web", 1, LATER, SOON)
    assert not await web.lease("web", 0, LATER, SOON)
    await other.close()
