"""TLS by flags: `keycell serve --tls-cert --tls-key`."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .server import Server, serving

LOCALHOST = x509.DNSName("localhost")


def pem(
    folder: Path, passphrase: bytes | None = None, host: x509.GeneralName = LOCALHOST
) -> tuple[Path, Path]:
    """Make a certificate for localhost that is its own authority."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    lock = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    chain, private = folder / "cert.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(encoding, form, lock))
    return chain, private


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return pem(tmp_path_factory.mktemp("tls") / "localhost")


def test_tls_by_flags(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    chain, private = certificate
    flags = ("--tls-cert", str(chain), "--tls-key", str(private))
    with serving(tmp_path / "data", *flags) as server:
        trusted = ssl.create_default_context(cafile=str(chain))
        with httpx2.Client(verify=trusted, base_url=server.url) as http:
            document = http.get("/oidc/.well-known/openid-configuration").json()
            assert document["issuer"] == f"{server.url}/oidc"
            page = http.get("/oauth2/login")
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert "max-age=" in page.headers["strict-transport-security"]
        only_old = ssl.create_default_context(cafile=str(chain))
        only_old.maximum_version = ssl.TLSVersion.TLSv1_2
        assert "GCM" in shaken(server, only_old)
        only_old.set_ciphers("ECDHE-ECDSA-AES256-SHA384")
        with pytest.raises(ssl.SSLError):
            shaken(server, only_old)


def shaken(server: Server, context: ssl.SSLContext) -> str:
    """Give the cipher that was agreed on. RFC9325-4.2."""
    with (
        socket.create_connection(("localhost", server.port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wrapped,
    ):
        cipher = wrapped.cipher()
    assert cipher is not None
    return cipher[0]
