"""Whose request it is: an access token as access key, an access-key pair, or a bearer token.

A token as access key is what proves; the secret that goes with it is known to everybody, and the
signature guards against damage alone. So it signs headers, which carry the token themselves, and
no URL that would hand the token on, unless the token opens nothing but what the URL is for.
"""

from dataclasses import replace

from keycell.files.access import Actor
from keycell.http.bearer import access_of
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_for
from keycell.http.holding import needed, proof_of
from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import Claim, Pairs, Received, Signed, check_signature, read_claim
from keycell.oauth.dpop import ShownProof
from keycell.oauth.errors import InvalidDpopProof, InvalidToken, ProofRefused, TokenMissing
from keycell.provider.access import Access
from keycell.provider.holding import NOTHING, Shown
from keycell.provider.personal_tokens import find_access_key, note_access_key

GATEWAY_SECRET = "gatewaysecret"
"""What Cells' clients sign with, all of them."""


async def identify(
    edge: Edge, received: Received, query: Pairs, bare: Shown = NOTHING
) -> tuple[Actor, Signed | None]:
    """Say who asks; raise S3Error, InvalidToken or InsufficientScope."""
    claim = read_claim(received, query)
    if claim is not None:
        return await _of_signature(edge, received, claim, bare)
    scheme, _, token = (received.header(b"authorization") or "").partition(" ")
    if scheme.lower() not in ("bearer", "dpop"):
        raise TokenMissing("an access token or a signature is missing")
    proof = _proof(edge, received) if scheme.lower() == "dpop" else None
    access = await access_of(edge, token.strip(), "io", replace(bare, proof=proof))
    return await actor_for(edge, access), None


def _proof(edge: Edge, received: Received) -> ShownProof:
    sent = [value.decode("latin-1") for name, value in received.headers if name == b"dpop"]
    try:
        proof = proof_of(edge, sent, received.method, received.raw_path.decode("latin-1"))
    except InvalidDpopProof as error:
        raise ProofRefused(error.description) from None
    return needed(proof)


async def _of_signature(
    edge: Edge, received: Received, claim: Claim, shown: Shown
) -> tuple[Actor, Signed]:
    now = edge.files.clock()
    opened = await find_access_key(edge.provider, claim.access_key)
    if opened is not None:
        signed = check_signature(claim, received, opened.secret, now)
        note_access_key(edge.provider, opened.key, shown.ip)
        return await actor_for(edge, opened.access), signed
    signed = check_signature(claim, received, GATEWAY_SECRET, now)
    try:
        access = await access_of(edge, claim.access_key, "io", shown)
    except InvalidToken as error:
        raise S3Error("InvalidAccessKeyId", error.description) from error
    if claim.is_presigned and not await _may_presign(edge, access):
        raise S3Error(
            "AccessDenied",
            "a URL is presigned by an access-key pair, or by a token that reads one object; "
            "with any other token whoever has the URL would have all that it opens",
        )
    return await actor_for(edge, access), signed


async def _may_presign(edge: Edge, access: Access) -> bool:
    if access.client_id or access.scope or len(access.details) != 1:
        return False
    (detail,) = access.details
    if detail.node_id is None or detail.actions != {"read"}:
        return False
    # A folder is more than what one URL is for.
    found = await edge.files.nodes.locate(detail.node_id)
    return found is None or not found.node.is_folder
