"""Who a client is: at the token endpoint and its kin. RFC6749-2.3."""

import hmac
from collections.abc import Mapping

from keycell.oauth.client_authentication import (
    AssertingClient,
    NamedClient,
    SecretClient,
    check_assertion,
    read_unverified_client,
)
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidClient
from keycell.oauth.grants import digest
from keycell.provider.ports import Provider

SECRET = "client_secret"
_BY_SECRET = ("client_secret_basic", "client_secret_post")
_BY_ASSERTION = ("client_secret_jwt", "private_key_jwt")
_REFUSED = "the client is unknown, or its authentication is not the one it registered"


async def authenticate_client(
    provider: Provider, header: str | None, params: Mapping[str, str]
) -> Client:
    """Give the client that proved itself, or raise InvalidClient. RFC6749-3.2.1.

    An unknown client and a wrong secret are answered alike.
    """
    unverified = read_unverified_client(header, params)
    client = await provider.clients.find(unverified.client_id)
    if client is None or client.disabled:
        raise InvalidClient(_REFUSED, detail=f"client_id {unverified.client_id!r}")
    method = client.metadata.token_endpoint_auth_method
    match unverified:
        case NamedClient() if client.is_public:
            return client
        case SecretClient() if client.is_public:
            # Old clients send Basic with whatever they have; a public client proves nothing.
            return client
        case SecretClient() if method in _BY_SECRET:
            _check_secret(provider, client, unverified)
            return client
        case AssertingClient() if method in _BY_ASSERTION:
            await _check_assertion(provider, client, unverified)
            return client
        case _:
            raise InvalidClient(_REFUSED, detail=f"{client.client_id} must use {method}")


def _check_secret(provider: Provider, client: Client, shown: SecretClient) -> None:
    if client.secret_expires_at is not None and client.secret_expires_at <= provider.clock():
        raise InvalidClient("the client secret has expired", detail=client.client_id)
    if not any(_is_secret(provider, client, secret) for secret in shown.secrets):
        raise InvalidClient(_REFUSED, detail=f"wrong secret of {client.client_id}")


def _is_secret(provider: Provider, client: Client, secret: str) -> bool:
    if client.secret_digest is not None:
        return hmac.compare_digest(client.secret_digest, digest(secret))
    if client.secret_hmac is not None:
        return hmac.compare_digest(
            client.secret_hmac,
            provider.sealer.mac(SECRET, chosen_secret(client.client_id, secret)),
        )
    return False


def chosen_secret(client_id: str, secret: str) -> bytes:
    """Give what is authenticated of a secret that a person chose."""
    return f"{client_id}\0{secret}".encode()


async def _check_assertion(provider: Provider, client: Client, shown: AssertingClient) -> None:
    secret = None
    if client.secret_sealed is not None:
        secret = provider.sealer.open(
            SECRET, client.secret_sealed, client.client_id.encode()
        ).decode()
    claims = await provider.foreign.verify_assertion(client, shown.assertion, secret)
    audiences = (provider.issuer, provider.endpoints.token)
    now = provider.clock()
    found = check_assertion(claims, client.client_id, audiences, now, provider.lifetimes.assertion)
    # The last check, for it cannot be undone: an assertion counts once. RFC7523-3 (jti).
    if not await provider.seen.see("assertion", client.client_id, found.jti, found.until):
        raise InvalidClient("the client_assertion was used before", detail=client.client_id)
