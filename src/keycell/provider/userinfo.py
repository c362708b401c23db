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
    grant = access.grant
    if OPENID not in access.scope or grant is None:
        raise InsufficientScope(OPENID)
    if provider.resource not in access.audience:
        raise InvalidToken("the access token is for another resource")
    account = await provider.accounts.find(grant.sub)
    client = await provider.clients.find(access.client_id)
    if account is None or account.disabled_at is not None or client is None or client.disabled:
        raise InvalidToken(detail="the account or the client is gone or disabled")
    claims = userinfo_claims(access.sub, person_of(account), access.scope, grant.claims.userinfo)
    alg = client.metadata.userinfo_signed_response_alg
    if alg is None:
        return claims
    signed = {**claims, "iss": provider.issuer, "aud": client.client_id}
    return await provider.keys.sign(alg, "JWT", signed)
