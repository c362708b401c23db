"""TLS by flags: `keycell serve --tls-cert --tls-key`."""

import socket
import ssl
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .postgres import free_port
from .server import serving

REFUSED = "ALERT_(HANDSHAKE_FAILURE|PROTOCOL_VERSION)|EOF occurred|\\(EOF\\)|reset by peer"
"""What a server's no looks like: a client's own inability has other words."""
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


def test_p25_nothing_weaker_is_spoken_at_either_port(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    """RFC9325-3.1.1, RFC9325-4.2, FAPI2-SP-5.2.2, PROTOCOL-P25."""
    chain, private = certificate
    mutual = free_port()
    flags = ("--tls-cert", str(chain), "--tls-key", str(private), "--mtls-port", str(mutual))
    with serving(tmp_path / "data", *flags) as server:
        for port in (server.port, mutual):
            assert shaken(port, chain, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
            said, cipher = shaken(port, chain, ssl.TLSVersion.TLSv1_2)
            assert (said, cipher[:6], "GCM" in cipher) == ("TLSv1.2", "ECDHE-", True)
            strong = "ECDHE-ECDSA-AES128-GCM-SHA256"
            assert shaken(port, chain, ssl.TLSVersion.TLSv1_2, strong)[1] == strong
            for weak in ("ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-SHA384",
                         "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-CCM"):  # fmt: skip
                with pytest.raises(OSError, match=REFUSED):
                    shaken(port, chain, ssl.TLSVersion.TLSv1_2, weak)
            for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
                with pytest.raises(OSError, match=REFUSED):
                    shaken(port, chain, old, "ALL:@SECLEVEL=0")


def shaken(port: int, chain: Path, version: ssl.TLSVersion, ciphers: str = "") -> tuple[str, str]:
    """Speak this version alone; give it, and the cipher that was agreed on."""
    context = ssl.create_default_context(cafile=str(chain))
    with warnings.catch_warnings():
        # Of versions that nobody speaks any more: whether we do is asked here.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    with (
        socket.create_connection(("localhost", port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wrapped,
    ):
        cipher = wrapped.cipher()
        said = wrapped.version()
    assert cipher is not None
    return str(said), cipher[0]
