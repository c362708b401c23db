"""The whole server behind its real listener and TLS, in the loop of the test that asks it."""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import uvicorn
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from uvicorn.server import ServerState

from keycell.http.app import App
from keycell.http.listening import CIPHERS, BoundedProtocol

from .certificates import authority, certificate


@dataclass(frozen=True)
class Identity:
    """What a server shows, in files, and what trusts it."""

    chain: str
    key: str
    trust: ssl.SSLContext


def identity(folder: Path) -> Identity:
    """Make a certificate for this machine, by an authority that nobody else knows."""
    maker = authority()
    made = certificate(
        "CN=127.0.0.1", issuer=maker, use=ExtendedKeyUsageOID.SERVER_AUTH,
        sans=(x509.IPAddress(ipaddress.ip_address("127.0.0.1")),),
    )  # fmt: skip
    chain, key = made.write(folder)
    return Identity(chain, key, ssl.create_default_context(cadata=maker.pem))


class _Local(BoundedProtocol):
    """Says that a connection by a socket of this machine comes from this machine."""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  (the library's own)
        super().connection_made(transport)
        self.client = ("127.0.0.1", 1234)


@contextlib.asynccontextmanager
async def over_tls(app: App, shown: Identity) -> AsyncIterator[httpx2.AsyncHTTPTransport]:
    """Serve an application, and give the way there.

    By a socket in a folder, so that every test may have the one address that its server knows.
    """
    config = uvicorn.Config(
        app, http=_Local, lifespan="off", log_config=None, proxy_headers=False,
        ssl_certfile=shown.chain, ssl_keyfile=shown.key, ssl_ciphers=CIPHERS,
    )  # fmt: skip
    config.load()
    state = ServerState()
    with TemporaryDirectory(prefix="keycell-") as folder:
        path = str(Path(folder) / "socket")
        listening = await asyncio.get_running_loop().create_unix_server(
            lambda: _Local(config, state, {}), path, ssl=config.ssl
        )
        async with httpx2.AsyncHTTPTransport(uds=path, verify=shown.trust) as transport:
            yield transport
        listening.close()
