"""What begins while everything of a person or a browser is ended does not outlive the end."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import pytest

from keycell.accounts.ports_mail import Change, Ends, Mailing
from keycell.oauth.interaction import Consent
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.devices import SqlDeviceStore
from keycell.stores.grants import SqlGrantStore
from keycell.stores.logouts import SqlLogoutOutbox
from keycell.stores.opening import open_database
from keycell.stores.proofs import SqlProofStore
from keycell.stores.sessions import SqlSessionStore

from .conftest import ANN, EVENT, LATER, grant
from .test_accounts import session
from .test_devices import CONSENT, DEVICE
from .test_mail import PROOF, changed

MANY = 20


async def beside(begins: list[Awaitable[bool]], end: Awaitable[object]) -> list[bool]:
    """Let an end come among many beginnings; tell which of them were let through."""
    half = len(begins) // 2
    *found, _ = await asyncio.gather(*begins[:half], *begins[half:], end)
    return [one is True for one in found]


@pytest.mark.parametrize("end", ["session", "account"])
async def test_no_grant_outlives_its_session_or_account(
    database: Database, url: str, end: str
) -> None:
    """OIDCC-11: of twenty that begin at that moment each is ended too, or never began."""
    other = await open_database(url)
    await SqlAccountStore(database).add(ANN, EVENT)
    await SqlSessionStore(database).start(replace(session(1), sid="sid"), None, EVENT)
    stores = SqlGrantStore(database), SqlGrantStore(other)
    begins: list[Awaitable[bool]] = [stores[n % 2].start(grant(n), EVENT) for n in range(MANY)]
    ends: Awaitable[object]
    if end == "session":
        ends = SqlSessionStore(other).end("sid", LATER, EVENT)
    else:
        ends = SqlAccountStore(other).disable("ann", LATER, EVENT)
    await beside(begins, ends)
    assert not await stores[0].start(grant(MANY), EVENT)
    assert not await stores[0].of_account("ann", ANN.created_at)
    if end == "account":
        assert not await stores[0].start(replace(grant(MANY), sid=None), EVENT)
    await other.close()


@pytest.mark.parametrize("end", ["password", "account"])
async def test_no_session_outlives_the_password_that_began_it(
    database: Database, url: str, end: str
) -> None:
    """Who proved the old one while it was changed, or while the account was disabled, is out."""
    other = await open_database(url)
    accounts = SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    stores = SqlSessionStore(database), SqlSessionStore(other)
    begins: list[Awaitable[bool]] = [
        stores[n % 2].start(session(n), None, EVENT, "hash") for n in range(MANY)
    ]
    ends: Awaitable[object]
    if end == "password":
        ends = SqlAccountStore(other).change_password(ANN, changed(1), None, EVENT)
    else:
        ends = SqlAccountStore(other).disable("ann", LATER, EVENT)
    await beside(begins, ends)
    assert not await stores[0].of_account("ann", LATER)
    assert not await stores[0].start(session(MANY), "digest1", EVENT, "hash")
    if end == "password":
        assert await stores[0].start(session(MANY + 1), None, EVENT, "hash1")
        # A passkey proves no password.
        assert await stores[0].start(session(MANY + 2), None, EVENT)
    await other.close()


async def test_a_device_is_not_let_in_for_who_is_disabled(database: Database) -> None:
    """RFC8628-3.3: and it still waits, for somebody else."""
    devices, accounts = SqlDeviceStore(database), SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    assert await devices.start(DEVICE)
    await accounts.disable("ann", LATER, EVENT)
    of_ann = replace(grant(1), sid=None)
    assert not await devices.allow(DEVICE.device_id, of_ann, CONSENT, EVENT, EVENT)
    of_bob = replace(of_ann, sub="bob")
    allowed = Consent(CONSENT.scope, frozenset())
    assert await devices.allow(DEVICE.device_id, of_bob, allowed, EVENT, EVENT)


async def test_who_wants_to_be_told_is_told_of_an_end_by_mail(database: Database) -> None:
    """OIDCBCL-2.5: a recovery or a frozen account ends sessions as signing out does."""
    outbox, proofs = SqlLogoutOutbox(database), SqlProofStore(database)
    await SqlAccountStore(database).add(ANN, EVENT)
    await outbox.join("sid", "app", "ann", LATER)
    await proofs.keep(Mailing(proofs=(PROOF,)))
    change = Change(account=changed(0), before=ANN, event=EVENT, ends=Ends.SIGN_INS)
    assert await proofs.exchange(PROOF, change)
    (ended,) = await outbox.take(LATER, LATER, 10)
    assert (ended.sid, ended.client_id) == ("sid", "app")
