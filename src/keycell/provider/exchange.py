"""Token exchange: a narrower access token for one that stands. RFC8693-2.

With an ``actor_token`` it is delegation: the new token says who acts. decisions/0062.
"""

from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.oauth.actors import Act, act_json
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidGrant, InvalidRequest, InvalidToken, UnauthorizedClient
from keycell.oauth.exchange import (
    ACCESS_TOKEN,
    TokenExchange,
    check_concerned,
    exchanged_scope,
    refused,
)
from keycell.oauth.resources import narrow_audience
from keycell.oauth.token import TokenResponse
from keycell.provider.access import PERSONAL, Access, open_token
from keycell.provider.acting import delegation
from keycell.provider.admission import check_admitted
from keycell.provider.issue import Wanted, make_access_token, subject_of
from keycell.provider.ports import Provider, Standing


async def exchange(
    provider: Provider, client: Client, request: TokenExchange, origin: Origin, now: datetime
) -> TokenResponse:
    """Give an access token that opens no more than the subject token, and ends with its grant.

    Nothing is spent. The new token names the grant of the old one, so that whatever ends it ends
    both. RFC8693-2.2.1.
    """
    if client.is_public:
        raise UnauthorizedClient("a public client cannot prove who asks; an exchange needs proof")
    if client.is_first_party:
        # Its tokens open all of a person's files: an exchange would widen what comes in.
        raise UnauthorizedClient("a first-party client signs people in; it exchanges no tokens")
    access, standing = await _subject(provider, client, request)
    issued_to = await provider.clients.find(access.client_id)
    _check_admitted(client, issued_to, standing)
    actor = await _actor(provider, client, request)
    delegated = delegation(provider, client, issued_to, access, actor)
    wanted = Wanted(
        client=client,
        sub=subject_of(provider, client, standing.account.sub),
        scope=exchanged_scope(access.scope, client.metadata.scope, request.scope),
        audience=narrow_audience(access.audience, request.resources),
        now=now,
        grant_id=access.grant_id,
        details=access.details,
        cnf=request.cnf,
        until=delegated.until,
        authentication=standing.authentication,
        act=delegated.act,
    )
    issued = make_access_token(provider, wanted)
    if issued.opaque is not None:
        await provider.grants.keep_opaque(issued.opaque)
    provider.audit.note(_event(client, access, standing, delegated.act, origin, now))
    return issued.response(wanted, issued_token_type=ACCESS_TOKEN)


def _event(
    client: Client, access: Access, standing: Standing, act: Act, origin: Origin, now: datetime
) -> AuditEvent:
    detail: dict[str, object] = {"subject_token": access.jti, "issued_to": access.client_id}
    if act:
        detail["act"] = act_json(act)
    return AuditEvent(
        at=now, actor=client.client_id, action="token.exchanged", target=standing.account.sub,
        client_id=client.client_id, origin=origin, detail=detail,
    )  # fmt: skip


async def _subject(
    provider: Provider, client: Client, request: TokenExchange
) -> tuple[Access, Standing]:
    access = await _opened(provider, client, request, "subject_token", request.subject_token)
    if access.grant_id is None or access.standing is None:
        raise InvalidRequest("subject_token is no application's token for a person")
    return access, access.standing


async def _actor(provider: Provider, client: Client, request: TokenExchange) -> Access | None:
    if request.actor_token is None:
        return None
    access = await _opened(provider, client, request, "actor_token", request.actor_token)
    if access.client_id == PERSONAL:
        raise InvalidRequest("actor_token is no application's token")
    return access


async def _opened(
    provider: Provider, client: Client, request: TokenExchange, name: str, token: str
) -> Access:
    """Open one of the tokens that an exchange shows, and hold whose it is. RFC8693-2.2.2."""
    try:
        access = await open_token(provider, token)
    except InvalidToken as error:
        raise InvalidRequest(refused(name), detail=str(error)) from None
    audience = client.metadata.audience
    check_concerned(name, client.client_id, audience, access.client_id, access.audience)
    if access.cnf is not None and access.cnf != request.cnf:
        raise InvalidRequest(f"{name} is bound to a key: prove that you hold it")
    return access


def _check_admitted(client: Client, issued_to: Client | None, standing: Standing) -> None:
    """Hold both clients' rules: of who got the token, and of who asks. RFC8693-2.2.2."""
    try:
        for one in (client, issued_to):
            if one is not None:
                check_admitted(one, standing.account, standing.authentication.acr)
    except InvalidGrant as error:
        raise InvalidRequest(f"subject_token: {error.description}") from None
