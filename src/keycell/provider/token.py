"""The token endpoint: find, decide, exchange.

Tokens are signed before anything is spent: the write is the last thing that happens, and nothing
that can fail comes after it.
"""

from dataclasses import replace
from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.oauth.clients import Client
from keycell.oauth.confirmation import check_holder
from keycell.oauth.errors import InvalidGrant, InvalidScope, Replayed, UnauthorizedClient
from keycell.oauth.exchange import ACCESS_TOKEN, TokenExchange
from keycell.oauth.grants import (
    PresentedCode,
    read_code,
    redeem_code,
)
from keycell.oauth.jwt_bearer import JwtBearer
from keycell.oauth.native_sso import NativeSso
from keycell.oauth.resources import resolve_audience
from keycell.oauth.scope import KNOWN, PEOPLE_ONLY
from keycell.oauth.token import (
    AnyCodeExchange,
    BackchannelExchange,
    ClientCredentials,
    CodeExchange,
    DeviceExchange,
    Refresh,
    TokenRequest,
    TokenResponse,
)
from keycell.provider import backchannel
from keycell.provider.device import allowed_code
from keycell.provider.exchange import exchange
from keycell.provider.holding import NOTHING, Shown, key_of
from keycell.provider.issue import (
    Wanted,
    first_refresh,
    grant_event,
    issue,
    make_access_token,
    standing_account,
    wanted_of,
)
from keycell.provider.jwt_bearer import exchange_assertion
from keycell.provider.native_sso import shared_code
from keycell.provider.ports import CodeSpending, Lost, Provider
from keycell.provider.refresh import refresh
from keycell.provider.register import keep_used


async def answer(
    provider: Provider,
    client: Client,
    request: TokenRequest,
    origin: Origin,
    shown: Shown = NOTHING,
) -> TokenResponse:
    """Give tokens for a code, for a refresh token, or to the client itself. RFC6749-5.1.

    A credential seen twice was stolen from one of its two holders, and we cannot tell which:
    the grant ends for both. RFC9700-4.14.2.
    """
    may_share = isinstance(request, NativeSso) and client.suite
    if request.grant_type not in client.metadata.grant_types and not may_share:
        raise UnauthorizedClient(f"this client did not register grant_type {request.grant_type}")
    cnf = await key_of(provider, client, shown)
    if cnf is not None:
        request = replace(request, cnf=cnf)
    try:
        return await _answered(provider, client, request, origin)
    except Replayed as replay:
        now = provider.clock()
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


async def _answered(
    provider: Provider, client: Client, request: TokenRequest, origin: Origin
) -> TokenResponse:
    match request:
        case Refresh():
            return await refresh(provider, client, request, origin, provider.clock())
        case ClientCredentials():
            return await _for_itself(provider, client, request, origin, provider.clock())
        case JwtBearer():
            return await exchange_assertion(provider, client, request, origin, provider.clock())
        case TokenExchange():
            return await exchange(provider, client, request, origin, provider.clock())
        case _:
            presented = await _presented(provider, client, request, origin)
            return await _exchange_code(provider, client, request, presented, origin)


async def _presented(
    provider: Provider, client: Client, request: AnyCodeExchange, origin: Origin
) -> PresentedCode:
    match request:
        case CodeExchange():
            return read_code(request.code)
        case DeviceExchange():
            return await allowed_code(provider, client, request.device_code)
        case BackchannelExchange():
            return await backchannel.allowed_code(provider, client, request.auth_req_id)
        case NativeSso():
            return await shared_code(provider, client, request, origin)


async def _exchange_code(
    provider: Provider,
    client: Client,
    request: AnyCodeExchange,
    presented: PresentedCode,
    origin: Origin,
) -> TokenResponse:
    now = provider.clock()
    held = await provider.grants.held(presented.grant_id)
    if held is None:
        raise InvalidGrant(detail="no such code")
    grant = held.grant
    check_holder(grant.cnf, request.cnf)
    code = redeem_code(
        grant, presented, client.client_id, request.redirect_uri, request.code_verifier, now
    )
    account = standing_account(client, held)
    wanted = wanted_of(provider, client, grant, grant.scope, request, now)
    issued = await issue(provider, wanted, grant, account, code.nonce)
    token, state = first_refresh(provider, client, grant, now)
    if issued.device_secret is not None and grant.sid is not None:
        await provider.sessions.keep(grant.sid)
    spending = CodeSpending(
        grant_id=grant.grant_id,
        digest=presented.digest,
        at=now,
        expires_at=issued.expires_at if state is None else state.expires_at,
        refresh=state,
        opaque=issued.opaque,
        cnf=request.cnf,
        event=grant_event("grant.exchanged", grant, origin, now),
    )
    if isinstance(await provider.grants.exchange_code(spending), Lost):
        raise Replayed(grant.grant_id, why="authorization code replayed")
    # RFC8693-2.2.1
    came_as = ACCESS_TOKEN if isinstance(request, NativeSso) else None
    return issued.response(wanted, token, came_as)


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
        cnf=request.cnf,
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
