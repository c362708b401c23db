"""Who a client is: at the token endpoint and its kin. RFC6749-2.3."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.throttle import network_of
from keycell.oauth.client_authentication import (
    AssertingClient,
    NamedClient,
    SecretClient,
    UnverifiedClient,
    check_assertion,
    read_unverified_client,
)
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidClient, InvalidClientMetadata, UnauthorizedClient
from keycell.oauth.grants import digest
from keycell.oauth.mutual_tls import METHODS, PKI, ShownCertificate, check_subject, is_registered
from keycell.provider.client_documents import find_client
from keycell.provider.guesses import heard
from keycell.provider.ports import Provider

SECRET = "client_secret"
_BY_SECRET = ("client_secret_basic", "client_secret_post")
_BY_ASSERTION = ("client_secret_jwt", "private_key_jwt")
_TOLD_EVERY = timedelta(minutes=1)
_REFUSED = "the client is unknown, or its authentication is not the one it registered"


async def authenticate_client(
    provider: Provider,
    header: str | None,
    params: Mapping[str, str],
    origin: Origin,
    certificate: ShownCertificate | None = None,
) -> Client:
    """Give the client that proved itself, or raise InvalidClient. RFC6749-3.2.1.

    An unknown client and a wrong secret are answered alike.
    """
    unverified = read_unverified_client(header, params)
    client = await _found(provider, unverified.client_id)
    is_over = client is not None and client.is_over(provider.clock())
    if client is not None and client.disabled and not is_over:
        client = None

    async def check() -> None:
        if client is None:
            raise InvalidClient(_REFUSED, detail=f"client_id {unverified.client_id!r}")
        await _check_proof(provider, client, unverified, certificate)

    try:
        if _shows_a_secret(client, unverified):
            chosen = client is not None and client.secret_digest is None
            await heard(provider, unverified.client_id, origin, check, may_be_guessed=chosen)
        else:
            await check()
    except InvalidClient:
        if client is not None:
            await _tell(provider, client, origin)
        raise
    assert client is not None  # noqa: S101  (the check has refused it)
    if is_over:
        # Told to who proved to be it alone.
        raise UnauthorizedClient(
            "this client was in test mode, and that is over: an administrator can let it go on, "
            "or make it real"
        )
    return client


async def _found(provider: Provider, client_id: str) -> Client | None:
    try:
        return await find_client(provider, client_id, is_known_enough=True)
    except InvalidClientMetadata as error:
        raise InvalidClient(error.description) from None


def _shows_a_secret(client: Client | None, shown: UnverifiedClient) -> bool:
    """Tell whether what is shown may be a guess: a secret, or what was signed with one."""
    match shown:
        case SecretClient():
            return client is None or not client.is_public
        case AssertingClient():
            return (
                client is None or client.metadata.token_endpoint_auth_method == "client_secret_jwt"
            )
        case NamedClient():
            return False


async def _check_proof(
    provider: Provider,
    client: Client,
    shown: UnverifiedClient,
    certificate: ShownCertificate | None,
) -> None:
    method = client.metadata.token_endpoint_auth_method
    match shown:
        case NamedClient() | SecretClient() if client.is_public:
            # Old clients send Basic with whatever they have; a public client proves nothing.
            return
        case SecretClient() if method in _BY_SECRET:
            _check_secret(provider, client, shown)
        case AssertingClient() if method in _BY_ASSERTION:
            await _check_assertion(provider, client, shown)
        case NamedClient() if method in METHODS and certificate is not None:
            await _check_certificate(provider, client, certificate)
        case _:
            raise InvalidClient(_REFUSED, detail=f"{client.client_id} must use {method}")


async def _check_certificate(provider: Provider, client: Client, shown: ShownCertificate) -> None:
    """Hold a certificate against what its client registered. RFC8705-2.1, RFC8705-2.2."""
    method, now = client.metadata.token_endpoint_auth_method, provider.clock()
    if method not in provider.mutual_tls.methods:
        raise InvalidClient(f"{method} is not offered here")
    if method == PKI:
        check_subject(client.metadata, provider.certificates.issued_to(shown, now))
        return
    provider.certificates.check_times(shown, now)
    for fresh in (False, True) if client.metadata.jwks_uri is not None else (False,):
        # The client may have changed its keys since they were read.
        if is_registered(await provider.foreign.keys(client, fresh=fresh), shown):
            return
    raise InvalidClient("the certificate is not the one that the client registered")


async def _tell(provider: Provider, client: Client, origin: Origin) -> None:
    # Once a minute for each network: how often somebody fails must not fill the trail.
    now = provider.clock()
    turn = f"{network_of(origin.ip)} {int(now.timestamp()) // 60}"
    if not await provider.seen.see("refused", client.client_id, turn, now + _TOLD_EVERY):
        return
    event = AuditEvent(
        at=now, actor="", action="client.refused", target=client.client_id,
        client_id=client.client_id, origin=origin, result="refused",
    )  # fmt: skip
    provider.audit.note(event)


def _check_secret(provider: Provider, client: Client, shown: SecretClient) -> None:
    if client.secret_expires_at is not None and client.secret_expires_at <= provider.clock():
        raise InvalidClient("the client secret has expired", detail=client.client_id)
    if not any(is_secret(provider, client, secret) for secret in shown.secrets):
        raise InvalidClient(_REFUSED, detail=f"wrong secret of {client.client_id}")


def is_secret(provider: Provider, client: Client, secret: str) -> bool:
    """Tell whether this is the client's secret, in a time that tells nothing of it.

    While a new secret is being carried to where it is needed, the one before is as good.
    """
    former = client.former_secret
    if former is not None and former.until > provider.clock():
        before = replace(
            client, former_secret=None, secret_sealed=None, secret_digest=former.secret_digest,
            secret_hmac=former.secret_hmac,
        )  # fmt: skip
        if is_secret(provider, before, secret):
            return True
    if client.secret_digest is not None:
        return hmac.compare_digest(client.secret_digest, digest(secret))
    if client.secret_hmac is not None:
        return hmac.compare_digest(
            client.secret_hmac,
            provider.sealer.mac(SECRET, chosen_secret(client.client_id, secret)),
        )
    kept = _secret_in_clear(provider, client)
    return kept is not None and hmac.compare_digest(kept.encode(), secret.encode())


def _secret_in_clear(provider: Provider, client: Client) -> str | None:
    if client.secret_sealed is None:
        return None
    return provider.sealer.open(SECRET, client.secret_sealed, client.client_id.encode()).decode()


def chosen_secret(client_id: str, secret: str) -> bytes:
    """Give what is authenticated of a secret that a person chose."""
    return f"{client_id}\0{secret}".encode()


async def _check_assertion(provider: Provider, client: Client, shown: AssertingClient) -> None:
    secret = _secret_in_clear(provider, client)
    claims = await provider.foreign.verify_assertion(client, shown.assertion, secret)
    audiences: tuple[str, ...] = (provider.issuer,)
    if not client.is_fapi2:
        # CIBA-7.1 names its endpoint beside those of RFC7523-3.
        endpoints = provider.endpoints
        audiences += (endpoints.token, endpoints.backchannel_authentication)
    found = check_assertion(
        claims, client.client_id, audiences, provider.clock(), provider.lifetimes.assertion,
        is_strict=client.is_fapi2,
    )  # fmt: skip
    # The last check, for it cannot be undone: an assertion counts once. RFC7523-3 (jti).
    if not await provider.seen.see("assertion", client.client_id, found.jti, found.until):
        raise InvalidClient("the client_assertion was used before", detail=client.client_id)
