"""Consents and grants that end by a moment which their person chose."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from keycell.oauth.interaction import Consent
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.consents import SqlConsentStore
from keycell.stores.database import Database
from keycell.stores.grants import SqlGrantStore

from .conftest import ANN, EVENT, GRANT, LATER, NOW

SECOND = timedelta(seconds=1)


def consent(*scope: str, ends_at: object = LATER) -> Consent:
    return Consent(frozenset(scope), frozenset(), ends_at=ends_at)  # type: ignore[arg-type]


async def test_what_was_allowed_until_a_moment_is_not_found_from_then_on(
    database: Database,
) -> None:
    """UX-C07."""
    store, event = SqlConsentStore(database), replace(EVENT, at=NOW)
    given = consent("openid", "email")
    await store.allow("ann", "app", given, event)
    assert await store.find("ann", "app", LATER - SECOND) == given
    assert [one for _, one, _ in await store.of_account("ann", LATER - SECOND)] == [given]
    assert await store.find("ann", "app", LATER) is None
    assert await store.of_account("ann", LATER) == []


async def test_what_is_over_adds_nothing_to_what_is_allowed_anew(database: Database) -> None:
    """UX-C07."""
    store = SqlConsentStore(database)
    await store.allow("ann", "app", consent("openid", "email"), replace(EVENT, at=NOW))
    anew = consent("openid", ends_at=None)
    await store.allow("ann", "app", anew, replace(EVENT, at=LATER))
    assert await store.find("ann", "app", LATER) == anew


async def test_the_time_is_the_one_that_was_said_last(database: Database) -> None:
    """UX-C07."""
    store, event = SqlConsentStore(database), replace(EVENT, at=NOW)
    await store.allow("ann", "app", consent("openid", ends_at=None), event)
    await store.allow("ann", "app", consent("email"), event)
    found = await store.find("ann", "app", NOW)
    assert found == consent("openid", "email")


async def test_of_many_answers_at_once_one_time_is_kept(database: Database) -> None:
    """UX-C07."""
    store, event = SqlConsentStore(database), replace(EVENT, at=NOW)
    times = [LATER + n * SECOND for n in range(20)]
    await asyncio.gather(
        *(store.allow("ann", "app", consent(f"s{at.second}", ends_at=at), event) for at in times)
    )
    found = await store.find("ann", "app", NOW)
    assert found is not None
    assert found.ends_at in times
    assert len(found.scope) == 20


async def test_a_grant_and_what_stands_by_it_keep_the_end(database: Database) -> None:
    """UX-C07."""
    await SqlAccountStore(database).add(ANN, EVENT)
    grants = SqlGrantStore(database)
    for grant in (replace(GRANT, ends_at=LATER), replace(GRANT, grant_id="other")):
        await grants.start(grant, EVENT)
        assert await grants.find(grant.grant_id) == replace(grant, ip="", user_agent="")
        standing = await grants.standing(grant.grant_id, "jti")
        assert standing is not None
        assert standing.ends_at == grant.ends_at
