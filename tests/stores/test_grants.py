"""Grants: of many at once one wins, on either database and across processes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from keycell.accounts.audit import Origin
from keycell.accounts.sessions import LONGEST_AGENT
from keycell.oauth.grants import RefreshState
from keycell.provider.ports import (
    CodeSpending,
    Held,
    Lost,
    OpaqueToken,
    Rotation,
    SameSuccessor,
    Standing,
    Won,
)
from keycell.stores import schema
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.grants import SqlGrantStore
from keycell.stores.opening import open_database

from .conftest import ANN, EVENT, GRANT, LATER, NOW


def spending(number: int = 0, opaque: OpaqueToken | None = None) -> CodeSpending:
    return CodeSpending(
        grant_id=GRANT.grant_id,
        digest="code",
        at=NOW,
        expires_at=LATER,
        refresh=RefreshState(family_digest="family", digest=f"first{number}", expires_at=LATER),
        opaque=opaque,
        cnf=None,
        event=EVENT,
    )


def rotation(spent: str, successor: str, since_seconds: int = 60) -> Rotation:
    return Rotation(
        grant_id=GRANT.grant_id,
        digest=spent,
        at=NOW,
        expires_at=LATER,
        successor=RefreshState(
            family_digest="family",
            digest=successor,
            expires_at=LATER,
            previous_digest=spent,
            rotated_at=NOW,
            sealed=f"sealed {successor}",
        ),
        opaque=None,
        event=EVENT,
        repeat_since=NOW - timedelta(seconds=since_seconds),
    )


async def test_a_grant_comes_back_as_it_was_kept(database: Database) -> None:
    grants = SqlGrantStore(database)
    await grants.start(GRANT, EVENT)
    assert await grants.find(GRANT.grant_id) == GRANT
    assert await grants.find("h" * 22) is None


async def test_of_twenty_one_spends_the_code(database: Database) -> None:
    """RFC6749-4.1.2."""
    grants = SqlGrantStore(database)
    await grants.start(GRANT, EVENT)
    outcomes = await asyncio.gather(*(grants.exchange_code(spending(n)) for n in range(20)))
    assert outcomes.count(Won()) == 1
    assert outcomes.count(Lost()) == 19
    kept = await grants.find(GRANT.grant_id)
    assert kept is not None
    assert kept.refresh is not None
    assert kept.refresh.digest == f"first{outcomes.index(Won())}"


async def test_two_stores_of_two_connections_agree(database: Database, url: str) -> None:
    """RFC6749-4.1.2: as two processes would."""
    other = await open_database(url)
    one, two = SqlGrantStore(database), SqlGrantStore(other)
    await one.start(GRANT, EVENT)
    spent = await asyncio.gather(
        *(store.exchange_code(spending(n)) for n in range(10) for store in (one, two))
    )
    assert spent.count(Won()) == 1
    first = (await one.find(GRANT.grant_id)).refresh.digest  # type: ignore[union-attr]
    outcomes = await asyncio.gather(
        *(
            s.rotate(rotation(first, f"s{n}{i}"))
            for n in range(10)
            for i, s in enumerate((one, two))
        )
    )
    await other.close()
    assert outcomes.count(Won()) == 1
    same = {one for one in outcomes if isinstance(one, SameSuccessor)}
    kept = await one.find(GRANT.grant_id)
    assert kept is not None
    assert kept.refresh is not None
    assert same == {SameSuccessor(f"sealed {kept.refresh.digest}")}
    assert kept.refresh.was_repeated


async def test_a_rotation_long_ago_gives_its_successor_no_more(database: Database) -> None:
    """decisions/0005."""
    grants = SqlGrantStore(database)
    await grants.start(GRANT, EVENT)
    await grants.exchange_code(spending())
    assert await grants.rotate(rotation("first0", "second")) == Won()
    assert await grants.rotate(rotation("first0", "third")) == SameSuccessor("sealed second")
    assert await grants.rotate(rotation("first0", "third", since_seconds=-1)) == Lost()
    assert await grants.rotate(rotation("never", "third")) == Lost()


async def test_a_grant_is_found_with_its_account(database: Database) -> None:
    """One read gives both; a grant whose account is gone or disabled stands for nothing."""
    grants, accounts = SqlGrantStore(database), SqlAccountStore(database)
    await grants.start(GRANT, EVENT)
    assert await grants.held(GRANT.grant_id) == Held(GRANT, None)
    assert await grants.standing(GRANT.grant_id, "jti") is None
    await accounts.add(ANN, EVENT)
    assert await grants.held(GRANT.grant_id) == Held(GRANT, ANN)
    standing = Standing(ANN, GRANT.authentication, GRANT.claims)
    assert await grants.standing(GRANT.grant_id, "jti") == standing
    await database.write(lambda: _disable(ANN.sub))
    assert await grants.standing(GRANT.grant_id, "jti") is None
    assert await grants.held("h" * 22) is None


def _disable(sub: str) -> Verb[None]:
    yield Statement(update(schema.accounts).where(schema.accounts.c.sub == sub)
                    .values(disabled_at=1)), {}  # fmt: skip


async def test_an_ended_grant_exchanges_nothing(database: Database) -> None:
    """RFC7009-2.1."""
    grants = SqlGrantStore(database)
    await SqlAccountStore(database).add(ANN, EVENT)
    await grants.start(GRANT, EVENT)
    assert await grants.exchange_code(spending()) == Won()
    assert await grants.standing(GRANT.grant_id, "jti") is not None
    ended = await asyncio.gather(*(grants.revoke(GRANT.grant_id, NOW, EVENT) for _ in range(20)))
    assert ended.count(True) == 1
    assert await grants.rotate(rotation("first0", "second")) == Lost()
    assert await grants.exchange_code(spending()) == Lost()
    assert await grants.standing(GRANT.grant_id, "jti") is None


async def test_one_access_token_ends_alone(database: Database) -> None:
    """RFC7009-2.1."""
    grants = SqlGrantStore(database)
    await SqlAccountStore(database).add(ANN, EVENT)
    await grants.start(GRANT, EVENT)
    for _ in range(2):
        await grants.revoke_token("jti", LATER, EVENT)
    assert await grants.is_revoked("jti")
    assert not await grants.is_revoked("other")
    assert await grants.standing(GRANT.grant_id, "jti") is None
    assert await grants.standing(GRANT.grant_id, "other") is not None


async def test_an_opaque_token_is_kept_with_the_exchange_or_not_at_all(database: Database) -> None:
    grants = SqlGrantStore(database)
    token = OpaqueToken(
        "digest", "jti", GRANT.grant_id, "app", "ann", GRANT.scope, GRANT.audience, NOW, LATER
    )
    assert await grants.exchange_code(spending(opaque=token)) == Lost()
    assert await grants.opaque("digest") is None
    await grants.start(GRANT, EVENT)
    assert await grants.exchange_code(spending(opaque=token)) == Won()
    assert await grants.opaque("digest") == token


async def test_a_repeat_is_counted_once(database: Database) -> None:
    """decisions/0005: a token that is asked for twice each time is taken for shadowed."""
    grants = SqlGrantStore(database)
    await grants.start(GRANT, EVENT)
    await grants.exchange_code(spending())
    await grants.rotate(rotation("first0", "second"))
    await asyncio.gather(*(grants.repeat(GRANT.grant_id, "first0", None) for _ in range(20)))
    kept = await grants.find(GRANT.grant_id)
    assert kept is not None
    assert kept.refresh is not None
    assert kept.refresh.was_repeated
    assert kept.refresh.shadow_run == 0


async def test_a_grant_without_its_optional_parts(database: Database) -> None:
    grants = SqlGrantStore(database)
    code = replace(GRANT.code, nonce=None, code_challenge=None) if GRANT.code else None
    bare = replace(GRANT, sid=None, code=code)
    await grants.start(bare, EVENT)
    assert await grants.find(bare.grant_id) == bare


async def test_where_a_grant_was_used_last_is_kept(database: Database) -> None:
    """UX-P03: by whoever started it, then by its client; however long its name is."""
    grants = SqlGrantStore(database)
    at = [Origin(f"192.0.2.{n}", f"{n}" * 400) for n in range(3)]
    seen = []
    await grants.start(GRANT, replace(EVENT, origin=at[0]))
    seen.append(await grants.find(GRANT.grant_id))
    await grants.exchange_code(replace(spending(), event=replace(EVENT, origin=at[1])))
    seen.append(await grants.find(GRANT.grant_id))
    await grants.rotate(replace(rotation("first0", "second"), event=replace(EVENT, origin=at[2])))
    seen.append(await grants.find(GRANT.grant_id))
    kept = [(one.ip, one.user_agent) for one in seen if one is not None]
    assert kept == [(one.ip, one.user_agent[:LONGEST_AGENT]) for one in at]
