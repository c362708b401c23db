"""The one module that knows the ports and what fills them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from keycell.accounts.ports import People
from keycell.files.carrying import WORKS
from keycell.files.errors import StoreAway
from keycell.files.finding import ensure_common
from keycell.files.ports import Files
from keycell.files.running import Runner
from keycell.oauth.first_party import first_party_clients
from keycell.oauth.grants import digest
from keycell.oauth.metadata import Endpoints
from keycell.outside.assertions import ClientAssertions
from keycell.outside.fetch import Fetcher, RemoteKeys
from keycell.outside.hashing import Passwords
from keycell.outside.jose import JwtKeyring, SigningKey, generate_key
from keycell.outside.sealing import Sealer, SuccessorSeal, load_or_make_key, read_key
from keycell.provider.keys import KeptKey, KeyKeeping, maintain, open_key
from keycell.provider.ports import Provider, SealBroken
from keycell.randomness import random_text, time_ordered_uuid
from keycell.settings import BadSetting, Settings
from keycell.stores import keys as stored_keys
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.blob_rows import SqlBlobRows
from keycell.stores.blobs import open_blobs
from keycell.stores.clients import NAME as CLIENTS
from keycell.stores.clients import SqlClientStore
from keycell.stores.consents import SqlConsentStore
from keycell.stores.database import Database, Unavailable
from keycell.stores.devices import SqlDeviceStore
from keycell.stores.file_meta import SqlMetaStore
from keycell.stores.grants import SqlGrantStore
from keycell.stores.groups import SqlGroupStore
from keycell.stores.jobs import SqlJobStore
from keycell.stores.keys import SqlKeyStore
from keycell.stores.links import SqlLinkStore
from keycell.stores.locks import SqlLockStore
from keycell.stores.migrate import migrate
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.personal import SqlAccessKeyStore, SqlPersonalTokenStore
from keycell.stores.pictures import SqlPictureStore
from keycell.stores.sessions import SqlSessionStore
from keycell.stores.spaces import SqlSpaceStore
from keycell.stores.sweep import Sweep
from keycell.stores.throttles import SqlSeenIds, SqlThrottleStore
from keycell.stores.uploads import SqlUploadStore
from keycell.stores.versions import POLL_SECONDS, Versions

KEYS_LOOKED_AT_EVERY = 3600.0
"""Seconds between looks at the age of the signing keys."""


SWEPT_EVERY = 10.0
"""Seconds between sweeps of what files left behind, and between its rounds while there is more."""
SWEEP_RESTS = 0.2


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
    audit: SqlAuditTrail
    keys: KeyKeeping
    fetcher: Fetcher
    versions: Versions
    keyring: JwtKeyring


@contextlib.asynccontextmanager
async def open_world(settings: Settings, *, serves: bool = True) -> AsyncIterator[World]:
    """Open the stores, load the keys, and let go of all of it at the end.

    A command that does not serve knows nothing of the addresses people reach the server at, and
    leaves the clients that follow from them alone.
    """
    sealer = Sealer(sealing_key(settings))
    await migrate(settings.database_url)
    database = await open_database(settings.database_url)
    world = _build(settings, database, sealer)
    try:
        if serves:
            await _put_first_party(world, sealer)
            await ensure_common(world.files)
        await maintain(world.keys)
        await load_keys(world)
        _watch(world, sealer)
        yield world
    finally:
        await world.runner.stop()
        await world.versions.stop()
        await world.fetcher.close()
        await world.files.blobs.close()
        await database.close()


def sealing_key(settings: Settings) -> bytes:
    """Give the sealing key: configured, or kept beside an SQLite database."""
    if settings.sealing_key:
        return read_key(settings.sealing_key)
    return load_or_make_key(settings.data / "sealing.key")


def now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


def mint() -> str:
    """Give a fresh secret of 256 bits."""
    return random_text(32)


def mint_id() -> str:
    """Give a fresh identifier of 128 bits."""
    return random_text(16)


def _build(settings: Settings, database: Database, sealer: Sealer) -> World:
    clients, audit, keyring = SqlClientStore(database), SqlAuditTrail(database), JwtKeyring()
    people = _people(database, sealer, audit)
    fetcher = Fetcher(settings.fetch_networks)
    provider = Provider(
        endpoints=Endpoints(settings.issuer, settings.base_url),
        resource=settings.base_url,
        clients=clients,
        grants=SqlGrantStore(database),
        consents=SqlConsentStore(database),
        devices=SqlDeviceStore(database),
        throttles=people.throttles,
        personal=SqlPersonalTokenStore(database),
        access_keys=SqlAccessKeyStore(database),
        accounts=people.accounts,
        sessions=people.sessions,
        audit=audit,
        keys=keyring,
        foreign=ClientAssertions(RemoteKeys(fetcher)),
        seen=SqlSeenIds(database),
        sealer=sealer,
        successors=SuccessorSeal(),
        clock=now,
        mint=mint,
        mint_id=mint_id,
    )
    files = _files(settings, database, people, audit)
    return World(
        settings=settings, database=database, provider=provider, people=people, files=files,
        runner=Runner(files, mint_id(), WORKS), clients=clients, audit=audit, fetcher=fetcher,
        keys=KeyKeeping(SqlKeyStore(database), sealer, _make_key, now),
        versions=Versions(database), keyring=keyring,
    )  # fmt: skip


def _files(settings: Settings, database: Database, people: People, audit: SqlAuditTrail) -> Files:
    limits = settings.limits
    return Files(
        spaces=SqlSpaceStore(database),
        nodes=SqlNodeStore(database, time_ordered_uuid, limits.versions_kept, limits.most_nodes),
        uploads=SqlUploadStore(database),
        meta=SqlMetaStore(database),
        jobs=SqlJobStore(database),
        links=SqlLinkStore(database),
        pictures=SqlPictureStore(database),
        locks=SqlLockStore(database),
        rows=SqlBlobRows(database),
        blobs=open_blobs(settings.objects, settings.data),
        accounts=people.accounts,
        audit=audit,
        clock=now,
        mint_id=time_ordered_uuid,
        limits=limits,
    )


def _people(database: Database, sealer: Sealer, audit: SqlAuditTrail) -> People:
    accounts = SqlAccountStore(database)
    return People(
        accounts=accounts,
        sessions=SqlSessionStore(database),
        throttles=SqlThrottleStore(database),
        setup=accounts,
        groups=SqlGroupStore(database),
        audit=audit,
        passwords=Passwords(),
        mac=sealer.mac,
        clock=now,
        mint=mint,
        mint_id=mint_id,
    )


async def _put_first_party(world: World, sealer: Sealer) -> None:
    web_secret = digest(sealer.mac("web", b"keycell-web"))
    await world.clients.put(first_party_clients(world.settings.origins, web_secret))


def _watch(world: World, sealer: Sealer) -> None:
    """Follow what other processes change: clients, keys, and after a restore the sealing key."""
    tasks: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        while True:
            try:
                sealer.replace_key(sealing_key(world.settings))
                await load_keys(world)
            except Unavailable:
                await asyncio.sleep(POLL_SECONDS)
            else:
                return

    def begin() -> None:
        task = asyncio.get_running_loop().create_task(reload())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    world.versions.watch(CLIENTS, world.clients.forget)
    world.versions.watch(stored_keys.NAME, begin)


async def load_keys(world: World) -> None:
    """Read the signing keys anew."""
    loaded = []
    for kept in await world.keys.store.all():
        private = _opened(world.keys, kept)
        record = kept.record
        loaded.append(SigningKey(record.kid, record.alg, private, signs=record.state == "current"))
    world.keyring.load(loaded)


def _opened(keeping: KeyKeeping, kept: KeptKey) -> Mapping[str, object]:
    try:
        return open_key(keeping.sealer, kept)
    except SealBroken:
        raise BadSetting(
            f"the signing key {kept.record.kid} cannot be opened: the sealing key is not the one "
            "it was sealed with; give back the file sealing.key or KEYCELL_SEALING_KEY that "
            "belong to this database"
        ) from None


async def keep_keys(world: World, every: float = KEYS_LOOKED_AT_EVERY) -> None:
    """Look at the age of the signing keys for as long as we run."""
    while True:
        await asyncio.sleep(every)
        # A database that is away is no reason to stop looking.
        with contextlib.suppress(Unavailable):
            await maintain(world.keys)


async def sweep_files(world: World, every: float = SWEPT_EVERY) -> None:
    """Let go of what is kept no longer, for as long as we run."""
    sweep = Sweep(world.database, world.files.blobs, world.files.limits)
    rest = every
    while True:
        await asyncio.sleep(rest)
        rest = every
        with contextlib.suppress(Unavailable, StoreAway):
            # Others come first: where much is left, it goes on after a moment.
            rest = SWEEP_RESTS if await sweep.once(world.files.clock()) else every


def _make_key(alg: str) -> tuple[str, dict[str, object]]:
    key = generate_key(alg)
    return key.kid, dict(key.private_jwk)
