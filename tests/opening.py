"""A Keycell within the tests' own process."""

import contextlib

from keycell.bootstrap import World, open_world
from keycell.outside.hashing import OF_TESTS, Passwords
from keycell.settings import Settings

PASSWORDS = Passwords(cost=OF_TESTS)
"""At OWASP's cost they took 40 % of the time of tests in which somebody signs in."""


def opening(settings: Settings) -> contextlib.AbstractAsyncContextManager[World]:
    """Open the stores and load the keys, for as long as the block lasts."""
    return open_world(settings, passwords=PASSWORDS)
