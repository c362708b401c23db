"""Certificates that clients show, read and verified by cryptography alone. RFC8705-2, RFC5280-6.

Whether an authority of ours issued one is always looked at here, never left to a proxy: those
that ask for a certificate of anybody's would pass on one that its bearer made up.
"""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from keycell.oauth.distinguished_names import DistinguishedName, same_value
from keycell.oauth.errors import InvalidClient
from keycell.oauth.mutual_tls import ShownCertificate, Subject

_LONGEST_CHAIN = 5
_FOR_CLIENTS = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)


class BadAuthorities(Exception):
    """The file of authorities is none; the sentence says what was expected."""


class ClientCertificates:
    """Reads certificates, and knows the authorities that issue them to clients."""

    def __init__(self, authorities: Path | None = None) -> None:
        self._store = None if authorities is None else _read_store(authorities)

    def check_times(self, shown: ShownCertificate, now: datetime) -> None:
        """Refuse a certificate that cannot be read or is not of now; raise InvalidClient."""
        found = _read(shown.chain[0])
        if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
            raise InvalidClient("the certificate has expired, or is not valid yet")

    def issued_to(self, shown: ShownCertificate, now: datetime) -> Subject:
        """Give whom an authority issued it to; raise InvalidClient where none did. RFC5280-6.1."""
        found, *between = (_read(der) for der in shown.chain)
        if self._store is None:
            raise InvalidClient("no authority is known here that issues certificates to clients")
        verifier = (
            PolicyBuilder().store(self._store).time(now).max_chain_depth(_LONGEST_CHAIN)
            .extension_policies(ca_policy=_ISSUERS, ee_policy=_CLIENTS).build_client_verifier()
        )  # fmt: skip
        try:
            verifier.verify(found, between)
        except VerificationError as error:
            raise InvalidClient(
                "the certificate is not one that an authority of this server issued, for "
                "clients and for now", detail=str(error)[:300],
            ) from None  # fmt: skip
        return _subject(found)


def _read_store(authorities: Path) -> Store:
    try:
        return Store(x509.load_pem_x509_certificates(authorities.read_bytes()))
    except (OSError, ValueError) as error:
        raise BadAuthorities(f"{authorities}: expected certificates in PEM: {error}") from None


def _read(der: bytes) -> x509.Certificate:
    try:
        found = x509.load_der_x509_certificate(der)
        # They are read when they are asked for.
        _ = found.extensions, found.subject
    except (ValueError, x509.DuplicateExtension):
        raise InvalidClient("the certificate cannot be read") from None
    return found


def _check_ca(_policy: Policy, _one: x509.Certificate, found: x509.BasicConstraints) -> None:
    if not found.ca:
        raise ValueError("it issues no certificates")


def _check_signs(_policy: Policy, _one: x509.Certificate, found: x509.KeyUsage | None) -> None:
    if found is not None and not found.key_cert_sign:
        raise ValueError("its key signs no certificates")


def _check_use(
    _policy: Policy, _one: x509.Certificate, found: x509.ExtendedKeyUsage | None
) -> None:
    # One that says nothing of its use may be used. RFC5280-4.2.1.12.
    if found is not None and not any(use in _FOR_CLIENTS for use in found):
        raise ValueError("it is not for clients")


_ISSUERS = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _check_ca)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _check_signs)
)
_CLIENTS = ExtensionPolicy.permit_all().may_be_present(
    x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _check_use
)


def _subject(found: x509.Certificate) -> Subject:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Subject(dn=_dn(found.subject))
    return Subject(
        dn=_dn(found.subject),
        dns=frozenset(names.get_values_for_type(x509.DNSName)),
        uris=frozenset(names.get_values_for_type(x509.UniformResourceIdentifier)),
        ips=frozenset(str(one) for one in names.get_values_for_type(x509.IPAddress)),
        emails=frozenset(names.get_values_for_type(x509.RFC822Name)),
    )


def _dn(name: x509.Name) -> DistinguishedName:
    # Written the other way round than they are read. RFC4514-2.1.
    return tuple(
        frozenset((one.oid.dotted_string, _value(one)) for one in rdn)
        for rdn in reversed(name.rdns)
    )


def _value(one: x509.NameAttribute[str | bytes]) -> str:
    value = one.value
    return same_value(value if isinstance(value, str) else value.hex())
