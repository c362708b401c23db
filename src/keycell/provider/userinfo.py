"""UserInfo: what a client may know of the person who signed in."""

from keycell.accounts.people import person_of
from keycell.oauth.claims import Claims, userinfo_claims
from keycell.oauth.errors import InsufficientScope, InvalidToken
from keycell.oauth.scope import OPENID
from keycell.provider.access import open_token
from keycell.provider.ports import Provider


async def userinfo(provider: Provider, token: str) -> Claims | str:
    """Give the claims; as a signed JWT if the client registered so. OIDCC-5.3.2."""
    access = await open_token(provider, token)
    standing = access.standing
    if OPENID not in access.scope or standing is None:
        raise InsufficientScope(OPENID)
    if provider.resource not in access.audience:
        raise InvalidToken("the access token is for another resource")
    client = await provider.clients.find(access.client_id)
    if client is None or client.disabled:
        raise InvalidToken(detail="the client is gone or disabled")
    person = person_of(standing.account)
    claims = userinfo_claims(access.sub, person, access.scope, standing.claims.userinfo)
    alg = client.metadata.userinfo_signed_response_alg
    if alg is None:
        return claims
    signed = {**claims, "iss": provider.issuer, "aud": client.client_id}
    return await provider.keys.sign(alg, "JWT", signed)
