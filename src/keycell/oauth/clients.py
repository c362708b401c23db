"""Clients: what is registered of an application, and where it may be answered.

Every way of registering one ends in a `ClientMetadata` (registration.py), which this module's
`Client` wraps with what is ours: its identifier, its secret, where it came from.
"""

import re
from dataclasses import field
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from keycell.oauth.access_rules import EVERYBODY, AccessRule
from keycell.oauth.acting import NOBODY, ActingRule
from keycell.oauth.errors import UntrustedRedirect
from keycell.oauth.redirect_uris import has_host
from keycell.oauth.scope import Scope
from keycell.values import dataclass

CameBy = Literal["first-party", "cli", "registration", "rest", "static", "document"]
LOOPBACK = ("127.0.0.1", "[::1]")
_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,200}")


def is_client_id(text: str) -> bool:
    """Tell whether a client could have this identifier. RFC6749-A.1."""
    return _CLIENT_ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMetadata:
    """What a client says of itself, checked. RFC7591-2, OIDCR-2."""

    redirect_uris: tuple[str, ...] = ()
    client_name: str = ""
    response_types: tuple[str, ...] = ("code",)
    grant_types: tuple[str, ...] = ("authorization_code",)
    application_type: str = "web"
    contacts: tuple[str, ...] = ()
    logo_uri: str | None = None
    client_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    localized: tuple[tuple[str, str], ...] = ()
    """Human-readable fields with a language tag, as ``("client_name#fr", "...")``."""
    scope: Scope | None = None
    """None: whatever clients may ask for."""
    jwks_uri: str | None = None
    jwks: str | None = None
    """The client's public keys as JSON text."""
    sector_identifier_uri: str | None = None
    subject_type: str = "public"
    id_token_signed_response_alg: str = "RS256"
    userinfo_signed_response_alg: str | None = None
    authorization_signed_response_alg: str = "RS256"
    introspection_signed_response_alg: str = "RS256"
    id_token_encrypted_response_alg: str | None = None
    id_token_encrypted_response_enc: str | None = None
    userinfo_encrypted_response_alg: str | None = None
    userinfo_encrypted_response_enc: str | None = None
    introspection_encrypted_response_alg: str | None = None
    introspection_encrypted_response_enc: str | None = None
    authorization_encrypted_response_alg: str | None = None
    authorization_encrypted_response_enc: str | None = None
    request_object_encryption_alg: str | None = None
    """How it may encrypt request objects; what it sends says how it did. OIDCR-2."""
    request_object_encryption_enc: str | None = None
    request_object_signing_alg: str | None = None
    require_signed_request_object: bool = False
    require_pushed_authorization_requests: bool = False
    id_token_scope_claims: bool = False
    """The claims of its scopes stand in its ID tokens too: it never asks UserInfo. OIDCC-5.4."""
    dpop_bound_access_tokens: bool = False
    tls_client_certificate_bound_access_tokens: bool = False
    profile: str | None = None
    """A set of rules that it keeps as a whole: ``fapi2``."""
    token_endpoint_auth_method: str = "client_secret_basic"
    token_endpoint_auth_signing_alg: str | None = None
    tls_client_auth_subject_dn: str | None = None
    tls_client_auth_san_dns: str | None = None
    tls_client_auth_san_uri: str | None = None
    tls_client_auth_san_ip: str | None = None
    tls_client_auth_san_email: str | None = None
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    initiate_login_uri: str | None = None
    request_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    backchannel_token_delivery_mode: str | None = None
    """``poll``, ``ping`` or ``push``, for who asks people from the back. CIBA-4."""
    backchannel_client_notification_endpoint: str | None = None
    backchannel_authentication_request_signing_alg: str | None = None
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    software_id: str | None = None
    software_version: str | None = None
    audience: tuple[str, ...] = ()
    """Resources of others that it may ask tokens for. RFC8707-2."""
    allowed_cors_origins: tuple[str, ...] = ()
    authorization_details_types: tuple[str, ...] = ()
    """The types of authorization details it uses. RFC9396-10."""


@dataclass(frozen=True, slots=True)
class FormerSecret:
    """The secret before the one that stands: good until a moment, so that nobody is locked out."""

    until: datetime
    secret_digest: str | None = None
    secret_hmac: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """An address of our own where it is answered while an administrator tries it."""

    redirect_uri: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registered application. RFC6749-2."""

    client_id: str
    metadata: ClientMetadata = field(default_factory=ClientMetadata)
    came_by: CameBy
    is_first_party: bool = False
    require_pkce: bool = True
    access_token_format: Literal["jwt", "opaque"] = "jwt"
    revoke_refresh_after: timedelta | None = None
    access_token_lifetime: timedelta | None = None
    """None: as long as the server's. RFC6749-4.2.2."""
    id_token_lifetime: timedelta | None = None
    disabled: bool = False
    access: AccessRule = EVERYBODY
    """Who may use it."""
    acting: ActingRule = NOBODY
    """Who may act for whom, where it asks for it. RFC8693-4.1."""
    suite: str = ""
    """The applications of one publisher that it shares sign-ins with; empty: none. NSSO-4.3."""
    created_at: datetime
    unused_until: datetime | None = None
    """Registered by a stranger and never used: it is forgotten at this time."""
    secret_digest: str | None = None
    """Of a secret that we minted: full entropy, one SHA-256."""
    secret_hmac: str | None = None
    """Of a secret that a person chose: under a key of the server."""
    secret_sealed: str | None = None
    """Of a secret that must be had in the clear: ``client_secret_jwt``."""
    secret_expires_at: datetime | None = None
    secret_made_at: datetime | None = None
    """None: with the client itself."""
    former_secret: FormerSecret | None = None
    trial: Trial | None = None
    test_until: datetime | None = None
    """It is in test mode until then, and refused from then on. None: it is real."""
    registration_digest: str | None = None
    """Of the token by which the client manages its own registration. RFC7592-3."""

    @property
    def is_public(self) -> bool:
        """It has no way to prove who it is. RFC6749-2.1."""
        return self.metadata.token_endpoint_auth_method == "none"

    @property
    def is_strangers(self) -> bool:
        """It registered itself; no administrator let it in."""
        return self.came_by in ("registration", "document")

    @property
    def is_test(self) -> bool:
        """It is in test mode, be that over or not."""
        return self.test_until is not None

    def is_over(self, now: datetime) -> bool:
        """Its test mode is over."""
        return self.test_until is not None and self.test_until <= now

    @property
    def is_fapi2(self) -> bool:
        """It keeps every rule of FAPI 2.0. FAPI2-SP-5.3."""
        return self.metadata.profile == "fapi2"

    @property
    def needs_pkce(self) -> bool:
        """It must send a code challenge. RFC9700-2.1.1, FAPI2-SP-5.3.2.2."""
        return self.require_pkce or self.is_fapi2

    @property
    def name(self) -> str:
        """What people are shown."""
        return self.named(self.metadata.client_name)

    def named(self, said: str | None) -> str:
        """Give one of the names it says it has, as people are shown it."""
        if self.came_by == "document":
            # Its name is whatever it says; where its document lies is not. CIMD-6.4.
            host = urlsplit(self.client_id).netloc
            return f"{said} ({host})" if said else host
        return said or self.client_id

    @property
    def sector(self) -> str:
        """The host whose clients know a person by one identifier. OIDCC-8.1, CIBA-4."""
        known = self.metadata
        uri = known.sector_identifier_uri or next(iter(known.redirect_uris), "")
        if not uri and known.backchannel_token_delivery_mode:
            uri = known.backchannel_client_notification_endpoint or known.jwks_uri or ""
        return urlsplit(uri).hostname or self.client_id

    @property
    def wants_logout(self) -> bool:
        """It is to be told when a session ends."""
        return bool(self.metadata.backchannel_logout_uri or self.metadata.frontchannel_logout_uri)


@dataclass(frozen=True, slots=True)
class RedirectTarget:
    """A place this client may be answered at. Having one is the proof that it was checked."""

    redirect_uri: str
    response_mode: str
    state: str | None


def resolve_redirect(
    client: Client, uri: str | None, response_mode: str, state: str | None, now: datetime
) -> RedirectTarget:
    """Find where an authorization response may go, or refuse to send one anywhere.

    Compared as strings (RFC9700-2.1), save the port of a native app's loopback address
    (RFC8252-7.3). RFC6749-3.1.2.3.
    """
    registered, trial = client.metadata.redirect_uris, client.trial
    if trial is not None and uri == trial.redirect_uri and now < trial.until:
        return RedirectTarget(uri, response_mode, state)
    if uri is None:
        if len(registered) != 1:
            raise UntrustedRedirect("redirect_uri is missing")
        return RedirectTarget(registered[0], response_mode, state)
    if not any(matches(uri, known) for known in registered):
        raise UntrustedRedirect(
            "redirect_uri is not one this client registered",
            received=uri,
            registered=registered,
            client_id=client.client_id,
        )
    return RedirectTarget(uri, response_mode, state)


def matches(uri: str, registered: str) -> bool:
    """Tell whether a URI is a registered one: byte for byte, or any port of a loopback address."""
    if uri == registered:
        return True
    for host in LOOPBACK:
        start = f"http://{host}"
        if uri.startswith(start) and registered.startswith(start):
            return _portless(uri, start) == _portless(registered, start) is not None
    return False


def _portless(uri: str, start: str) -> str | None:
    """Give what follows the port, or None where no plain port stands."""
    rest = uri[len(start) :]
    if not rest.startswith(":"):
        return rest if rest[:1] in ("", "/", "?") else None
    digits = len(rest) - len(rest[1:].lstrip("0123456789")) - 1
    tail = rest[1 + digits :]
    is_port = 1 <= digits <= 5 and int(rest[1 : 1 + digits]) <= 65535  # noqa: PLR2004
    return tail if is_port and tail[:1] in ("", "/", "?") else None


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a redirect URI departs from the registered one that is nearest to it."""

    received: str
    nearest: str
    index: int
    part: str


def redirect_difference(received: str, registered: tuple[str, ...]) -> Difference | None:
    """Find the nearest registered URI and the first character in which it differs."""
    shown = received[:2000]
    nearest = next(iter(get_close_matches(shown, registered, n=1, cutoff=0.3)), None)
    if nearest is None:
        return None
    nearest = _at_port_of(shown, nearest)
    index = next(
        (i for i, (a, b) in enumerate(zip(shown, nearest, strict=False)) if a != b),
        min(len(shown), len(nearest)),
    )
    return Difference(shown, nearest, index, _differing_part(shown, nearest))


def _at_port_of(received: str, registered: str) -> str:
    """Give a native app's address at the port that was asked for: any is good. RFC8252-7.3."""
    for host in LOOPBACK:
        start = f"http://{host}"
        if received.startswith(start) and registered.startswith(start):
            asked, known = _portless(received, start), _portless(registered, start)
            if asked is not None and known is not None:
                return received.removesuffix(asked) + known
    return registered


def _differing_part(received: str, nearest: str) -> str:
    if received.rstrip("/") == nearest.rstrip("/"):
        return "trailing slash"
    one, other = _split(received), _split(nearest)
    if one is None or other is None:
        return "form"
    if one.scheme != other.scheme:
        return "scheme"
    if one.hostname != other.hostname:
        return "host"
    if one.netloc != other.netloc:
        return "port"
    if one.path != other.path:
        return "path"
    return "query" if one.query != other.query else "fragment"


def _split(uri: str) -> SplitResult | None:
    try:
        return urlsplit(uri)
    except ValueError:
        return None


def form_action_source(uri: str) -> str:
    """Give the source expression that lets a page's form end at this URI. CSP3-6.4.1.

    Of an address that was registered before hosts were looked at it is nothing.
    """
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}" if has_host(uri) else ""
    return f"{parts.scheme}:"
