"""Revocation: a client gives a token back."""

import hmac

from keycell.accounts.audit import AuditEvent, Origin
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidGrant, OAuthError
from keycell.oauth.grants import REFRESH_PREFIX, Grant, read_refresh_token
from keycell.provider.access import open_token
from keycell.provider.ports import Provider


async def revoke(provider: Provider, client: Client, token: str, origin: Origin) -> None:
    """End a token of this client; of anything else nothing is said. RFC7009-2.1, RFC7009-2.2.

    A refresh token takes its whole grant with it, an access token goes alone.
    """
    if token.startswith(REFRESH_PREFIX):
        await _end_grant(provider, client, token, origin)
        return
    try:
        access = await open_token(provider, token, is_use=False)
    except OAuthError:
        return
    if access.client_id != client.client_id:
        return
    event = AuditEvent(
        at=provider.clock(), actor=access.sub, action="token.revoked", target=access.jti,
        client_id=client.client_id, origin=origin,
    )  # fmt: skip
    await provider.grants.revoke_token(access.jti, access.expires_at, event)


async def _end_grant(provider: Provider, client: Client, token: str, origin: Origin) -> None:
    grant = await grant_of(provider, token)
    if grant is None or grant.client_id != client.client_id:
        return
    now = provider.clock()
    event = AuditEvent(
        at=now, actor=client.client_id, action="grant.revoked", target=grant.grant_id,
        client_id=client.client_id, origin=origin,
    )  # fmt: skip
    await provider.grants.revoke(grant.grant_id, now, event)


async def grant_of(provider: Provider, refresh_token: str) -> Grant | None:
    """Find the grant that a refresh token is of, a spent one too."""
    try:
        presented = read_refresh_token(refresh_token)
    except InvalidGrant:
        return None
    grant = await provider.grants.find(presented.grant_id)
    if grant is None or grant.refresh is None:
        return None
    # Whoever has the family's secret had one of its tokens.
    is_of_family = hmac.compare_digest(grant.refresh.family_digest, presented.family_digest)
    return grant if is_of_family else None
