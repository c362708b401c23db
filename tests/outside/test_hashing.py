"""Passwords at rest, and what hashing them may not hold up."""

import asyncio

import pytest
from argon2 import extract_parameters

from keycell.accounts.errors import TooBusy
from keycell.outside.hashing import MOST_WAITING, NOBODYS, OF_TESTS, OWASP, Passwords


async def test_a_password_is_verified_by_its_hash() -> None:
    """decisions/0004."""
    passwords = Passwords(1)
    stored = await passwords.hash("correct horse")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(stored, "correct horse")
    assert not await passwords.verify(stored, "Correct horse")
    assert not await passwords.verify(None, "correct horse")
    assert not await passwords.verify("no hash", "correct horse")
    assert not passwords.needs_rehash(stored)
    assert passwords.needs_rehash(OF_TESTS.hasher().hash("x"))
    passwords.close()


def test_nobodys_password_costs_what_somebodys_does() -> None:
    """ATTACKS: the time of an answer does not tell who exists."""
    assert extract_parameters(NOBODYS) == extract_parameters(OWASP.hasher().hash("x"))


async def test_the_loop_goes_on_while_passwords_are_hashed() -> None:
    passwords = Passwords(1)
    work = asyncio.gather(*(passwords.hash("x") for _ in range(8)))
    turns = 0
    while not work.done():
        await asyncio.sleep(0.001)
        turns += 1
    await work
    # Hashed in the loop itself, all were done within its first turn.
    assert turns > 2
    passwords.close()


async def test_a_line_that_is_too_long_is_not_joined() -> None:
    passwords = Passwords(1)
    waiting = [asyncio.ensure_future(passwords.hash("x")) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await passwords.hash("x")
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    passwords.close()
