"""Answers in one JWT: signed, and encrypted for who registered it so. JARM-2.1, OIDCC-10."""

from dataclasses import replace

from keycell.oauth.authorization import AuthorizationResponse
from keycell.oauth.clients import Client, RedirectTarget
from keycell.oauth.encryption import Encrypted, encryption_of
from keycell.oauth.errors import OAuthError, UntrustedRedirect
from keycell.oauth.response_types import SIGNED
from keycell.provider.ports import Claims, Provider

NO_KEY = "the answer cannot be encrypted"


async def sign_for(
    provider: Provider, client: Client, answer: Encrypted, typ: str, claims: Claims
) -> str:
    """Sign what is for a client, then encrypt it if it registered so. OIDCC-10.2, RFC7519-5.2."""
    alg = getattr(client.metadata, f"{answer}_signed_response_alg")
    signed = await provider.keys.sign(alg, typ, claims)
    how = encryption_of(client.metadata, answer)
    if how is None:
        return signed
    return await provider.encryption.encrypt(client, how, signed.encode("ascii"), "JWT")


def _is_signed(target: RedirectTarget) -> bool:
    return target.response_mode.endswith(SIGNED)


async def check_answerable(provider: Provider, client: Client, target: RedirectTarget) -> None:
    """Refuse to begin what could not be answered in the way it is to be; raise UntrustedRedirect.

    Nothing goes in the clear that was to be encrypted, an error neither. JARM-2.2.
    """
    how = encryption_of(client.metadata, "authorization")
    if how is None or not _is_signed(target):
        return
    try:
        await provider.encryption.check(client, how)
    except OAuthError as error:
        raise UntrustedRedirect(NO_KEY) from error


async def signed_if_asked(
    provider: Provider, client: Client, response: AuthorizationResponse
) -> AuthorizationResponse:
    """Give an answer in the form of its response mode; an error too. JARM-2.1, JARM-2.2."""
    if not _is_signed(response.target):
        return response
    expires_at = provider.clock() + provider.lifetimes.signed_answer
    claims: dict[str, object] = dict(response.params)
    claims |= {"aud": client.client_id, "exp": int(expires_at.timestamp())}
    if "expires_in" in claims:
        # A number in JSON, as at the token endpoint. RFC6749-5.1.
        claims["expires_in"] = int(str(claims["expires_in"]))
    try:
        signed = await sign_for(provider, client, "authorization", "JWT", claims)
    except OAuthError as error:
        raise UntrustedRedirect(NO_KEY) from error
    return replace(response, params=(("response", signed),))
