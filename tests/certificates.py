"""Certificates of clients: made by an authority, or by whoever shows them."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from joserfc.jwk import ECKey

from keycell.oauth.mutual_tls import ShownCertificate

NAME = "CN=app,O=Example"


@dataclass(frozen=True)
class Certificate:
    """A certificate, its key, and those of its issuers."""

    found: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    issuers: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        return self.found.public_bytes(Encoding.DER)

    @property
    def pem(self) -> str:
        return self.found.public_bytes(Encoding.PEM).decode()

    @property
    def shown(self) -> ShownCertificate:
        every = (self.found, *self.issuers)
        return ShownCertificate(tuple(one.public_bytes(Encoding.DER) for one in every))

    @property
    def x5t(self) -> str:
        digest = hashlib.sha256(self.der).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def jwks(self) -> dict[str, object]:
        public = self.key.public_key().public_bytes(
            Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        jwk = ECKey.import_key(public).as_dict(private=False)
        return {"keys": [{**jwk, "x5c": [base64.b64encode(self.der).decode()]}]}

    def write(self, folder: Path) -> tuple[str, str]:
        """Write the chain and the key, and give where."""
        folder.mkdir(parents=True, exist_ok=True)
        chain, private = folder / "cert.pem", folder / "key.pem"
        issuers = "".join(one.public_bytes(Encoding.PEM).decode() for one in self.issuers)
        chain.write_text(self.pem + issuers)
        private.write_bytes(
            self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        return str(chain), str(private)


def certificate(
    name: str = NAME,
    *,
    issuer: Certificate | None = None,
    is_ca: bool = False,
    sans: tuple[x509.GeneralName, ...] = (),
    use: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CLIENT_AUTH,
    ages: timedelta = timedelta(),
) -> Certificate:
    """Make a certificate, by itself or by an authority; good for a day, from ``ages`` on."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name.from_rfc4514_string(name)
    start = datetime.now(UTC) - timedelta(minutes=1) + ages
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.found.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start).not_valid_after(start + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )  # fmt: skip
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    if use is not None and not is_ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    made = builder.sign(key if issuer is None else issuer.key, hashes.SHA256())
    above = () if issuer is None else (issuer.found, *issuer.issuers)
    return Certificate(made, key, above)


def authority(name: str = "CN=Authority", issuer: Certificate | None = None) -> Certificate:
    return certificate(name, issuer=issuer, is_ca=True)
