"""Mutual TLS: clients that are known by a certificate, and tokens that are bound to one. RFC8705.

Who holds the certificate's key is said by TLS itself, before anything here; who it was issued to
is read, and by whom verified, elsewhere (outside/certificates.py). Here it is judged.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from ipaddress import ip_address

from keycell.oauth.clients import ClientMetadata
from keycell.oauth.confirmation import Confirmation
from keycell.oauth.distinguished_names import DistinguishedName, read_dn
from keycell.oauth.errors import InvalidClient, InvalidClientMetadata
from keycell.values import dataclass

PKI = "tls_client_auth"
SELF_SIGNED = "self_signed_tls_client_auth"
METHODS = (PKI, SELF_SIGNED)
MOST_CERTIFICATES = 10
"""Of one chain."""
NAMES = (
    "tls_client_auth_subject_dn", "tls_client_auth_san_dns", "tls_client_auth_san_uri",
    "tls_client_auth_san_ip", "tls_client_auth_san_email",
)  # fmt: skip
"""What names the subject of a client's certificate: exactly one of them. RFC8705-2.1.2."""


@dataclass(frozen=True, slots=True)
class MutualTls:
    """What a server offers of it."""

    is_offered: bool = False
    """It sees the certificates of those who ask."""
    has_authorities: bool = False
    """It knows whose certificates to believe, so that clients may be known by a name in one."""
    base_url: str = ""
    """Where clients with a certificate go, if not where all go. RFC8705-5."""

    @property
    def methods(self) -> tuple[str, ...]:
        """By what clients may authenticate here. RFC8705-2."""
        if not self.is_offered:
            return ()
        return METHODS if self.has_authorities else (SELF_SIGNED,)


NO_MUTUAL_TLS = MutualTls()


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """A certificate whose key its sender holds, and those it came with; each as DER."""

    chain: tuple[bytes, ...]

    @property
    def confirmation(self) -> Confirmation:
        """Give what tokens are bound to. RFC8705-3.1."""
        hashed = hashlib.sha256(self.chain[0]).digest()
        return Confirmation("x5t#S256", base64.urlsafe_b64encode(hashed).rstrip(b"=").decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who a certificate was issued to. RFC5280-4.1.2.6, RFC5280-4.2.1.6."""

    dn: DistinguishedName
    dns: frozenset[str] = frozenset()
    uris: frozenset[str] = frozenset()
    ips: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()


def check_subject(metadata: ClientMetadata, subject: Subject) -> None:
    """Refuse a certificate that was issued to somebody else. RFC8705-2.1."""
    dns = metadata.tls_client_auth_san_dns
    ip = metadata.tls_client_auth_san_ip
    dn = metadata.tls_client_auth_subject_dn
    if dn is not None:
        is_theirs = read_dn(dn) == subject.dn
    elif dns is not None:
        is_theirs = dns.lower() in {one.lower() for one in subject.dns}
    elif ip is not None:
        is_theirs = str(ip_address(ip)) in subject.ips
    else:
        uri, email = metadata.tls_client_auth_san_uri, metadata.tls_client_auth_san_email
        is_theirs = uri in subject.uris if uri is not None else email in subject.emails
    if not is_theirs:
        raise InvalidClient("the certificate is not the one that the client registered")


def is_registered(jwks: Mapping[str, object], shown: ShownCertificate) -> bool:
    """Tell whether a client's keys have this very certificate. RFC8705-2.2.2."""
    return any(hmac.compare_digest(one, shown.chain[0]) for one in _certificates(jwks))


def _certificates(jwks: Mapping[str, object]) -> list[bytes]:
    # Of each key the first is its own, the rest are its issuers'. RFC7517-4.7.
    found, listed = [], jwks.get("keys")
    for key in listed if isinstance(listed, list) else []:
        chain = key.get("x5c") if isinstance(key, dict) else None
        if isinstance(chain, list) and chain and isinstance(chain[0], str):
            try:
                found.append(base64.b64decode(chain[0], validate=True))
            except ValueError:
                continue
    return found


def check_names(document: Mapping[str, object], method: str) -> dict[str, str | None]:
    """Check what names the subject of a client's certificate. RFC8705-2.1.2."""
    said = {name: value for name in NAMES if (value := document.get(name)) not in (None, "")}
    if method == PKI and len(said) != 1:
        raise InvalidClientMetadata(f"{PKI} needs exactly one of {', '.join(NAMES)}")
    for name, value in said.items():
        if method != PKI:
            raise InvalidClientMetadata(f"{name} goes with {PKI}, not with {method}")
        if not isinstance(value, str) or not value.isprintable() or len(value) > 1000:  # noqa: PLR2004
            raise InvalidClientMetadata(f"{name} must be a text of at most 1000 characters")
        _check_name(name, value)
    return {name: str(said[name]) if name in said else None for name in NAMES}


def _check_name(name: str, value: str) -> None:
    if name == "tls_client_auth_subject_dn":
        read_dn(value)
    if name == "tls_client_auth_san_ip":
        try:
            ip_address(value)
        except ValueError:
            raise InvalidClientMetadata(f"{name} must be an IPv4 or IPv6 address") from None


def check_certificates(jwks: object, method: str) -> None:
    """Refuse keys by value without a certificate where that is all that counts. RFC8705-2.2.2."""
    if method == SELF_SIGNED and isinstance(jwks, dict) and not _certificates(jwks):
        raise InvalidClientMetadata(f"{SELF_SIGNED} needs a key with its certificate in x5c")


def check_offered(metadata: ClientMetadata, offered: MutualTls) -> None:
    """Refuse to register what this server cannot hold. RFC8705-2, RFC8705-3.4."""
    method = metadata.token_endpoint_auth_method
    if method in METHODS and method not in offered.methods:
        raise InvalidClientMetadata(f"token_endpoint_auth_method {method} is not offered here")
    if metadata.tls_client_certificate_bound_access_tokens and not offered.is_offered:
        raise InvalidClientMetadata(
            "tls_client_certificate_bound_access_tokens: this server sees no certificates"
        )
