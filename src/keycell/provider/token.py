"""The token endpoint: find, decide, exchange.

Tokens are signed before anything is spent: the write is the last thing that happens, and nothing
that can fail comes after it.
"""

from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidGrant, InvalidScope, Replayed, UnauthorizedClient
from keycell.oauth.grants import (
    Grant,
    PresentedCode,
    RefreshState,
    digest,
    format_refresh_token,
    read_code,
    redeem_code,
)
from keycell.oauth.resources import resolve_audience
from keycell.oauth.scope import KNOWN, PEOPLE_ONLY, wants_offline
from keycell.oauth.token import (
    ClientCredentials,
    CodeExchange,
    DeviceExchange,
    Refresh,
    TokenRequest,
    TokenResponse,
)
from keycell.provider.device import allowed_code
from keycell.provider.issue import (
    Wanted,
    issue,
    make_access_token,
    refresh_expiry,
    standing_account,
    wanted_of,
)
from keycell.provider.ports import CodeSpending, Lost, Provider
from keycell.provider.refresh import refresh
from keycell.provider.register import keep_used


async def answer(
    provider: Provider, client: Client, request: TokenRequest, origin: Origin
) -> TokenResponse:
    """Give tokens for a code, for a refresh token, or to the client itself. RFC6749-5.1.

    A credential seen twice was stolen from one of its two holders, and we cannot tell which:
    the grant ends for both. RFC9700-4.14.2.
    """
    if request.grant_type not in client.metadata.grant_types:
        raise UnauthorizedClient(f"this client did not register grant_type {request.grant_type}")
    now = provider.clock()
    try:
        match request:
            case CodeExchange():
                presented = read_code(request.code)
                return await _exchange_code(provider, client, request, presented, origin)
            case DeviceExchange():
                presented = await allowed_code(provider, client, request.device_code)
                return await _exchange_code(provider, client, request, presented, origin)
            case Refresh():
                return await refresh(provider, client, request, origin, now)
            case ClientCredentials():
                return await _for_itself(provider, client, request, origin, now)
    except Replayed as replay:
        event = AuditEvent(
            at=now,
            actor=client.client_id,
            action="grant.replayed",
            target=replay.grant_id,
            client_id=client.client_id,
            origin=origin,
            result="ended",
            detail={"why": replay.why},
        )
        await provider.grants.revoke(replay.grant_id, now, event)
        raise


async def _exchange_code(
    provider: Provider,
    client: Client,
    request: CodeExchange | DeviceExchange,
    presented: PresentedCode,
    origin: Origin,
) -> TokenResponse:
    now = provider.clock()
    held = await provider.grants.held(presented.grant_id)
    if held is None:
        raise InvalidGrant(detail="no such code")
    grant = held.grant
    code = redeem_code(
        grant, presented, client.client_id, request.redirect_uri, request.code_verifier, now
    )
    account = standing_account(held)
    wanted = wanted_of(provider, client, grant, grant.scope, request, now)
    issued = await issue(provider, wanted, grant, account, code.nonce)
    token, state = _first_refresh(provider, client, grant, now)
    spending = CodeSpending(
        grant_id=grant.grant_id,
        digest=presented.digest,
        at=now,
        expires_at=issued.expires_at if state is None else state.expires_at,
        refresh=state,
        opaque=issued.opaque,
        event=AuditEvent(
            at=now,
            actor=grant.sub,
            action="grant.exchanged",
            target=grant.grant_id,
            client_id=client.client_id,
            origin=origin,
        ),
    )
    if isinstance(await provider.grants.exchange_code(spending), Lost):
        raise Replayed(grant.grant_id, why="authorization code replayed")
    return issued.response(wanted, token)


def _first_refresh(
    provider: Provider, client: Client, grant: Grant, now: datetime
) -> tuple[str | None, RefreshState | None]:
    if not wants_offline(grant.scope) or "refresh_token" not in client.metadata.grant_types:
        return None, None
    family = provider.mint()
    token = format_refresh_token(grant.grant_id, family, provider.mint())
    state = RefreshState(
        family_digest=digest(family),
        digest=digest(token),
        expires_at=refresh_expiry(provider, client, now),
    )
    return token, state


async def _for_itself(
    provider: Provider, client: Client, request: ClientCredentials, origin: Origin, now: datetime
) -> TokenResponse:
    """Give a client a token of its own; what is a person's is never in it. RFC6749-4.4."""
    if client.is_public:
        raise UnauthorizedClient("a public client cannot have a token of its own")
    allowed = (KNOWN if client.metadata.scope is None else client.metadata.scope) - PEOPLE_ONLY
    excess = (request.scope & KNOWN) - allowed
    if excess:
        raise InvalidScope("a client on its own behalf may not ask for what is a person's")
    wanted = Wanted(
        client=client,
        sub=client.client_id,
        scope=request.scope & allowed if request.scope else frozenset(allowed),
        audience=resolve_audience(request.resources, client.metadata.audience, provider.resource),
        now=now,
    )
    issued = make_access_token(provider, wanted)
    await keep_used(provider, client)
    if issued.opaque is not None:
        await provider.grants.keep_opaque(issued.opaque)
    event = AuditEvent(
        at=now,
        actor=client.client_id,
        action="client.token",
        target=client.client_id,
        client_id=client.client_id,
        origin=origin,
    )
    provider.audit.note(event)
    return issued.response(wanted)
