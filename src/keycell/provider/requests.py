"""How an authorization request comes in: plain, as a signed object, by reference, or pushed.

All of them end in a ticket that carries the parameters. RFC6749-4.1.1, RFC9101, RFC9126.
"""

from dataclasses import dataclass
from datetime import timedelta

from keycell.accounts.audit import Origin
from keycell.accounts.errors import Throttled
from keycell.accounts.throttle import Limit, Slot, network_of
from keycell.oauth.authorization import (
    AuthorizationResponse,
    error_response,
    read_authorization_request,
    read_target,
)
from keycell.oauth.clients import Client, resolve_redirect
from keycell.oauth.dpop import ShownProof
from keycell.oauth.errors import (
    InvalidDpopProof,
    InvalidRequest,
    InvalidRequestUri,
    OAuthError,
    PushedTooOften,
    UntrustedRedirect,
)
from keycell.oauth.grants import digest
from keycell.oauth.request_objects import (
    KEPT,
    PUSHED,
    check_way,
    read_object,
    registered_reference,
    sent_once,
)
from keycell.provider.client_documents import named_client
from keycell.provider.holding import prove
from keycell.provider.ports import Provider
from keycell.provider.ports_requests import PushedRequest
from keycell.provider.signed_answers import signed_if_asked
from keycell.provider.tickets import Pairs, Ticket

BAD_REFERENCE = "request_uri is unknown, expired or used, or of another client"
BAD_OBJECT = "the request object is not one of this client"
PUSHED_FROM = Limit(1000, timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=10))
"""Requests of public clients from one network: a company that comes to work, and no full disk."""


@dataclass(frozen=True, slots=True)
class _Unfolded:
    """The parameters of a request, and how they came."""

    pairs: Pairs
    is_signed: bool = False
    pushed: str | None = None


async def begin(provider: Provider, pairs: Pairs) -> Ticket | AuthorizationResponse:
    """Begin with what came to the authorization endpoint; raise UntrustedRedirect.

    What is wrong with an object or a reference is told to the client where the request itself
    says where; otherwise on a page.
    """
    names = {name for name, value in pairs if value}
    if names.isdisjoint(("request", "request_uri")):
        return Ticket(pairs, provider.clock())
    named = read_target(pairs)
    client = await named_client(provider, named.client_id)
    try:
        unfolded = await _unfold(provider, client, pairs)
    except OAuthError as error:
        if named.redirect_uri is None:
            by_reference = "request_uri" in names
            raise UntrustedRedirect(BAD_REFERENCE if by_reference else BAD_OBJECT) from error
        target = resolve_redirect(
            client, named.redirect_uri, named.response_mode, named.state, provider.clock()
        )
        response = error_response(target, provider.issuer, error, provider.catalogue)
        return await signed_if_asked(provider, client, response)
    return Ticket(
        unfolded.pairs,
        provider.clock(),
        is_signed=unfolded.is_signed,
        pushed=unfolded.pushed,
    )


async def _unfold(provider: Provider, client: Client, pairs: Pairs) -> _Unfolded:
    sent, reference = sent_once(pairs, "request"), sent_once(pairs, "request_uri")
    if sent is not None and reference is not None:
        raise InvalidRequest("request and request_uri are both sent; send one of them")
    if reference is not None and reference.startswith(PUSHED):
        return await _find_pushed(provider, client, reference)
    if reference is not None:
        address = registered_reference(client, reference)
        sent = await provider.request_objects.fetch(address)
    if sent is None:
        return _Unfolded(pairs)
    claims = await provider.request_objects.verify_object(
        client, sent, client.metadata.request_object_signing_alg
    )
    return _Unfolded(
        read_object(claims, client, provider.issuer, provider.clock()), is_signed=True
    )


async def _find_pushed(provider: Provider, client: Client, reference: str) -> _Unfolded:
    key = digest(reference.removeprefix(PUSHED))
    found = await provider.pushed.find(key, provider.clock())
    if found is None or found.client_id != client.client_id:
        raise InvalidRequestUri(BAD_REFERENCE)
    return _Unfolded(found.pairs, is_signed=found.is_signed, pushed=key)


async def push(
    provider: Provider,
    client: Client,
    pairs: Pairs,
    origin: Origin,
    proof: ShownProof | None = None,
) -> dict[str, object]:
    """Keep a request until its client's person comes with the reference. RFC9126-2.

    It is checked whole, as the authorization endpoint would: the errors are its.
    """
    if client.is_public:
        await _count(provider, origin)
    if sent_once(pairs, "request_uri") is not None:
        raise InvalidRequest("request_uri is not taken here; push the request itself")
    unfolded = await _unfold(provider, client, pairs)
    check_way(client, is_signed=unfolded.is_signed, is_pushed=True)
    kept = (pair for pair in unfolded.pairs if pair[0] in KEPT and pair[0] != "client_id")
    asked = (("client_id", client.client_id), *kept)
    try:
        named = read_target(asked)
        target = resolve_redirect(
            client, named.redirect_uri, named.response_mode, named.state, provider.clock()
        )
    except UntrustedRedirect as error:
        raise InvalidRequest(str(error)) from None
    request = read_authorization_request(asked, client, target, provider.resource)
    asked += await _bound(provider, proof, request.jkt)
    handle = provider.mint()
    lifetime = provider.lifetimes.pushed_request
    await provider.pushed.push(
        PushedRequest(
            digest=digest(handle),
            client_id=client.client_id,
            pairs=asked,
            is_signed=unfolded.is_signed,
            expires_at=provider.clock() + lifetime,
        )
    )
    return {"request_uri": PUSHED + handle, "expires_in": int(lifetime.total_seconds())}


async def _count(provider: Provider, origin: Origin) -> None:
    # Anybody may speak for a public client: what one network can have kept has a bound.
    key = provider.sealer.mac("throttle", f"pushed\0{network_of(origin.ip)}".encode())
    try:
        await provider.throttles.take([Slot(key, PUSHED_FROM)], provider.clock())
    except Throttled as refusal:
        raise PushedTooOften(refusal.wait) from None


async def _bound(provider: Provider, proof: ShownProof | None, asked_for: str | None) -> Pairs:
    """Bind the code to the key of a proof; raise InvalidDpopProof. RFC9449-10.1."""
    if proof is None:
        return ()
    jkt = await prove(provider, proof)
    if asked_for is None:
        return (("dpop_jkt", jkt),)
    if asked_for != jkt:
        raise InvalidDpopProof("dpop_jkt is not the key of the proof")
    return ()


async def spend(provider: Provider, client: Client, ticket: Ticket) -> None:
    """Let a pushed request be answered once; raise InvalidRequestUri. RFC9126-4.

    It may be opened several times before, by a reload say: who finishes first is answered.
    """
    if ticket.pushed is None:
        return
    # As long as another ticket of the same request may live, begun in its last moment.
    lifetimes = provider.lifetimes
    until = ticket.started_at + lifetimes.pushed_request + lifetimes.ticket
    if not await provider.seen.see("pushed", client.client_id, ticket.pushed, until):
        raise InvalidRequestUri("the pushed request was answered before")
