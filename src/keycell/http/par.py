"""The pushed authorization request endpoint. RFC9126."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.http.edge import Edge
from keycell.http.holding import shown_proof
from keycell.http.oidc import CLIENT_PARAMS, authenticated_client
from keycell.http.wire import NO_STORE, form_pairs, json_answer, origin_of, share_with
from keycell.oauth.params import read_params
from keycell.provider import requests as flows

_CREATED = 201


async def push(edge: Edge, request: Request) -> Response:
    """Serve RFC9126-2; a proof binds the code to its key, as RFC9449-10.1 has it."""
    pairs = tuple(await form_pairs(request))
    client = await authenticated_client(edge, request, read_params(pairs, CLIENT_PARAMS))
    share_with(request, client.metadata.allowed_cors_origins)
    proof, origin = shown_proof(edge, request), origin_of(request)
    pushed = await flows.push(edge.provider, client, pairs, origin, proof)
    return json_answer(pushed, _CREATED, NO_STORE)
