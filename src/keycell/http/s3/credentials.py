"""Whose request it is: an access token as access key, an access-key pair, or a bearer token.

A token as access key is what proves; the secret that goes with it is known to everybody, and the
signature guards against damage alone. So it signs headers, which carry the token themselves, and
no URL that would hand the token on, unless the token opens nothing but what the URL is for.
"""

from keycell.files.access import Actor
from keycell.http.bearer import access_of
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_for
from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import Claim, Pairs, Received, Signed, check_signature, read_claim
from keycell.oauth.errors import InvalidToken, TokenMissing
from keycell.provider.access import Access
from keycell.provider.personal_tokens import find_access_key, note_access_key

GATEWAY_SECRET = "gatewaysecret"
"""What Cells' clients sign with, all of them."""


async def identify(edge: Edge, received: Received, query: Pairs) -> tuple[Actor, Signed | None]:
    """Say who asks; raise S3Error, InvalidToken or InsufficientScope."""
    claim = read_claim(received, query)
    if claim is not None:
        return await _of_signature(edge, received, claim)
    scheme, _, token = (received.header(b"authorization") or "").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenMissing("an access token or a signature is missing")
    return await actor_for(edge, await access_of(edge, token.strip(), "io")), None


async def _of_signature(edge: Edge, received: Received, claim: Claim) -> tuple[Actor, Signed]:
    now = edge.files.clock()
    pair = await find_access_key(edge.provider, claim.access_key)
    if pair is not None:
        access, secret = pair
        signed = check_signature(claim, received, secret, now)
        await note_access_key(edge.provider, claim.access_key)
        return await actor_for(edge, access), signed
    signed = check_signature(claim, received, GATEWAY_SECRET, now)
    try:
        access = await access_of(edge, claim.access_key, "io")
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
