"""What a trusted proxy says of those who ask: their address, and the certificate they showed.

A header proves nothing by itself: it is believed of the proxies that are named, and taken away
from their requests and everybody else's alike, so that nothing behind can be misled. RFC9440-4.
"""

import base64
import ipaddress
from collections.abc import Sequence
from urllib.parse import unquote

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from keycell.http.holding import checked_der, der_of, pem_of
from keycell.oauth.mutual_tls import MOST_CERTIFICATES

log = structlog.get_logger(__name__)

_CHAIN = "client-cert-chain"
Headers = Sequence[tuple[bytes, bytes]]


class Proxied:
    """An application behind proxies that are trusted to say who asks."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str], certificate_header: str) -> None:
        self._app = ProxyHeadersMiddleware(app, list(trusted))  # type: ignore[arg-type]
        self._networks = [ipaddress.ip_network(one, strict=False) for one in trusted]
        self._header = certificate_header.lower().encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, knowing what the proxy says, and nothing that somebody else says for it."""
        if scope["type"] == "http" and self._header:
            scope = self._with_certificate(scope)
        await self._app(scope, receive, send)  # type: ignore[arg-type]

    def _with_certificate(self, scope: Scope) -> Scope:
        names = (self._header, _CHAIN.encode())
        kept = [one for one in scope["headers"] if one[0] not in names]
        if len(kept) == len(scope["headers"]):
            return scope
        if not self._is_trusted(scope):
            log.warning("certificate header from outside ignored", ip=_ip(scope))
            return {**scope, "headers": kept}
        try:
            chain = read_chain(scope["headers"], self._header)
        except ValueError as error:
            log.warning("certificate header ignored", detail=str(error)[:200])
            return {**scope, "headers": kept}
        tls = {"client_cert_chain": tuple(pem_of(der) for der in chain)}
        extensions = {**(scope.get("extensions") or {}), "tls": tls}
        return {**scope, "headers": kept, "extensions": extensions}

    def _is_trusted(self, scope: Scope) -> bool:
        try:
            address = ipaddress.ip_address(_ip(scope))
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._networks)


def _ip(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def read_chain(headers: Headers, name: bytes) -> Sequence[bytes]:
    """Read the certificate, and those sent beside it; raise ValueError. RFC9440-2.2, RFC9440-2.3.

    Sent twice it would be the proxy's and somebody else's: then it is nobody's.
    """
    own = [value.decode("latin-1").strip() for key, value in headers if key == name]
    if len(own) != 1:
        raise ValueError(f"{name.decode()} is sent {len(own)} times; the proxy must replace it")
    if own[0] in ("", "::"):
        return ()
    beside = [value.decode("latin-1") for key, value in headers if key == _CHAIN.encode()]
    issuers = [one.strip() for value in beside for one in value.split(",") if one.strip()]
    if len(issuers) >= MOST_CERTIFICATES:
        raise ValueError(f"{_CHAIN} has more than {MOST_CERTIFICATES - 1} certificates")
    return [read_certificate(own[0]), *(read_certificate(one) for one in issuers)]


def read_certificate(sent: str) -> bytes:
    """Read a certificate in any of the forms that proxies write; raise ValueError.

    ``:base64:`` is RFC9440-2.2's; nginx (``$ssl_client_escaped_cert``) and Apache write PEM, with
    its line ends escaped or as spaces; HAProxy and Traefik the base64 alone.
    """
    if sent.startswith(":") and sent.endswith(":") and len(sent) > 1:
        return checked_der(base64.b64decode(sent[1:-1], validate=True))
    plain = unquote(sent, "ascii", "strict") if "%" in sent else sent
    if plain.startswith("-----BEGIN"):
        return der_of(plain)
    return checked_der(base64.b64decode("".join(plain.split()), validate=True))
