"""How much clients are used, counted on either database. UX-X20, UX-X30."""

from dataclasses import replace
from datetime import timedelta

from keycell.oauth.interaction import Consent
from keycell.provider.client_uses import LOOKED_BACK, NO_USE, Use
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.client_uses import SqlClientUses
from keycell.stores.consents import SqlConsentStore
from keycell.stores.database import Database
from keycell.stores.grants import SqlGrantStore

from .conftest import ANN, EVENT, GRANT, LATER, NOW, grant

NOTHING = Consent(frozenset({"openid"}), frozenset(), ())
A_DAY = timedelta(days=1)


async def test_people_grants_and_the_trail_are_counted_for_each(database: Database) -> None:
    """Whoever allowed it and holds a grant too is one person; what ended does not count."""
    uses, grants = SqlClientUses(database), SqlGrantStore(database)
    accounts, consents = SqlAccountStore(database), SqlConsentStore(database)
    await accounts.add(ANN, EVENT)
    for number in range(3):
        started = replace(grant(number), sid=None, created_at=LATER - A_DAY * (number + 1),
                          expires_at=LATER + A_DAY)  # fmt: skip
        assert await grants.start(started, EVENT)
    assert await grants.revoke(grant(0).grant_id, LATER, EVENT)
    for sub in ("ann", "bob"):
        await consents.allow(sub, "app", NOTHING, replace(EVENT, at=NOW))
    await consents.allow("bob", "else", NOTHING, replace(EVENT, at=NOW))
    told = await uses.between("a", "b", LATER)
    assert told == {"app": Use(people=2, grants=2, used_at=LATER - A_DAY * 2)}
    assert set(await uses.between("", "z", LATER)) == {"app", "else"}
    assert (await uses.between("else", "else", LATER))["else"] == Use(people=1, used_at=NOW)


async def test_what_the_trail_tells_of_late_counts(database: Database) -> None:
    """A sign-in whose tokens are long gone was one; what is too long ago is not looked at."""
    trail, uses = SqlAuditTrail(database), SqlClientUses(database)
    for action, ago in (("grant.started", A_DAY), ("client.misdirected", A_DAY),
                        ("client.misdirected", A_DAY * 2),
                        ("client.misdirected", LOOKED_BACK + A_DAY)):  # fmt: skip
        await trail.record(replace(EVENT, at=LATER - ago, action=action, client_id="app"))
    told = await uses.between("app", "app", LATER)
    assert told == {"app": Use(used_at=LATER - A_DAY, misdirected=2)}
    assert (await uses.between("app", "app", LATER + LOOKED_BACK)).get("app", NO_USE) == NO_USE
    assert GRANT.client_id == "app"
