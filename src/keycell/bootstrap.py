"""The one module that knows the ports and what fills them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from keycell.accounts.ports import People, SealBroken
from keycell.accounts.ports_mail import Mail
from keycell.accounts.proofs import CODE_DIGITS
from keycell.files.carrying import WORKS
from keycell.files.finding import ensure_common
from keycell.files.ports import Files
from keycell.files.running import Runner
from keycell.oauth.encryption import KEY_FAMILIES
from keycell.oauth.first_party import first_party_clients
from keycell.oauth.grants import digest
from keycell.oauth.metadata import Endpoints
from keycell.outside.assertions import ClientJwts
from keycell.outside.authenticators import WebAuthn
from keycell.outside.certificates import ClientCertificates
from keycell.outside.client_documents import ClientDocuments
from keycell.outside.encryption import DecryptionKey, JweKeyring
from keycell.outside.fetch import Fetcher, RemoteKeys
from keycell.outside.hashing import Passwords
from keycell.outside.jose import JwtKeyring, SigningKey, generate_key
from keycell.outside.mail import Mailer
from keycell.outside.one_time_codes import TotpCodes
from keycell.outside.proofs import JwtProofs
from keycell.outside.sealing import Sealer, SuccessorSeal, load_or_make_key, read_key
from keycell.provider.keys import KeptKey, KeyKeeping, maintain, open_key
from keycell.provider.ports import Provider
from keycell.randomness import random_bytes, random_text, time_ordered_uuid
from keycell.settings import BadSetting, Settings
from keycell.stores import keys as stored_keys
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.backchannel import SqlBackchannelStore
from keycell.stores.blob_rows import SqlBlobRows
from keycell.stores.blobs import open_blobs
from keycell.stores.clients import NAME as CLIENTS
from keycell.stores.clients import SqlClientStore
from keycell.stores.consents import SqlConsentStore
from keycell.stores.database import Database, Unavailable
from keycell.stores.devices import SqlDeviceStore
from keycell.stores.factors import SqlFactorStore
from keycell.stores.file_meta import SqlMetaStore
from keycell.stores.grants import SqlGrantStore
from keycell.stores.groups import SqlGroupStore
from keycell.stores.issuers import SqlIssuerStore
from keycell.stores.jobs import SqlJobStore
from keycell.stores.keys import SqlKeyStore
from keycell.stores.links import SqlLinkStore
from keycell.stores.locks import SqlLockStore
from keycell.stores.logouts import SqlLogoutOutbox
from keycell.stores.migrate import migrate
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.outbox import SqlOutbox
from keycell.stores.personal import SqlAccessKeyStore, SqlPersonalTokenStore
from keycell.stores.pictures import SqlPictureStore
from keycell.stores.policies import NAME as POLICIES
from keycell.stores.policies import SqlPolicyStore
from keycell.stores.proofs import SqlProofStore
from keycell.stores.pushed import SqlPushedStore
from keycell.stores.sessions import SqlSessionStore
from keycell.stores.setup import SqlSetupStore
from keycell.stores.spaces import SqlSpaceStore
from keycell.stores.throttles import SqlSeenIds, SqlThrottleStore
from keycell.stores.trusted import SqlTrustStore
from keycell.stores.uploads import SqlUploadStore
from keycell.stores.versions import POLL_SECONDS, Versions
from keycell.stores.waiting_browsers import SqlWaitingBrowserStore
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
    """Give a fresh identifier of 128 bits, that no command line takes for an option."""
    while (found := random_text(16)).startswith("-"):
        pass
    return found


def mint_code() -> str:
    """Give a fresh code of eight digits."""
    return f"{int.from_bytes(random_bytes(16)) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def _build(settings: Settings, database: Database, sealer: Sealer, passwords: Passwords) -> World:
    clients, audit, keyring = SqlClientStore(database), SqlAuditTrail(database), JwtKeyring()
    policies = SqlPolicyStore(database)
    people = _people(settings, database, sealer, audit, passwords, policies)
    fetcher = Fetcher(settings.fetch_networks)
    remote = RemoteKeys(fetcher)
    encryption = JweKeyring(remote)
    jwts = ClientJwts(remote, fetcher, encryption)
    provider = _provider(
        settings, database, people, clients, (jwts, fetcher), (keyring, encryption)
    )  # fmt: skip
    files = _files(settings, database, people, audit)
    return World(
        settings=settings, database=database, provider=provider, people=people, files=files,
        runner=Runner(files, mint_id(), WORKS), clients=clients, policies=policies, audit=audit,
        fetcher=fetcher,
        keys=KeyKeeping(SqlKeyStore(database), sealer, _make_key, now),
        versions=Versions(database), keyring=keyring, encryption=encryption,
        web_sessions=SqlWebSessionStore(database),
    )  # fmt: skip


def _provider(
    settings: Settings,
    database: Database,
    people: People,
    clients: SqlClientStore,
    of_clients: tuple[ClientJwts, Fetcher],
    keyrings: tuple[JwtKeyring, JweKeyring],
) -> Provider:
    (jwts, fetcher), (keyring, encryption) = of_clients, keyrings
    return Provider(
        endpoints=Endpoints(settings.issuer, settings.base_url),
        resource=settings.base_url,
        clients=clients,
        grants=SqlGrantStore(database),
        consents=SqlConsentStore(database),
        devices=SqlDeviceStore(database),
        browsers=people.browsers,
        backchannel=SqlBackchannelStore(database),
        pushed=SqlPushedStore(database),
        issuers=SqlIssuerStore(database),
        logouts=SqlLogoutOutbox(database),
        personal=SqlPersonalTokenStore(database),
        access_keys=SqlAccessKeyStore(database),
        throttles=people.throttles, accounts=people.accounts, sessions=people.sessions,
        factors=people.factors, seen=people.seen, audit=people.audit, sealer=people.sealer,
        keys=keyring, encryption=encryption, foreign=jwts, request_objects=jwts,
        certificates=ClientCertificates(settings.client_ca), mutual_tls=settings.mutual_tls,
        client_documents=ClientDocuments(fetcher) if settings.client_documents else None,
        proofs=JwtProofs(), successors=SuccessorSeal(),
        clock=now, mint=mint, mint_id=mint_id,
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


def _people(
    settings: Settings,
    database: Database,
    sealer: Sealer,
    audit: SqlAuditTrail,
    passwords: Passwords,
    policies: SqlPolicyStore,
) -> People:
    return People(
        accounts=SqlAccountStore(database),
        sessions=SqlSessionStore(database),
        throttles=SqlThrottleStore(database),
        setup=SqlSetupStore(database),
        groups=SqlGroupStore(database),
        audit=audit,
        passwords=passwords,
        mail=_mail(settings, database, sealer),
        factors=SqlFactorStore(database),
        policies=policies,
        trusted=SqlTrustStore(database),
        trust_for=timedelta(days=settings.trust_browsers),
        browsers=SqlWaitingBrowserStore(database),
        another_device=settings.another_device == "on",
        authenticators=WebAuthn(settings.base_url, settings.origins),
        one_time_codes=TotpCodes(urlsplit(settings.base_url).netloc),
        sealer=sealer,
        seen=SqlSeenIds(database),
        mac=sealer.mac,
        clock=now,
        mint=mint,
        mint_id=mint_id,
    )


def _mail(settings: Settings, database: Database, sealer: Sealer) -> Mail:
    def opened(sealed: str) -> bytes | None:
        try:
            return sealer.open("letter", sealed)
        except SealBroken:
            return None

    return Mail(
        proofs=SqlProofStore(database),
        outbox=SqlOutbox(database),
        mailer=Mailer(settings),
        seal=lambda plain: sealer.seal("letter", plain),
        open=opened,
        mint_code=mint_code,
    )


async def _put_first_party(world: World, sealer: Sealer) -> None:
    web_secret = digest(sealer.mac("web", b"keycell-web"))
    await world.clients.put(first_party_clients(world.settings.origins, web_secret))


def _watch(world: World, sealer: Sealer) -> None:
    """Follow what other processes change: clients, keys, and after a restore the sealing key."""
    tasks: set[asyncio.Task[None]] = set()
    # Of two readings the later one ends later: an older one would put old keys back.
    one_reading = asyncio.Lock()

    async def reload() -> None:
        while True:
            try:
                async with one_reading:
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
    world.versions.watch(POLICIES, world.policies.forget)
    world.versions.watch(stored_keys.NAME, begin)


async def load_keys(world: World) -> None:
    """Read our keys anew."""
    signing, decrypting = [], []
    for kept in await world.keys.store.all():
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


async def _make_key(alg: str) -> tuple[str, dict[str, object]]:
    # Primes are sought for up to half a second, without the interpreter's lock.
    key = await asyncio.to_thread(generate_key, alg)
    return key.kid, dict(key.private_jwk)
