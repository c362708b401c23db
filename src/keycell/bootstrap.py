"""Opening a Keycell: its stores, its keys, what it follows; and letting go of all of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from keycell.accounts.ports import People, SealBroken
from keycell.files.carrying import WORKS
from keycell.files.finding import ensure_common
from keycell.files.ports import Files
from keycell.files.running import Runner
from keycell.filling import (
    make_files,
    make_key,
    make_keyrings,
    make_people,
    make_provider,
    now,
)
from keycell.oauth.encryption import KEY_FAMILIES
from keycell.oauth.first_party import first_party_clients
from keycell.oauth.grants import digest
from keycell.outside.encryption import DecryptionKey, JweKeyring
from keycell.outside.fetch import Fetcher
from keycell.outside.hashing import Passwords
from keycell.outside.jose import JwtKeyring, SigningKey
from keycell.outside.sealing import Sealer, load_or_make_key, read_key
from keycell.provider.keys import REVOKED, KeptKey, KeyKeeping, maintain, open_key
from keycell.provider.ports import Provider
from keycell.randomness import mint_id
from keycell.settings import BadSetting, Settings
from keycell.stores import keys as stored_keys
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.branding import NAME as BRANDING
from keycell.stores.clients import NAME as CLIENTS
from keycell.stores.clients import SqlClientStore
from keycell.stores.database import Database, Unavailable
from keycell.stores.keys import SqlKeyStore
from keycell.stores.migrate import migrate
from keycell.stores.opening import open_database
from keycell.stores.policies import NAME as POLICIES
from keycell.stores.policies import SqlPolicyStore
from keycell.stores.versions import POLL_SECONDS, Versions
from keycell.stores.web_sessions import SqlWebSessionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A Keycell with everything it needs, open."""

    settings: Settings
    database: Database
    provider: Provider
    people: People
    files: Files
    runner: Runner
    clients: SqlClientStore
    policies: SqlPolicyStore
    audit: SqlAuditTrail
    keys: KeyKeeping
    fetcher: Fetcher
    versions: Versions
    keyring: JwtKeyring
    encryption: JweKeyring
    web_sessions: SqlWebSessionStore


@contextlib.asynccontextmanager
async def open_world(
    settings: Settings, *, serves: bool = True, passwords: Passwords | None = None
) -> AsyncIterator[World]:
    """Open the stores, load the keys, and let go of all of it at the end.

    A command that does not serve knows nothing of the addresses people reach the server at, and
    leaves the clients that follow from them alone. Passwords are hashed at OWASP's cost, unless
    something else that hashes them is given.
    """
    sealer = Sealer(sealing_key(settings))
    await migrate(settings.database_url)
    database = await open_database(settings.database_url)
    world = _build(settings, database, sealer, passwords or Passwords())
    try:
        if serves:
            await _put_first_party(world, sealer)
            await ensure_common(world.files)
        await maintain(world.keys)
        await load_keys(world)
        await world.people.branding.load()
        _watch(world, sealer)
        yield world
    finally:
        await world.runner.stop()
        await world.versions.stop()
        await world.fetcher.close()
        await world.files.thumbnails.close()
        await world.files.blobs.close()
        await database.close()


def sealing_key(settings: Settings) -> bytes:
    """Give the sealing key: configured, or kept beside an SQLite database."""
    if settings.sealing_key:
        return read_key(settings.sealing_key)
    return load_or_make_key(settings.data / "sealing.key")


def _build(settings: Settings, database: Database, sealer: Sealer, passwords: Passwords) -> World:
    clients, audit, policies = (
        SqlClientStore(database),
        SqlAuditTrail(database),
        SqlPolicyStore(database),
    )
    people = make_people(settings, database, sealer, audit, passwords, policies)
    keyrings = make_keyrings(settings)
    files = make_files(settings, database, people, audit)
    return World(
        settings=settings, database=database, people=people, files=files, clients=clients,
        provider=make_provider(settings, database, people, clients, keyrings),
        runner=Runner(files, mint_id(), WORKS), policies=policies, audit=audit,
        keys=KeyKeeping(
            SqlKeyStore(database), sealer, make_key, now,
            ahead=timedelta(hours=settings.keys_ahead),
        ),
        versions=Versions(database), web_sessions=SqlWebSessionStore(database),
        fetcher=keyrings.fetcher, keyring=keyrings.signing, encryption=keyrings.encryption,
    )  # fmt: skip


async def _put_first_party(world: World, sealer: Sealer) -> None:
    web_secret = digest(sealer.mac("web", b"keycell-web"))
    await world.clients.put(first_party_clients(world.settings.origins, web_secret))


def _watch(world: World, sealer: Sealer) -> None:
    """Follow what other processes change; after a restore it may be the sealing key too."""
    tasks: set[asyncio.Task[None]] = set()
    # Of two readings the later one ends later: an older one would put old keys back.
    one_reading = asyncio.Lock()

    async def keys() -> None:
        sealer.replace_key(sealing_key(world.settings))
        await load_keys(world)

    async def reload(load: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                async with one_reading:
                    await load()
            except Unavailable:
                await asyncio.sleep(POLL_SECONDS)
            else:
                return

    def begin(load: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.get_running_loop().create_task(reload(load))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    world.versions.watch(CLIENTS, world.clients.forget)
    world.versions.watch(POLICIES, world.policies.forget)
    world.versions.watch(BRANDING, partial(begin, world.people.branding.load))
    world.versions.watch(stored_keys.NAME, partial(begin, keys))


async def load_keys(world: World) -> None:
    """Read our keys anew."""
    signing, decrypting = [], []
    for kept in await world.keys.store.all():
        if kept.record.state == REVOKED:
            continue
        record, private = kept.record, _opened(world.keys, kept)
        is_current = record.state == "current"
        if record.alg in KEY_FAMILIES:
            decrypting.append(DecryptionKey(record.kid, record.alg, private, is_current))
        else:
            signing.append(SigningKey(record.kid, record.alg, private, signs=is_current))
    world.keyring.load(signing, world.encryption.load(decrypting))


def _opened(keeping: KeyKeeping, kept: KeptKey) -> Mapping[str, object]:
    try:
        return open_key(keeping.sealer, kept)
    except SealBroken:
        raise BadSetting(
            f"the key {kept.record.kid} cannot be opened: the sealing key is not the one "
            "it was sealed with; give back the file sealing.key or KEYCELL_SEALING_KEY that "
            "belong to this database"
        ) from None
