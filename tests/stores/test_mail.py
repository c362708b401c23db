"""Letters and proofs: one process has a letter in hand, one caller spends a proof."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.errors import ChangedMeanwhile
from keycell.accounts.letters import Posted
from keycell.accounts.people import Account
from keycell.accounts.ports_mail import Change, Ends, Mailing
from keycell.accounts.proofs import Proof, ProofKind
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.outbox import SqlOutbox
from keycell.stores.proofs import SqlProofStore

from .conftest import ANN, EVENT, LATER

PROOF = Proof(
    proof_id="proof", kind=ProofKind.RESET, digest="digest", code_mac="mac", asked_by="browser",
    sub="ann", stamp="stamp", details={"email": "ann@example.org"}, created_at=LATER,
    created_by="ann", expires_at=LATER + timedelta(minutes=30),
)  # fmt: skip
POSTED = Posted(mail_id="mail", sealed="sealed", at=LATER)


def changed(number: int) -> Account:
    return replace(ANN, password_hash=f"hash{number}", updated_at=LATER + timedelta(seconds=1))


async def test_a_proof_comes_back_as_it_was_kept(database: Database) -> None:
    proofs = SqlProofStore(database)
    await proofs.keep(Mailing((POSTED,), (PROOF,)), EVENT)
    assert await proofs.find(ProofKind.RESET, "digest") == PROOF
    assert await proofs.find(ProofKind.ACCESS, "digest") is None
    assert await proofs.named("proof") == PROOF
    assert await proofs.of_browser(ProofKind.RESET, "browser", LATER) == [PROOF]
    assert await proofs.of_account(ProofKind.RESET, "ann", LATER) == [PROOF]
    assert await proofs.open_of(ProofKind.RESET, LATER) == [PROOF]
    assert await proofs.open_of(ProofKind.RESET, PROOF.expires_at) == []
    assert await proofs.of_account(ProofKind.RESET, "bob", LATER) == []


async def test_of_twenty_at_once_one_spends_it(database: Database) -> None:
    proofs, accounts = SqlProofStore(database), SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    await proofs.keep(Mailing(proofs=(PROOF,)))
    changes = [
        Change(account=changed(n), before=ANN, event=EVENT, ends=Ends.EVERYTHING,
               mailing=Mailing((replace(POSTED, mail_id=f"mail{n}"),)))
        for n in range(20)
    ]  # fmt: skip
    done = await asyncio.gather(*(proofs.exchange(PROOF, change) for change in changes))
    assert done.count(True) == 1
    kept = await accounts.find("ann")
    assert kept == changed(done.index(True))
    taken = await SqlOutbox(database).take("w", LATER, LATER + timedelta(minutes=5))
    assert taken is not None
    assert taken.mail_id == f"mail{done.index(True)}"
    assert await SqlOutbox(database).take("w", LATER, LATER + timedelta(minutes=5)) is None
    assert not await proofs.revoke(PROOF, LATER, EVENT)


async def test_a_proof_is_not_spent_for_nothing(database: Database) -> None:
    proofs, accounts = SqlProofStore(database), SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    await proofs.keep(Mailing(proofs=(PROOF,)))
    stale = replace(ANN, updated_at=LATER)
    change = Change(account=changed(0), before=stale, event=EVENT)
    with pytest.raises(ChangedMeanwhile):
        await proofs.exchange(PROOF, change)
    assert await proofs.exchange(PROOF, replace(change, before=ANN))


async def test_a_proof_ends_with_its_time(database: Database) -> None:
    proofs, accounts = SqlProofStore(database), SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    await proofs.keep(Mailing(proofs=(PROOF,)))
    late = replace(EVENT, at=PROOF.expires_at)
    assert not await proofs.exchange(PROOF, Change(account=changed(0), before=ANN, event=late))


async def test_of_twenty_workers_one_has_a_letter_in_hand(database: Database) -> None:
    outbox = SqlOutbox(database)
    assert await outbox.put(POSTED, 10)
    until = LATER + timedelta(minutes=5)
    took = await asyncio.gather(*(outbox.take(f"w{n}", LATER, until) for n in range(20)))
    found = [one for one in took if one is not None]
    assert [(one.mail_id, one.sealed, one.tries) for one in found] == [("mail", "sealed", 0)]
    holder = f"w{took.index(found[0])}"
    assert await outbox.take("another", LATER, until) is None
    # The lease ends: another takes it, and the first has lost it.
    again = await outbox.take("another", until, until + timedelta(minutes=5))
    assert again is not None
    assert again.tries == 1
    assert not await outbox.settle("mail", holder)
    assert await outbox.settle("mail", "another")


async def test_a_letter_that_is_put_off_waits(database: Database) -> None:
    outbox, minute = SqlOutbox(database), timedelta(minutes=1)
    await outbox.put(POSTED, 10)
    await outbox.take("w", LATER, LATER + 5 * minute)
    await outbox.put_off("mail", "w", LATER + 2 * minute)
    assert await outbox.take("w", LATER + minute, LATER + 6 * minute) is None
    assert await outbox.take("w", LATER + 2 * minute, LATER + 6 * minute) is not None


async def test_the_outbox_is_bounded(database: Database) -> None:
    outbox = SqlOutbox(database)
    put = [await outbox.put(replace(POSTED, mail_id=f"m{n}"), 3) for n in range(5)]
    assert put == [True, True, True, False, False]


async def test_people_are_found_by_an_address_that_is_theirs(database: Database) -> None:
    accounts = SqlAccountStore(database)
    await accounts.add(replace(ANN, email="Ann@Example.org"), EVENT)
    await accounts.add(replace(ANN, sub="bob", login="Bob", email_verified=False), EVENT)
    found = await accounts.with_address("ann@example.org", 5)
    assert [one.sub for one in found] == ["ann"]
