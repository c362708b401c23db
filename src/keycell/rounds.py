"""What a server does beside answering, again and again for as long as it runs.

Every process does: none of it is wrong where two do it at once. See decisions/0013.
"""

import asyncio
import contextlib
import time
from functools import partial

from keycell.accounts.audit import SYSTEM
from keycell.accounts.leaving import remove_due
from keycell.accounts.posting import deliver
from keycell.administration.alerting import Alerting
from keycell.administration.office import Office
from keycell.administration.telling_hooks import Telling, queue_events
from keycell.bootstrap import World
from keycell.files.errors import StoreAway
from keycell.http.administering import certificate_ends
from keycell.provider.keys import maintain
from keycell.provider.personal_tokens import By
from keycell.provider.test_mode import end_tests
from keycell.provider.token_ends import tell_of_ends
from keycell.randomness import mint_id
from keycell.stores.database import Unavailable
from keycell.stores.sweep import Sweep

KEYS_LOOKED_AT_EVERY = 3600.0
"""Seconds between looks at the age of our keys."""
READERS_NOTED_EVERY = 60.0
"""Seconds between looks at who fetched our keys."""
SWEPT_EVERY = 10.0
"""Seconds between sweeps of what files left behind."""
SWEEP_RESTS = 0.2
"""The same while there is more."""
POSTED_EVERY = 1.0
"""Seconds between looks for letters that wait."""
HOOKS_EVERY = 1.0
"""Seconds between looks for what webhooks are to be told."""
ALERTS_EVERY = 5.0
"""Seconds between looks for what administrators are to be told."""


async def keep_keys(world: World, every: float = KEYS_LOOKED_AT_EVERY) -> None:
    """Look at the age of our keys for as long as we run."""
    while True:
        await asyncio.sleep(every)
        # A database that is away is no reason to stop looking.
        with contextlib.suppress(Unavailable):
            await maintain(world.keys)


async def note_key_readers(world: World, every: float = READERS_NOTED_EVERY) -> None:
    """Keep which applications fetched our keys, for as long as we run: never in an answer."""
    while True:
        await asyncio.sleep(every)
        found = world.keys.readers.take(time.perf_counter(), world.keys.clock())
        if found:
            # One that is lost while the database is away comes again with the next fetch.
            with contextlib.suppress(Unavailable):
                await world.keys.store.note(found)


async def sweep_files(world: World, every: float = SWEPT_EVERY) -> None:
    """Let go of what is kept no longer, for as long as we run."""
    sweep = Sweep(world.database, world.files.blobs, world.files.limits)
    rest = every
    while True:
        await asyncio.sleep(rest)
        rest = every
        with contextlib.suppress(Unavailable, StoreAway):
            # Others come first: where much is left, it goes on after a moment.
            now = world.files.clock()
            done = await remove_due(world.people, now)
            done += await tell_of_ends(world.provider, world.people, now)
            done += await end_tests(world.provider, world.people, now)
            rest = SWEEP_RESTS if await sweep.once(now) + done else every


async def post_letters(world: World, every: float = POSTED_EVERY) -> None:
    """Send the letters that wait, for as long as we run and have a mail server."""
    worker = mint_id()
    while world.people.mail.mailer.is_set:
        await asyncio.sleep(every)
        with contextlib.suppress(Unavailable):
            while await deliver(world.people, worker):
                continue


async def tell_hooks(world: World, every: float = HOOKS_EVERY) -> None:
    """Tell webhooks what happens, for as long as we run."""
    telling = Telling(office_of_machine(world), world.fetcher)
    try:
        while True:
            await asyncio.sleep(every)
            with contextlib.suppress(Unavailable):
                await queue_events(telling.office)
                await telling.round()
    finally:
        await telling.stop()


async def raise_alerts(world: World, every: float = ALERTS_EVERY) -> None:
    """Tell administrators what somebody should look at, for as long as we run."""
    alerting = Alerting(office_of_machine(world))
    while True:
        # The first at once: what happens before there are rules raises nothing.
        with contextlib.suppress(Unavailable):
            await alerting.round()
        await asyncio.sleep(every)


def office_of_machine(world: World) -> Office:
    """Give what administration works with where nobody administers."""
    return Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By(SYSTEM),
        files_kept=world.files.limits.trash_kept, origins=world.settings.origins,
        allows_http=world.settings.insecure_http,
        fetch_networks=world.settings.fetch_networks,
        certificate=partial(certificate_ends, world.settings.tls_cert),
    )  # fmt: skip
