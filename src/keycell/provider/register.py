"""Registering clients: every way in makes its client here."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import Throttled
from keycell.accounts.throttle import Limit, Slot, network_of
from keycell.oauth.clients import CameBy, Client, ClientMetadata
from keycell.oauth.errors import (
    InvalidClientMetadata,
    InvalidToken,
    RegisteredTooOften,
    UnauthorizedClient,
)
from keycell.oauth.grants import digest
from keycell.oauth.legacy_clients import LegacyClient
from keycell.oauth.mutual_tls import METHODS, check_offered
from keycell.oauth.registration import read_client_metadata, to_document
from keycell.oauth.sectors import check_pairwise, check_sector
from keycell.provider.authenticate import SECRET, chosen_secret, is_secret
from keycell.provider.ports import Provider, Registration

BY_KEY = ("private_key_jwt", *METHODS)
BY_SECRET = ("client_secret_basic", "client_secret_post", "client_secret_jwt")
OPENLY = Limit(500, timedelta(seconds=15), timedelta(minutes=15), timedelta(hours=1))
"""Registrations from one network that need no token: a whole exam."""
OPENLY_A_DAY = Limit(2000, timedelta(seconds=15), timedelta(minutes=15), timedelta(hours=24))
"""Those of a day: what was never used is kept for a month, and the disk is not theirs to fill."""
_NOT_INVITED = "the initial access token is unknown, expired or used up"
_REFUSED = "the token does not open this registration"


class Fetcher(Protocol):
    """Fetches documents that clients name."""

    async def get_json(self, url: str, *, is_strangers: bool) -> object:
        """Give the JSON at an address, or raise InvalidClientMetadata."""
        ...

    async def get_if_there(self, url: str) -> bytes | None:
        """Give the body at an address; None where there is none that we may have."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """A client just made, with the secrets that are shown once."""

    client: Client
    secret: str | None
    registration_token: str | None = None


def make_client(
    provider: Provider,
    metadata: ClientMetadata,
    came_by: CameBy,
    *,
    client_id: str | None = None,
    chosen: str | None = None,
) -> Made:
    """Make a client of checked metadata; its secret is minted, unless a person chose one."""
    made = Client(
        client_id=client_id or provider.mint_id(),
        metadata=metadata,
        came_by=came_by,
        # What we set up ourselves proves possession of its codes; what came by others' hands
        # may not know how. A challenge that is sent binds always.
        require_pkce=came_by == "cli" or metadata.token_endpoint_auth_method == "none",
        created_at=provider.clock(),
    )
    return give_secret(provider, made, chosen)


def give_secret(provider: Provider, client: Client, chosen: str | None = None) -> Made:
    """Give a client a new secret, in the form in which it must be kept."""
    bare = replace(client, secret_digest=None, secret_hmac=None, secret_sealed=None)
    method = client.metadata.token_endpoint_auth_method
    if method in ("none", *BY_KEY):
        return Made(bare, None)
    secret = chosen or provider.mint()
    if method == "client_secret_jwt":
        # As long as the longest hash that it signs by. RFC7518-3.2, OIDCC-10.1.
        secret = chosen or secret + provider.mint()
        bound = client.client_id.encode()
        sealed = provider.sealer.seal(SECRET, secret.encode(), bound)
        return Made(replace(bare, secret_sealed=sealed), secret)
    if chosen is not None:
        kept = provider.sealer.mac(SECRET, chosen_secret(client.client_id, secret))
        return Made(replace(bare, secret_hmac=kept), secret)
    return Made(replace(bare, secret_digest=digest(secret)), secret)


def with_secret_of(client: Client, other: Client) -> Client:
    """Give a client the secret that another reading of it was given."""
    return replace(
        client, secret_digest=other.secret_digest, secret_hmac=other.secret_hmac,
        secret_sealed=other.secret_sealed,
    )  # fmt: skip


def make_legacy_client(
    provider: Provider, wanted: LegacyClient, before: Client | None, came_by: CameBy
) -> Client:
    """Make a client of the old system's form, or give one that exists this form.

    A secret that is not sent stays as it was, and so does what the form has no word for.
    """
    chosen = wanted.client_secret or None
    method = wanted.metadata.token_endpoint_auth_method
    if before is None:
        made = make_client(
            provider, wanted.metadata, came_by, client_id=wanted.client_id, chosen=chosen
        ).client
        made = replace(made, revoke_refresh_after=wanted.revoke_refresh_after)
    else:
        made = with_metadata(before, wanted.metadata)
        made = replace(
            made, revoke_refresh_after=wanted.revoke_refresh_after or before.revoke_refresh_after
        )
        if chosen is None and has_same_secret(method, before.metadata.token_endpoint_auth_method):
            return made
    if chosen is None and method in BY_SECRET:
        raise InvalidClientMetadata(
            f"client_secret is missing: {wanted.client_id} needs one for {method}"
        )
    return give_secret(provider, made, chosen).client


def with_metadata(client: Client, metadata: ClientMetadata) -> Client:
    """Give a client other metadata; whoever becomes public must use PKCE. RFC9700-2.1.1."""
    is_public = metadata.token_endpoint_auth_method == "none"
    return replace(client, metadata=metadata, require_pkce=client.require_pkce or is_public)


def has_same_secret(method: str, before: str) -> bool:
    """Tell whether a secret kept for one method is good for the other."""
    of_one_kind = any({method, before} <= set(kind) for kind in (BY_SECRET[:2], BY_KEY))
    return method == before or of_one_kind


async def check_metadata(
    provider: Provider, fetcher: Fetcher, document: Mapping[str, object]
) -> ClientMetadata:
    """Check metadata, with what can only be known by fetching. OIDCR-5."""
    metadata = read_client_metadata(document)
    check_pairwise(metadata)
    check_offered(metadata, provider.mutual_tls)
    if metadata.sector_identifier_uri is not None:
        found = await fetcher.get_json(metadata.sector_identifier_uri, is_strangers=True)
        check_sector(metadata, found)
    return metadata


async def register(
    provider: Provider,
    fetcher: Fetcher,
    policy: Registration,
    token: str | None,
    document: Mapping[str, object],
    origin: Origin,
) -> Made:
    """Register a client that asks for it itself. RFC7591-3."""
    initial = None if token is None or policy == "open" else digest(token)
    if policy == "closed" or (policy == "token" and initial is None):
        raise InvalidToken("registering needs an initial access token")
    # Before anything is fetched: whoever has no token has us go nowhere.
    if initial is not None and not await provider.clients.is_invited(initial, provider.clock()):
        raise InvalidToken(_NOT_INVITED)
    if not isinstance(document, dict):
        raise InvalidClientMetadata("the body must be a JSON object")
    if policy == "open":
        await _count(provider, origin)
    metadata = await check_metadata(provider, fetcher, document)
    made = make_client(provider, metadata, "registration")
    registration_token = f"kcreg_{provider.mint()}"
    client = replace(
        made.client,
        registration_digest=digest(registration_token),
        unused_until=_unused_until(provider) if policy == "open" else None,
    )
    event = _event(provider, "client.added", client, origin, client.client_id)
    if not await provider.clients.register(client, initial, event):
        raise InvalidToken(_NOT_INVITED)
    return Made(client, made.secret, registration_token)


async def _count(provider: Provider, origin: Origin) -> None:
    """Count one that nobody vouches for, before anything is fetched or kept. RFC7591-3."""
    network = network_of(origin.ip)
    slots = [
        Slot(provider.sealer.mac("throttle", f"{kind}\0{network}".encode()), limit)
        for kind, limit in (("registered", OPENLY), ("registered today", OPENLY_A_DAY))
    ]
    try:
        await provider.throttles.take(slots, provider.clock())
    except Throttled as refusal:
        raise RegisteredTooOften(refusal.wait) from None


def _unused_until(provider: Provider) -> datetime:
    # Whoever may register without asking may register without end: what is never used goes.
    return provider.clock() + provider.lifetimes.unused_client


async def keep_used(provider: Provider, client: Client) -> None:
    """Keep for good a client that is being used; raise UnauthorizedClient where it is gone."""
    if client.unused_until is None or await provider.clients.keep(client):
        return
    raise UnauthorizedClient("the registration was never used and is forgotten; register again")


async def managed(provider: Provider, client_id: str, token: str | None) -> Client:
    """Find the client that a registration access token opens. RFC7592-2.

    An unknown client, another's token and none at all are answered alike.
    """
    client = await provider.clients.find(client_id)
    expected = "" if client is None else client.registration_digest or ""
    if not hmac.compare_digest(expected, digest(token or "")) or client is None:
        raise InvalidToken(_REFUSED)
    if client.disabled:
        # Whoever disabled it did so for a reason; its own token must not bring it back.
        raise InvalidToken(_REFUSED, detail=f"{client_id} is disabled")
    return client


async def update(
    provider: Provider,
    fetcher: Fetcher,
    client: Client,
    document: Mapping[str, object],
    origin: Origin,
) -> Made:
    """Replace a registration. RFC7592-2.2."""
    if document.get("client_id") != client.client_id:
        raise InvalidClientMetadata("client_id must be that of the registration")
    _check_not_ours(provider, client, document)
    metadata = await check_metadata(provider, fetcher, document)
    method = metadata.token_endpoint_auth_method
    changed = with_metadata(client, metadata)
    is_same = has_same_secret(method, client.metadata.token_endpoint_auth_method)
    made = Made(changed, None) if is_same else give_secret(provider, changed)

    def change(now: Client) -> Client:
        # It may have been disabled while what it names was fetched, as slowly as it likes.
        if now.disabled:
            raise InvalidToken(_REFUSED, detail=f"{client.client_id} was disabled meanwhile")
        if has_same_secret(method, now.metadata.token_endpoint_auth_method) != is_same:
            raise InvalidClientMetadata("the registration was changed meanwhile; read it again")
        kept = with_metadata(now, metadata)
        return kept if is_same else with_secret_of(kept, made.client)

    event = _event(provider, "client.changed", client, origin, client.client_id)
    updated = await provider.clients.update(client.client_id, change, event)
    if updated is None:
        raise InvalidToken(_REFUSED, detail=f"{client.client_id} was removed meanwhile")
    return replace(made, client=updated)


def _check_not_ours(provider: Provider, client: Client, document: Mapping[str, object]) -> None:
    for name in (
        "registration_access_token", "registration_client_uri", "client_secret_expires_at",
        "client_id_issued_at",
    ):  # fmt: skip
        if name in document:
            raise InvalidClientMetadata(f"{name} may not be sent")
    # It may repeat its secret, and cannot choose one. RFC7592-2.2.
    secret = document.get("client_secret")
    if secret is not None and not (
        isinstance(secret, str) and is_secret(provider, client, secret)
    ):
        raise InvalidClientMetadata("client_secret is not the one of the registration")


async def remove(provider: Provider, client: Client, origin: Origin) -> None:
    """Remove a client that asks for it itself. RFC7592-2.3."""
    event = _event(provider, "client.removed", client, origin, client.client_id)
    await provider.clients.remove(client.client_id, event.at, event)


def registration_document(provider: Provider, made: Made) -> dict[str, object]:
    """Give what a client is told of its registration. RFC7591-3.2.1, RFC7592-3."""
    client = made.client
    document = to_document(client.metadata)
    document["client_id"] = client.client_id
    document["client_id_issued_at"] = int(client.created_at.timestamp())
    if made.secret is not None:
        document["client_secret"] = made.secret
    if not client.is_public and client.metadata.token_endpoint_auth_method not in BY_KEY:
        expires = client.secret_expires_at
        document["client_secret_expires_at"] = 0 if expires is None else int(expires.timestamp())
    if client.registration_digest is not None:
        uri = f"{provider.endpoints.registration}/{client.client_id}"
        document["registration_client_uri"] = uri
    if made.registration_token is not None:
        document["registration_access_token"] = made.registration_token
    return document


def _event(
    provider: Provider, action: str, client: Client, origin: Origin, actor: str
) -> AuditEvent:
    return AuditEvent(
        at=provider.clock(), actor=actor, action=action, target=client.client_id,
        client_id=client.client_id, origin=origin,
    )  # fmt: skip
