"""UserInfo: what a client may know of the person who signed in."""

import json

from keycell.accounts.people import person_of
from keycell.oauth.claims import Claims, userinfo_claims
from keycell.oauth.encryption import encryption_of
from keycell.oauth.errors import InsufficientScope, InvalidToken
from keycell.oauth.scope import OPENID
from keycell.provider.access import check_held, open_token
from keycell.provider.holding import NOTHING, Shown
from keycell.provider.ports import Provider
from keycell.provider.signed_answers import sign_for


async def userinfo(provider: Provider, token: str, shown: Shown = NOTHING) -> Claims | str:
    """Give the claims; as a JWT, signed or encrypted or both, as registered. OIDCC-5.3.2."""
    access = await open_token(provider, token)
    await check_held(provider, access, token, shown)
    standing = access.standing
    if OPENID not in access.scope or standing is None:
        raise InsufficientScope(OPENID)
    if provider.resource not in access.audience:
        raise InvalidToken("the access token is for another resource")
    client = await provider.clients.find(access.client_id)
    if client is None or client.disabled:
        raise InvalidToken(detail="the client is gone or disabled")
    person = person_of(standing.account)
    asked = standing.claims
    claims = userinfo_claims(access.sub, person, access.scope, asked.userinfo, asked.locales)
    how = encryption_of(client.metadata, "userinfo")
    if client.metadata.userinfo_signed_response_alg is not None:
        signed = {**claims, "iss": provider.issuer, "aud": client.client_id}
        return await sign_for(provider, client, "userinfo", "JWT", signed)
    if how is None:
        return claims
    content = json.dumps(claims).encode()
    return await provider.encryption.encrypt(client, how, content, None)
