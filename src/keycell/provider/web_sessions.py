"""The web frontend's sessions: the browser holds a cookie, the server its tokens.

Of all that want a new access token at once, in however many processes, one asks for it; the others
go on with the old one while it is good, and wait for the new one otherwise.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.ports import SealBroken
from keycell.oauth.dpop import proof_claims
from keycell.oauth.errors import InvalidGrant, TemporarilyUnavailable
from keycell.oauth.grants import digest
from keycell.provider.access import is_signed
from keycell.provider.ports import Provider

CLIENT_ID = "keycell-web"
LONGEST = timedelta(days=30)
MARGIN = timedelta(seconds=60)
"""So long before its end a token is not begun with any more."""
LEASE = timedelta(seconds=10)
"""Whoever refreshes has so long before another tries."""
_PURPOSE = "web session"
_POLLED_EVERY = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class WebTokens:
    """What the token endpoint gave the frontend."""

    access_token: str
    refresh_token: str
    id_token: str
    expires_at: datetime
    key: str = field(default="", repr=False)
    """The private key that they are bound to; "" for those of before. RFC9449-5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSession:
    """A browser's sign-in to the frontend; it ends with the session at the provider."""

    digest: str
    sid: str
    grant_id: str
    sealed: str
    version: int
    """Counts the refreshes, so that the outcome of an old one replaces nothing."""
    leased_until: datetime
    created_at: datetime
    expires_at: datetime


class WebSessionStore(Protocol):
    """The frontend's sessions."""

    async def start(self, session: WebSession, replaced: str | None) -> None:
        """Keep a new one, and forget the one it replaces in this browser."""
        ...

    async def find(self, digest: str, now: datetime) -> WebSession | None:
        """Find one, as long as the session at the provider and the grant stand."""
        ...

    async def lease(self, digest: str, version: int, now: datetime, until: datetime) -> bool:
        """Begin to refresh: True for one caller at a time."""
        ...

    async def keep(self, digest: str, version: int, sealed: str) -> bool:
        """Put refreshed tokens in the place of that version's, if it is still there."""
        ...

    async def end(self, digest: str) -> None:
        """Forget one."""
        ...


Ask = Callable[[Mapping[str, str], str], Awaitable[Mapping[str, object]]]
"""Sends a form to the token endpoint as the client, proven by a key; raises OAuthError."""


def prove(
    provider: Provider, key: str, method: str, url: str, access_token: str | None = None
) -> str:
    """Make a proof for one request. RFC9449-4.2."""
    now = provider.clock()
    claims = proof_claims(provider.mint_id(), method, url, now, access_token)
    return provider.proofs.prove(key, claims)


def read_tokens(answer: Mapping[str, object], now: datetime, key: str) -> WebTokens:
    """Read the token endpoint's answer. RFC6749-5.1."""
    lives = answer.get("expires_in")
    return WebTokens(
        access_token=str(answer["access_token"]),
        refresh_token=str(answer["refresh_token"]),
        id_token=str(answer["id_token"]),
        expires_at=now + timedelta(seconds=lives if isinstance(lives, int) else 0),
        key=key,
    )


def seal_tokens(provider: Provider, key: str, tokens: WebTokens) -> str:
    """Seal tokens for the session of this digest, and no other."""
    ends = int(tokens.expires_at.timestamp())
    said = [tokens.access_token, tokens.refresh_token, tokens.id_token, ends, tokens.key]
    packed = json.dumps(said)
    return provider.sealer.seal(_PURPOSE, packed.encode(), key.encode())


def open_tokens(provider: Provider, session: WebSession) -> WebTokens:
    """Open a session's tokens, or raise SealBroken."""
    opened = provider.sealer.open(_PURPOSE, session.sealed, session.digest.encode())
    access, refresh, identity, ends, *key = json.loads(opened)
    return WebTokens(
        access_token=access,
        refresh_token=refresh,
        id_token=identity,
        expires_at=datetime.fromtimestamp(ends, tz=UTC),
        key=key[0] if key else "",
    )


async def begin(
    provider: Provider, store: WebSessionStore, tokens: WebTokens, grant_id: str, replaced: str
) -> str | None:
    """Keep a new session; give its secret, or None if what it stands on has just ended."""
    grant = await provider.grants.find(grant_id)
    if grant is None or grant.sid is None:
        return None
    secret, now = provider.mint(), provider.clock()
    key = digest(secret)
    session = WebSession(
        digest=key,
        sid=grant.sid,
        grant_id=grant_id,
        sealed=seal_tokens(provider, key, tokens),
        version=0,
        leased_until=now,
        created_at=now,
        expires_at=now + LONGEST,
    )
    await store.start(session, digest(replaced) if replaced else None)
    return secret


async def current(
    provider: Provider, store: WebSessionStore, secret: str, ask: Ask
) -> WebTokens | None:
    """Give tokens that are good for a while; None if nobody is signed in."""
    key = digest(secret)
    deadline = provider.clock() + 2 * LEASE
    while True:
        now = provider.clock()
        session = await store.find(key, now)
        if session is None:
            return None
        try:
            tokens = open_tokens(provider, session)
        except SealBroken:
            return None
        # A key that leaked may be revoked while tokens that it signed are good for a while.
        stands = is_signed(provider, tokens.access_token)
        if stands and tokens.expires_at - now > MARGIN:
            return tokens
        if await store.lease(key, session.version, now, now + LEASE):
            return await _refreshed(provider, store, session, tokens, ask)
        if stands and tokens.expires_at > now:
            return tokens
        if now > deadline:
            raise TemporarilyUnavailable("the sign-in could not be renewed; try again")
        await asyncio.sleep(_POLLED_EVERY)


async def _refreshed(
    provider: Provider, store: WebSessionStore, session: WebSession, tokens: WebTokens, ask: Ask
) -> WebTokens | None:
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    try:
        fresh = read_tokens(await ask(form, tokens.key), provider.clock(), tokens.key)
    except InvalidGrant:
        await store.end(session.digest)
        return None
    sealed = seal_tokens(provider, session.digest, fresh)
    await store.keep(session.digest, session.version, sealed)
    return fresh


async def leave(
    provider: Provider, store: WebSessionStore, secret: str, origin: Origin
) -> str | None:
    """End a session and its grant; give the ID token that says to the provider who leaves."""
    now = provider.clock()
    session = await store.find(digest(secret), now)
    if session is None:
        return None
    await store.end(session.digest)
    event = AuditEvent(
        at=now, actor=CLIENT_ID, action="grant.revoked", target=session.grant_id,
        client_id=CLIENT_ID, origin=origin,
    )  # fmt: skip
    await provider.grants.revoke(session.grant_id, now, event)
    try:
        return open_tokens(provider, session).id_token
    except SealBroken:
        return None
