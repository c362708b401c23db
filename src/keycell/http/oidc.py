"""The OpenID and OAuth endpoints that programs call: read, tell the flow, write."""

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.http.edge import Edge
from keycell.http.errors import no_token
from keycell.http.holding import certificate_of, shown_keys, shown_token
from keycell.http.wire import (
    ANY_ORIGIN,
    FORM,
    NO_STORE,
    READABLE,
    Document,
    Prepared,
    authorization_of,
    form_pairs,
    header_of,
    origin_of,
    prepared,
)
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidRequest, OAuthError
from keycell.oauth.metadata import provider_metadata
from keycell.oauth.params import read_params, required
from keycell.oauth.token import read_token_params, read_token_request
from keycell.provider import introspect as introspection
from keycell.provider import revoke as revocation
from keycell.provider import token as token_flow
from keycell.provider.authenticate import authenticate_client
from keycell.provider.userinfo import userinfo as userinfo_flow

_ANSWERED = NO_STORE | ANY_ORIGIN
_TOLD = prepared(_ANSWERED, "application/json")
_TOLD_TO_CLIENTS = prepared(NO_STORE, "application/json")
CLIENT_PARAMS = frozenset(
    {"client_id", "client_secret", "client_assertion", "client_assertion_type", "token",
     "token_type_hint"}
)  # fmt: skip


def metadata(edge: Edge) -> Document:
    """Give the metadata document. OIDCD-4, RFC8414-3."""
    return edge.documents.answer(
        "metadata",
        edge.settings,
        lambda: provider_metadata(
            edge.provider.endpoints,
            takes_registrations=edge.settings.registration != "closed",
            takes_documents=edge.settings.client_documents,
            ui_locales=edge.pages.locales,
            mutual_tls=edge.provider.mutual_tls,
        ),
    )


async def authenticated_client(edge: Edge, request: Request, params: Mapping[str, str]) -> Client:
    """Give the client that proved itself at one of these endpoints. RFC6749-2.3."""
    header, certificate = authorization_of(request), certificate_of(request.scope)
    origin = origin_of(request)
    client = await authenticate_client(edge.provider, header, params, origin, certificate)
    if not client.is_public:
        edge.keys.readers.came(client.client_id, origin.ip)
    return client


def jwks(edge: Edge) -> Document:
    """Give the keys. OIDCD-3, RFC7517-5."""
    keys = edge.provider.keys.public_jwks()
    return edge.documents.answer("keys", keys, lambda: keys)


async def token(edge: Edge, request: Request) -> Response:
    """Serve RFC6749-3.2."""
    pairs = await form_pairs(request)
    params = read_token_params(pairs)
    client = await authenticated_client(edge, request, params)
    asked = read_token_request(params, pairs)
    shown = shown_keys(edge, request)
    try:
        answer = await token_flow.answer(edge.provider, client, asked, origin_of(request), shown)
    except OAuthError as error:
        if client.is_test:
            error.tell_all()
        raise
    return Prepared(200, _TOLD, msgspec.json.encode(answer.to_json()))


async def introspect(edge: Edge, request: Request) -> Response:
    """Serve RFC7662-2, in the form of RFC9701 to those who ask for it."""
    params = read_params(await form_pairs(request), CLIENT_PARAMS)
    client = await authenticated_client(edge, request, params)
    claims = await introspection.introspect(edge.provider, client, required(params, "token"))
    if "application/token-introspection+jwt" in header_of(request, b"accept").lower():
        signed = await introspection.signed_introspection(edge.provider, client, claims)
        return Response(signed, 200, NO_STORE, "application/token-introspection+jwt")
    return Prepared(200, _TOLD_TO_CLIENTS, msgspec.json.encode(claims))


async def revoke(edge: Edge, request: Request) -> Response:
    """Serve RFC7009-2."""
    params = read_params(await form_pairs(request), CLIENT_PARAMS)
    client = await authenticated_client(edge, request, params)
    shown = required(params, "token")
    await revocation.revoke(edge.provider, client, shown, origin_of(request))
    return Response(b"", 200, _ANSWERED)


async def userinfo(edge: Edge, request: Request) -> Response:
    """Serve OIDCC-5.3."""
    token, shown = shown_token(edge, request)
    is_form = header_of(request, b"content-type").lower().startswith(FORM)
    if request.method == "POST" and (token is None or is_form):
        in_body = read_params(await form_pairs(request), {"access_token"}).get("access_token")
        if token is not None and in_body is not None:
            raise InvalidRequest("the access token is sent twice; send it once")
        token = token or in_body
    if not token:
        return no_token(edge.settings.base_url, _ANSWERED | READABLE)
    told = await userinfo_flow(edge.provider, token, shown)
    if isinstance(told, str):
        return Response(told, 200, _ANSWERED, "application/jwt")
    return Prepared(200, _TOLD, msgspec.json.encode(told))
