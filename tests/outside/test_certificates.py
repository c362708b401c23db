"""Whose certificate it is, and whose word that is. RFC8705-2.1, RFC5280-6.1."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from keycell.oauth.distinguished_names import read_dn
from keycell.oauth.errors import InvalidClient
from keycell.oauth.mutual_tls import ShownCertificate
from keycell.outside.certificates import BadAuthorities, ClientCertificates

from ..certificates import NAME, Certificate, authority, certificate

CA = authority()


def now() -> datetime:
    return datetime.now(UTC)


def is_refused(certificates: ClientCertificates, made: Certificate) -> bool:
    try:
        certificates.issued_to(made.shown, now())
    except InvalidClient:
        return True
    return False


@pytest.fixture
def certificates(tmp_path: Path) -> ClientCertificates:
    path = tmp_path / "ca.pem"
    path.write_text(CA.pem)
    return ClientCertificates(path)


def test_who_an_authority_issued_it_to(certificates: ClientCertificates) -> None:
    """RFC8705-2.1.2, RFC4514-2.1, RFC5280-4.1.2.6, RFC5280-4.2.1.6."""
    shown = certificate(
        "CN=app+OU=a\\, b,O=Example,C=DE", issuer=CA,
        sans=(
            x509.DNSName("app.example"), x509.UniformResourceIdentifier("spiffe://example/app"),
            x509.IPAddress(ip_address("2001:db8::1")), x509.RFC822Name("app@example.com"),
        ),
    ).shown  # fmt: skip
    subject = certificates.issued_to(shown, now())
    assert subject.dn == read_dn("ou=A\\2C  B+cn=APP, o=example, C=de")
    assert subject.dn != read_dn("C=DE,O=Example,CN=app+OU=a\\, b")
    assert subject.dns == {"app.example"}
    assert subject.uris == {"spiffe://example/app"}
    assert subject.ips == {"2001:db8::1"}
    assert subject.emails == {"app@example.com"}
    assert certificates.issued_to(certificate(issuer=CA).shown, now()).dn == read_dn(NAME)
    certificates.issued_to(certificate(issuer=CA, use=None).shown, now())


def test_it_may_be_issued_by_somebody_between(certificates: ClientCertificates) -> None:
    between = authority("CN=Between", CA)
    made = certificate(issuer=between)
    certificates.issued_to(made.shown, now())
    with pytest.raises(InvalidClient):
        certificates.issued_to(Certificate(made.found, made.key).shown, now())


def test_what_no_authority_issued(certificates: ClientCertificates) -> None:
    """RFC5280-6.1: by whom, until when, for what, and by one who may."""
    plain = certificate(issuer=CA)
    for what, made in {
        "by itself": certificate(),
        "by another of the same name": certificate(issuer=authority()),
        "by one that issues nothing": certificate(issuer=plain),
        "it is over": certificate(issuer=CA, ages=timedelta(days=-2)),
        "it is not yet": certificate(issuer=CA, ages=timedelta(days=1)),
        "it is for servers": certificate(issuer=CA, use=ExtendedKeyUsageOID.SERVER_AUTH),
    }.items():
        assert is_refused(certificates, made), what
    for der in (b"", b"no certificate", plain.der[:-20], plain.der + b"x"):
        with pytest.raises(InvalidClient):
            certificates.issued_to(ShownCertificate((der,)), now())
        with pytest.raises(InvalidClient):
            certificates.check_times(ShownCertificate((der,)), now())
    with pytest.raises(InvalidClient, match="no authority"):
        ClientCertificates().issued_to(plain.shown, now())


def test_the_times_of_one_that_was_registered(certificates: ClientCertificates) -> None:
    certificates.check_times(certificate().shown, now())
    for ages in (timedelta(days=-2), timedelta(days=1)):
        with pytest.raises(InvalidClient, match="expired"):
            certificates.check_times(certificate(ages=ages).shown, now())


def test_authorities_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("nothing")
    with pytest.raises(BadAuthorities, match="expected certificates"):
        ClientCertificates(path)
