"""Refreshing: the next tokens of a grant, and the same ones again for whoever lost the answer.

The successor of a refresh token is kept sealed under the token it replaces. So a client whose
answer was lost, or whose two processes asked at once, gets the same successor, and nobody else
can read it out of the store. See decisions/0005.
"""

from dataclasses import replace
from datetime import datetime

from keycell.accounts.audit import Origin
from keycell.oauth.clients import Client
from keycell.oauth.confirmation import check_holder
from keycell.oauth.errors import InvalidGrant, Replayed
from keycell.oauth.grants import (
    REPEAT_WITHIN,
    Grant,
    RefreshState,
    Repeat,
    digest,
    family_secret,
    format_refresh_token,
    read_refresh_token,
    redeem_refresh_token,
)
from keycell.oauth.scope import narrow
from keycell.oauth.token import Refresh, TokenResponse
from keycell.provider.issue import (
    grant_event,
    issue,
    refresh_expiry,
    standing_account,
    wanted_of,
)
from keycell.provider.ports import Lost, Provider, Rotation, SameSuccessor, Won


async def refresh(
    provider: Provider, client: Client, request: Refresh, origin: Origin, now: datetime
) -> TokenResponse:
    """Give the next tokens of a grant. RFC6749-6, OIDCC-12."""
    presented = read_refresh_token(request.refresh_token)
    held = await provider.grants.held(presented.grant_id)
    if held is None:
        raise InvalidGrant(detail="no such refresh token")
    grant = held.grant
    is_held = _holds(client, grant, request)
    decision = redeem_refresh_token(grant, presented, client.client_id, now, is_held=is_held)
    scope = narrow(grant.scope, request.scope)
    account = standing_account(client, held)
    wanted = wanted_of(provider, client, grant, scope, request, now)
    issued = await issue(provider, wanted, grant, account, nonce=None)
    if isinstance(decision, Repeat):
        await provider.grants.repeat(grant.grant_id, presented.digest, issued.opaque)
        sealed = decision.sealed
        return issued.response(wanted, _unseal(provider, request, sealed))
    state, token = _successor(provider, client, grant, request, now)
    rotation = Rotation(
        grant_id=grant.grant_id,
        digest=presented.digest,
        at=now,
        expires_at=state.expires_at,
        successor=state,
        opaque=issued.opaque,
        event=grant_event("grant.refreshed", grant, origin, now),
        repeat_since=grant.created_at if is_held else now - REPEAT_WITHIN,
    )
    return issued.response(wanted, await _rotate(provider, rotation, request, token))


def _holds(client: Client, grant: Grant, request: Refresh) -> bool:
    """Tell whether the sender holds the grant's key; raise InvalidGrant where they must.

    A client that proves who it is may go on with another key, not without any.
    RFC9449-5, RFC8705-4.
    """
    if client.is_public or request.cnf is None:
        check_holder(grant.cnf, request.cnf)
    return grant.cnf is not None and request.cnf == grant.cnf


async def _rotate(provider: Provider, rotation: Rotation, request: Refresh, token: str) -> str:
    match await provider.grants.rotate(rotation):
        case Won():
            return token
        case SameSuccessor(sealed):
            return _unseal(provider, request, sealed)
        case Lost():
            raise Replayed(rotation.grant_id, why="refresh token replayed")


def _successor(
    provider: Provider, client: Client, grant: Grant, request: Refresh, now: datetime
) -> tuple[RefreshState, str]:
    before = grant.refresh
    assert before is not None  # noqa: S101  (redeem_refresh_token has seen it)
    if client.is_fapi2:
        # Who uses it proves who they are and holds a key: another token would add nothing, and
        # could be lost on its way. FAPI2-SP-5.3.2.1.
        kept = replace(before, expires_at=refresh_expiry(provider, client, grant, now))
        return kept, request.refresh_token
    family = family_secret(request.refresh_token)
    token = format_refresh_token(grant.grant_id, family, provider.mint())
    state = RefreshState(
        family_digest=before.family_digest,
        digest=digest(token),
        expires_at=refresh_expiry(provider, client, grant, now),
        previous_digest=before.digest,
        rotated_at=now,
        sealed=provider.successors.seal(request.refresh_token, token.encode()),
        shadow_run=before.shadow_run + 1 if before.was_repeated else 0,
    )
    return state, token


def _unseal(provider: Provider, request: Refresh, sealed: str) -> str:
    return provider.successors.open(request.refresh_token, sealed).decode()
