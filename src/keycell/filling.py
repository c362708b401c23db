"""The one module that knows the ports and what fills them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from keycell.accounts.ports import People, SealBroken
from keycell.accounts.ports_mail import Mail
from keycell.accounts.proofs import CODE_DIGITS
from keycell.files.ports import Files
from keycell.oauth.metadata import Endpoints
from keycell.outside.assertions import ClientJwts
from keycell.outside.authenticators import WebAuthn
from keycell.outside.certificates import ClientCertificates
from keycell.outside.client_documents import ClientDocuments
from keycell.outside.cores import cores
from keycell.outside.encryption import JweKeyring
from keycell.outside.fetch import Fetcher, RemoteKeys
from keycell.outside.hashing import Passwords
from keycell.outside.jose import JwtKeyring, generate_key
from keycell.outside.mail import Mailer
from keycell.outside.one_time_codes import TotpCodes
from keycell.outside.proofs import JwtProofs
from keycell.outside.sealing import Sealer, SuccessorSeal
from keycell.outside.thumbnails import Thumbnails
from keycell.provider.ports import Provider
from keycell.randomness import mint, mint_id, random_digits, time_ordered_uuid
from keycell.settings import Settings, read_size
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.alerts import SqlAlertStore
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.backchannel import SqlBackchannelStore
from keycell.stores.blob_rows import SqlBlobRows
from keycell.stores.blobs import open_blobs
from keycell.stores.branding import SqlBrandingStore
from keycell.stores.client_uses import SqlClientUses
from keycell.stores.clients import SqlClientStore
from keycell.stores.comments import SqlCommentStore
from keycell.stores.consents import SqlConsentStore
from keycell.stores.database import Database
from keycell.stores.devices import SqlDeviceStore
from keycell.stores.factors import SqlFactorStore
from keycell.stores.file_meta import SqlMetaStore
from keycell.stores.following import SqlFollowing
from keycell.stores.grants import SqlGrantStore
from keycell.stores.groups import SqlGroupStore
from keycell.stores.hooks import SqlHookStore
from keycell.stores.issuers import SqlIssuerStore
from keycell.stores.jobs import SqlJobStore
from keycell.stores.links import SqlLinkStore
from keycell.stores.locks import SqlLockStore
from keycell.stores.logouts import SqlLogoutOutbox
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.outbox import SqlOutbox
from keycell.stores.personal import SqlAccessKeyStore, SqlPersonalTokenStore
from keycell.stores.pictures import SqlPictureStore
from keycell.stores.policies import SqlPolicyStore
from keycell.stores.preferences import SqlPreferenceStore
from keycell.stores.proofs import SqlProofStore
from keycell.stores.pushed import SqlPushedStore
from keycell.stores.sessions import SqlSessionStore
from keycell.stores.setup import SqlSetupStore
from keycell.stores.spaces import SqlSpaceStore
from keycell.stores.throttles import SqlSeenIds, SqlThrottleStore
from keycell.stores.token_ends import SqlEndingTokens
from keycell.stores.trusted import SqlTrustStore
from keycell.stores.uploads import SqlUploadStore
from keycell.stores.waiting_browsers import SqlWaitingBrowserStore


def now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Keyrings:
    """Our keys and those of clients, and what fetches theirs."""

    fetcher: Fetcher
    signing: JwtKeyring
    encryption: JweKeyring
    clients: ClientJwts


def make_keyrings(settings: Settings) -> Keyrings:
    """Make them, without a key in them yet."""
    fetcher = Fetcher(settings.fetch_networks)
    remote = RemoteKeys(fetcher)
    encryption = JweKeyring(remote)
    clients = ClientJwts(remote, fetcher, encryption)
    return Keyrings(fetcher, JwtKeyring(), encryption, clients)


def make_provider(
    settings: Settings,
    database: Database,
    people: People,
    clients: SqlClientStore,
    keyrings: Keyrings,
) -> Provider:
    """Fill what the authorization server needs the world through."""
    return Provider(
        endpoints=Endpoints(settings.issuer, settings.base_url),
        resource=settings.base_url,
        clients=clients,
        grants=SqlGrantStore(database),
        consents=SqlConsentStore(database),
        uses=SqlClientUses(database),
        devices=SqlDeviceStore(database),
        browsers=people.browsers,
        backchannel=SqlBackchannelStore(database),
        pushed=SqlPushedStore(database),
        issuers=SqlIssuerStore(database),
        hooks=SqlHookStore(database),
        alerts=SqlAlertStore(database),
        following=SqlFollowing(database),
        logouts=SqlLogoutOutbox(database),
        personal=SqlPersonalTokenStore(database),
        access_keys=SqlAccessKeyStore(database),
        ending=SqlEndingTokens(database),
        throttles=people.throttles, accounts=people.accounts, sessions=people.sessions,
        factors=people.factors, seen=people.seen, audit=people.audit, sealer=people.sealer,
        keys=keyrings.signing, encryption=keyrings.encryption,
        foreign=keyrings.clients, request_objects=keyrings.clients,
        certificates=ClientCertificates(settings.client_ca), mutual_tls=settings.mutual_tls,
        client_documents=ClientDocuments(keyrings.fetcher) if settings.client_documents else None,
        proofs=JwtProofs(), successors=SuccessorSeal(),
        clock=now, mint=mint, mint_id=mint_id,
    )  # fmt: skip


def make_files(
    settings: Settings, database: Database, people: People, audit: SqlAuditTrail
) -> Files:
    """Fill what the flows of files need the world through."""
    limits = settings.limits
    return Files(
        spaces=SqlSpaceStore(database),
        nodes=SqlNodeStore(database, time_ordered_uuid, limits.versions_kept, limits.most_nodes),
        uploads=SqlUploadStore(database),
        meta=SqlMetaStore(database),
        comments=SqlCommentStore(database),
        jobs=SqlJobStore(database),
        links=SqlLinkStore(database),
        pictures=SqlPictureStore(database),
        locks=SqlLockStore(database),
        rows=SqlBlobRows(database),
        blobs=open_blobs(settings.objects, settings.data),
        thumbnails=Thumbnails(
            settings.data / "thumbnails",
            read_size(settings.thumbnails),
            cores() // settings.workers,
        ),
        accounts=people.accounts,
        audit=audit,
        clock=now,
        mint_id=time_ordered_uuid,
        limits=limits,
    )


def make_people(
    settings: Settings,
    database: Database,
    sealer: Sealer,
    audit: SqlAuditTrail,
    passwords: Passwords,
    policies: SqlPolicyStore,
) -> People:
    """Fill what the flows of people need the world through."""
    branding = SqlBrandingStore(database)
    return People(
        accounts=SqlAccountStore(database),
        sessions=SqlSessionStore(database),
        throttles=SqlThrottleStore(database),
        setup=SqlSetupStore(database),
        groups=SqlGroupStore(database),
        audit=audit,
        passwords=passwords,
        mail=_mail(settings, database, sealer, branding),
        factors=SqlFactorStore(database),
        policies=policies,
        branding=branding,
        trusted=SqlTrustStore(database),
        trust_for=timedelta(days=settings.trust_browsers),
        preferences=SqlPreferenceStore(database),
        browsers=SqlWaitingBrowserStore(database),
        another_device=settings.another_device == "on",
        mail_codes=settings.mail_codes == "on" and bool(settings.smtp),
        authenticators=WebAuthn(settings.base_url, settings.origins),
        one_time_codes=TotpCodes(urlsplit(settings.base_url).netloc),
        sealer=sealer,
        seen=SqlSeenIds(database),
        mac=sealer.mac,
        clock=now,
        mint=mint,
        mint_id=mint_id,
    )


def _mail(
    settings: Settings, database: Database, sealer: Sealer, branding: SqlBrandingStore
) -> Mail:
    def opened(sealed: str) -> bytes | None:
        try:
            return sealer.open("letter", sealed)
        except SealBroken:
            return None

    return Mail(
        proofs=SqlProofStore(database),
        outbox=SqlOutbox(database),
        mailer=Mailer(settings, lambda: branding.shown),
        seal=lambda plain: sealer.seal("letter", plain),
        open=opened,
        mint_code=lambda: random_digits(CODE_DIGITS),
    )


async def make_key(alg: str) -> tuple[str, dict[str, object]]:
    """Make a key of ours, so that others need not wait for it."""
    # Primes are sought for up to half a second, without the interpreter's lock.
    key = await asyncio.to_thread(generate_key, alg)
    return key.kid, dict(key.private_jwk)
