"""Introspection: what a token means, told to those it concerns."""

import hmac

from keycell.oauth.actors import act_json
from keycell.oauth.claims import Claims
from keycell.oauth.clients import Client
from keycell.oauth.details import details_json
from keycell.oauth.errors import InvalidClient, InvalidGrant, OAuthError, Replayed
from keycell.oauth.grants import REFRESH_PREFIX, read_refresh_token, redeem_refresh_token
from keycell.oauth.scope import format_scope
from keycell.provider.access import Access, open_token
from keycell.provider.issue import subject_of
from keycell.provider.ports import Provider
from keycell.provider.signed_answers import sign_for

INACTIVE: Claims = {"active": False}


async def introspect(provider: Provider, client: Client, token: str) -> Claims:
    """Tell what a token means; to whom it does not concern, it is inactive. RFC7662-2.2.

    A client hears of its own tokens, and of those meant for it or for a resource it may ask for.
    """
    if client.is_public:
        raise InvalidClient("a public client cannot prove who asks; introspection needs proof")
    if token.startswith(REFRESH_PREFIX):
        return await _refresh_token(provider, client, token)
    try:
        access = await open_token(provider, token)
    except OAuthError:
        return INACTIVE
    if not _concerns(client, access):
        return INACTIVE
    claims: Claims = {
        "active": True,
        "iss": provider.issuer,
        "sub": access.sub,
        "client_id": access.client_id,
        "scope": format_scope(access.scope),
        "aud": access.audience[0] if len(access.audience) == 1 else list(access.audience),
        "token_type": "DPoP" if access.cnf is not None and access.cnf.is_dpop else "Bearer",
        "jti": access.jti,
        "iat": int(access.issued_at.timestamp()),
        "exp": int(access.expires_at.timestamp()),
    }
    return {**claims, **_more(access), **await _may_act(provider, access)}


def _more(access: Access) -> Claims:
    claims: Claims = {}
    if access.cnf is not None:
        # RFC9449-6.2, RFC8705-3.2
        claims["cnf"] = access.cnf.to_json()
    if access.act:
        # RFC8693-4.1
        claims["act"] = act_json(access.act)
    if access.details:
        # RFC9396-9.2
        claims["authorization_details"] = details_json(access.details)
    if access.standing is not None:
        authentication = access.standing.authentication
        claims["auth_time"] = int(authentication.auth_time.timestamp())
        claims["acr"] = authentication.acr
    return claims


async def _may_act(provider: Provider, access: Access) -> Claims:
    # RFC8693-4.4: as the rule is now.
    issued_to = await provider.clients.find(access.client_id)
    may_act = "" if issued_to is None else issued_to.acting.may_act
    return {"may_act": {"sub": may_act}} if may_act else {}


def _concerns(client: Client, access: Access) -> bool:
    concerned = {client.client_id, *client.metadata.audience}
    return access.client_id == client.client_id or not concerned.isdisjoint(access.audience)


async def _refresh_token(provider: Provider, client: Client, token: str) -> Claims:
    try:
        presented = read_refresh_token(token)
        grant = await provider.grants.find(presented.grant_id)
        if grant is None or grant.refresh is None:
            return INACTIVE
        if not hmac.compare_digest(presented.digest, grant.refresh.digest):
            return INACTIVE
        redeem_refresh_token(grant, presented, client.client_id, provider.clock())
    except (InvalidGrant, Replayed):
        return INACTIVE
    claims: Claims = {
        "active": True,
        "iss": provider.issuer,
        "sub": subject_of(provider, client, grant.sub),
        "client_id": grant.client_id,
        "scope": format_scope(grant.scope),
        "exp": int(grant.refresh.expires_at.timestamp()),
    }
    if grant.details:
        claims["authorization_details"] = details_json(grant.details)
    return claims


async def signed_introspection(provider: Provider, client: Client, claims: Claims) -> str:
    """Sign an answer for the resource server that asked; encrypt it if wished. RFC9701-5."""
    payload = {
        "iss": provider.issuer,
        "aud": client.client_id,
        "iat": int(provider.clock().timestamp()),
        "token_introspection": claims,
    }
    return await sign_for(provider, client, "introspection", "token-introspection+jwt", payload)
