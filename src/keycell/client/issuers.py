"""Any issuer of OpenID Connect, ours or another's: its metadata judged, its keys read.

Nothing here shows a token, and nothing here is kept: whoever looks wants to see what stands there
now.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from keycell.client.errors import BadUse, ClientError, NotFound, Unavailable
from keycell.client.findings import Finding, fine, wrong
from keycell.client.retries import unreachable

_LONGEST = 1_048_576
_OK = 200
_NOT_FOUND = 404
_BROKEN = 500
_HERE = ("localhost", "127.0.0.1", "::1")
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def read_issuer(text: str) -> str:
    """Give an issuer as its address is typed; only its last slash may be left out. OIDCD-2."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
    ):
        raise BadUse(f"{text!r} is no issuer", "write it as https://id.example/oidc")
    if "@" in parts.netloc:
        raise BadUse("an issuer names no user", "leave out what stands before the @")
    return text


async def metadata_of(http: httpx2.AsyncClient, issuer: str) -> dict[str, Any]:
    """Give what an issuer says of itself, whatever that is. OIDCD-4."""
    return await _document(http, f"{issuer.rstrip('/')}/.well-known/openid-configuration")


async def keys_of(http: httpx2.AsyncClient, metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the keys that an issuer publishes. RFC7517-5."""
    address = metadata.get("jwks_uri")
    if not isinstance(address, str):
        raise ClientError("the metadata names no jwks_uri")
    listed = (await _document(http, address)).get("keys")
    found = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
    if not found:
        raise ClientError(f"{address} lists no keys")
    return found


async def _document(http: httpx2.AsyncClient, address: str) -> dict[str, Any]:
    body = bytearray()
    try:
        async with http.stream("GET", address, auth=None) as response:
            if response.status_code != _OK:
                raise _refused(response.status_code, address)
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LONGEST:
                    raise ClientError(f"{address} answered more than {_LONGEST} bytes")
    except httpx2.TransportError as error:
        raise unreachable(error, address) from error
    except (httpx2.InvalidURL, httpx2.DecodingError) as error:
        raise ClientError(f"{address} cannot be read: {error}") from error
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ClientError(f"{address} answered no JSON object", "check the address")
    return found


def _refused(status: int, address: str) -> ClientError:
    if status >= _BROKEN:
        return Unavailable(f"{address} answered {status}", "try again in a moment")
    kind = NotFound if status == _NOT_FOUND else ClientError
    return kind(f"{address} answered {status}", "check the issuer's address")


def judge(metadata: Mapping[str, Any], issuer: str) -> list[Finding]:
    """Judge what an issuer says of itself. OIDCD-3, OIDCD-4.3, RFC9700-2.1.1."""
    return [_issuer(metadata, issuer), _https(metadata, issuer), _endpoints(metadata),
            _code(metadata), _pkce(metadata), _signing(metadata)]  # fmt: skip


def _issuer(metadata: Mapping[str, Any], issuer: str) -> Finding:
    said = metadata.get("issuer")
    if said == issuer:
        return fine("issuer", f"it says that it is {issuer}")
    if not isinstance(said, str):
        return wrong("issuer", "it does not say who it is")
    return wrong(
        "issuer",
        f"asked for {issuer}, it says that it is {said}",
        "clients compare letter by letter: configure them with the latter",
    )


def _https(metadata: Mapping[str, Any], issuer: str) -> Finding:
    named = [("issuer", issuer), *metadata.items()]
    plain = [
        name
        for name, value in named
        if isinstance(value, str)
        and (name == "issuer" or name.endswith(("_endpoint", "_uri")))
        and not _is_private(value)
    ]
    if not plain:
        return fine("https", "what it names is https, or on this machine")
    return wrong(
        "https",
        f"to be read on the way: {', '.join(dict.fromkeys(plain))}",
        "serve the issuer by https",
    )


def _is_private(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or parts.hostname in _HERE


def _endpoints(metadata: Mapping[str, Any]) -> Finding:
    missing = [name for name in _NEEDED if not isinstance(metadata.get(name), str)]
    if missing:
        return wrong("endpoints", f"it has no {', '.join(missing)}")
    return fine("endpoints", "those of the code flow are there")


def _code(metadata: Mapping[str, Any]) -> Finding:
    offered = _texts(metadata, "response_types_supported")
    if "code" in offered:
        return fine("code flow", "offered")
    return wrong("code flow", f"not among {_joined(offered)}")


def _pkce(metadata: Mapping[str, Any]) -> Finding:
    offered = _texts(metadata, "code_challenge_methods_supported")
    if "S256" in offered:
        return fine("pkce", "S256 is offered")
    return wrong(
        "pkce",
        f"S256 is not offered: {_joined(offered)}",
        "a code that is stolen on its way can be used",
    )


def _signing(metadata: Mapping[str, Any]) -> Finding:
    offered = _texts(metadata, "id_token_signing_alg_values_supported")
    by_key = [one for one in offered if one != "none" and not one.startswith("HS")]
    if by_key:
        return fine("signing", f"ID tokens by {_joined(by_key)}")
    return wrong("signing", f"ID tokens by no key that is published: {_joined(offered)}")


def _texts(metadata: Mapping[str, Any], name: str) -> list[str]:
    listed = metadata.get(name)
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def _joined(texts: list[str]) -> str:
    return ", ".join(texts) or "none"
