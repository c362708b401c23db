"""The provider under examination: a process under TLS, with a person of many claims."""

import contextlib
import json
import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2

from ..certificates import Certificate
from ..postgres import free_port
from ..server import Server, keycell, serving
from ..test_tls import pem
from .publisher import Site, publishing

PASSWORD = "correct horse battery"
CLAIMS = {
    "given_name": "Ann", "family_name": "Bell", "middle_name": "Cay", "nickname": "annie",
    "profile": "https://people.example/ann", "picture": "https://people.example/ann.png",
    "website": "https://ann.example", "gender": "female", "birthdate": "1990-01-02",
    "zoneinfo": "Europe/Paris", "locale": "en-GB", "phone_number": "+33 1 23 45 67 89",
    "address": json.dumps({
        "formatted": "1 Way\nTown", "street_address": "1 Way", "locality": "Town",
        "region": "East", "postal_code": "12345", "country": "FR",
    }),
}  # fmt: skip


@dataclass(frozen=True)
class Provider:
    """Where it is, and whose word its certificate is."""

    server: Server
    trust: ssl.SSLContext
    chain: Path
    site: Site
    """Of the applications."""

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def issuer(self) -> str:
        return f"{self.url}/oidc"

    @cached_property
    def metadata(self) -> dict[str, Any]:
        with self.http() as http:
            response = http.get(f"{self.issuer}/.well-known/openid-configuration")
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        found: dict[str, Any] = response.json()
        return found

    def http(self, shown: Certificate | None = None) -> httpx2.Client:
        """Give what speaks to it, and to what the applications publish."""
        trust = self.trust
        if shown is not None:
            trust = ssl.create_default_context(cafile=os.fspath(self.chain))
            trust.load_cert_chain(*shown.write(self.chain.parent / shown.x5t))
        return httpx2.Client(verify=trust, trust_env=False, timeout=30)

    def endpoint(self, name: str, *, is_certified: bool = False) -> str:
        """Give where an endpoint is, for who shows a certificate there or not. RFC8705-5."""
        aliases = self.metadata["mtls_endpoint_aliases"] if is_certified else {}
        return str(aliases.get(name) or self.metadata[name])

    def jwks(self) -> dict[str, Any]:
        with self.http() as http:
            found: dict[str, Any] = http.get(self.metadata["jwks_uri"]).json()
        return found

    def admin(self, *arguments: str) -> None:
        keycell("admin", *arguments, "--data", str(self.server.data))


@contextlib.contextmanager
def providing(folder: Path) -> Iterator[Provider]:
    """Start it on a folder, with Ann, who has every claim there is."""
    chain, private = pem(folder / "tls")
    where = ("--data", str(folder / "data"))
    named = ("--email", "ann@people.example", "--name", "Ann Bell")
    keycell("admin", "user", "add", "ann", *named, "--password-stdin", *where, stdin=PASSWORD)
    claims = [part for name in CLAIMS for part in ("--claim", f"{name}={CLAIMS[name]}")]
    keycell("admin", "user", "update", "ann", *claims, *where)
    # What an application publishes lies on this machine, under the same certificate.
    environment = {
        "KEYCELL_REGISTRATION": "open", "KEYCELL_FETCH_NETWORKS": "127.0.0.0/8,::1/128",
        "SSL_CERT_FILE": str(chain),
    }  # fmt: skip
    flags = (
        "--tls-cert", str(chain), "--tls-key", str(private), "--mtls-port", str(free_port()),
    )  # fmt: skip
    trust = ssl.create_default_context(cafile=os.fspath(chain))
    with (
        publishing(chain, private) as site,
        serving(folder / "data", *flags, **environment) as server,
    ):
        yield Provider(server, trust, chain, site)
