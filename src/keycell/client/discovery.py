"""What a server says of itself: where its endpoints are, checked against where it was asked."""

import contextlib
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from keycell.client.answers import json_of
from keycell.client.errors import ClientError, NotKeycell, Unavailable
from keycell.client.folders import cache_folder, write_private
from keycell.client.retries import unreachable

_PATH = "/oidc/.well-known/openid-configuration"
_KEPT_FOR = 24 * 3600
_OK = 200
_BROKEN = 500


@dataclass(frozen=True, slots=True)
class Metadata:
    """The endpoints of a server. OIDCD-3, RFC8414-2."""

    issuer: str
    document: Mapping[str, Any]

    def endpoint(self, name: str) -> str:
        """Give where an endpoint is, by its registered name; raise if there is none."""
        found = self.document.get(name)
        if not isinstance(found, str):
            raise NotKeycell(
                f"{self.issuer} has no {name}", "the server may be older than this program"
            )
        if not _is_address(found):
            raise NotKeycell(f"{self.issuer} names as its {name} what is no address: {found}")
        return found

    def has(self, name: str) -> bool:
        """Tell whether the server has an endpoint."""
        return isinstance(self.document.get(name), str)


def _is_address(said: str) -> bool:
    try:
        url = httpx2.URL(said)
        url.host.encode("idna")
    except (httpx2.InvalidURL, UnicodeError):
        return False
    return url.scheme in ("http", "https") and bool(url.host)


async def discover(http: httpx2.AsyncClient, server: str, *, fresh: bool = False) -> Metadata:
    """Give what a server says of itself; asked once a day, or when it must be ``fresh``."""
    path = cache_folder() / f"discovery-{hashlib.sha256(server.encode()).hexdigest()[:16]}.json"
    if not fresh:
        try:
            if time.time() - path.stat().st_mtime < _KEPT_FOR:
                return read_metadata(json.loads(path.read_bytes()), server)
        except (OSError, ValueError, NotKeycell):
            # Asked for anew.
            pass
    found = read_metadata(await _fetch(http, server), server)
    # A cache that cannot be written costs a request, nothing else.
    with contextlib.suppress(ClientError):
        write_private(path, json.dumps(dict(found.document)).encode())
    return found


async def _fetch(http: httpx2.AsyncClient, server: str) -> object:
    try:
        response = await http.get(f"{server}{_PATH}", auth=None)
    except httpx2.RequestError as error:
        raise unreachable(error, server) from error
    if response.status_code >= _BROKEN:
        raise Unavailable(f"{server} answered {response.status_code}", "try again in a moment")
    if response.status_code != _OK:
        raise NotKeycell(
            f"{server} is no Keycell server: it answered {response.status_code} at {_PATH}",
            "check the address",
        )
    return json_of(response)


def read_metadata(document: object, server: str) -> Metadata:
    """Read what a server says of itself; it must be the one that was asked. OIDCD-4.3."""
    issuer = document.get("issuer") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(issuer, str):
        raise NotKeycell(
            f"{server} is no Keycell server: its answer names no issuer", "check the address"
        )
    if issuer.rstrip("/") != f"{server}/oidc":
        public = issuer.rstrip("/").removesuffix("/oidc")
        raise NotKeycell(
            f"the server at {server} says that it is {public}: whoever answers for another "
            "could be in between",
            f"keycell login {public}",
        )
    return Metadata(issuer, document)
