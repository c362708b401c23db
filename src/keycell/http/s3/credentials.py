"""Whose request it is: an access token as access key, an access-key pair, or a bearer token.

A token as access key is what proves; the secret that goes with it is known to everybody, and the
signature guards against damage alone. So it signs headers, which carry the token themselves, and
never a URL that would hand the token on.
"""

from keycell.files.access import Actor
from keycell.http.bearer import access_of
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_for
from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import Claim, Pairs, Received, Signed, check_signature, read_claim
from keycell.oauth.errors import InvalidToken, TokenMissing

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
    pair = await edge.find_access_key(claim.access_key)
    if pair is not None:
        access, secret = pair
        return await actor_for(edge, access), check_signature(claim, received, secret, now)
    if claim.is_presigned:
        raise S3Error(
            "AccessDenied", "a URL is presigned by an access-key pair, never by an access token"
        )
    signed = check_signature(claim, received, GATEWAY_SECRET, now)
    try:
        access = await access_of(edge, claim.access_key, "io")
    except InvalidToken as error:
        raise S3Error("InvalidAccessKeyId", error.description) from error
    return await actor_for(edge, access), signed
