"""Client registrations of the old system: its array of static clients and its notations.

    #default_bind#/path      the public URL alone
    #binds...#/path          every origin people reach us at
    #insecure_binds...#/path those of them that are plain http and not this machine
    http://host:[3636-3666]  one URI for each number, both ends included

They are expanded when they come in, and never matched as patterns. RFC9700-2.1.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from keycell.oauth.clients import ClientMetadata, is_client_id
from keycell.oauth.errors import InvalidClientMetadata, InvalidRedirectUri, quote
from keycell.oauth.redirect_uris import MOST_URIS
from keycell.oauth.registration import Policy, read_client_metadata

MOST_CLIENTS = 1000
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_RANGE = re.compile(r"\[(\d{1,5})-(\d{1,5})\]")
_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
INACTIVITY = "revokeRefreshTokenAfterInactivity"
_SPELLINGS = {
    "ClientID": "client_id", "Name": "client_name", "Secret": "client_secret",
    "GrantTypes": "grant_types", "RedirectURIs": "redirect_uris",
    "ResponseTypes": "response_types", "Scope": "scope", "Audience": "audience",
}  # fmt: skip
NOTHING_KNOWN: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class LegacyClient:
    """A client as the old system knew it, checked."""

    client_id: str
    client_secret: str
    """Empty for a public client."""
    metadata: ClientMetadata
    revoke_refresh_after: timedelta | None = None


def read_legacy_client(
    document: Mapping[str, object], origins: Sequence[str], *, method: str = "none"
) -> LegacyClient:
    """Read one client in either spelling; ``method`` is how it authenticates until then."""
    plain = {_SPELLINGS.get(name, name): value for name, value in document.items()}
    client_id = plain.get("client_id")
    if not isinstance(client_id, str) or not is_client_id(client_id):
        raise InvalidClientMetadata("client_id must be 1 to 200 printable ASCII characters")
    secret = plain.get("client_secret") or ""
    if not isinstance(secret, str) or len(secret) > 500:  # noqa: PLR2004
        raise InvalidClientMetadata("client_secret must be a text of at most 500 characters")
    uris = plain.get("redirect_uris") or []
    if not isinstance(uris, list):
        raise InvalidClientMetadata("redirect_uris must be an array of texts")
    plain["redirect_uris"] = expand(uris, origins)
    left = plain.get("post_logout_redirect_uris")
    if isinstance(left, list):
        plain["post_logout_redirect_uris"] = expand(left, origins)
    if secret and not method.startswith("client_secret"):
        method = "client_secret_basic"
    plain.setdefault("token_endpoint_auth_method", method)
    plain["audience"] = plain.get("audience") or []
    return LegacyClient(
        client_id,
        secret,
        read_client_metadata(plain, Policy(allows_http=True, leaves_out=True)),
        _duration(plain.get(INACTIVITY)),
    )


def _duration(text: object) -> timedelta | None:
    if text in (None, ""):
        return None
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise InvalidClientMetadata(f"{INACTIVITY} must be a duration such as 2h or 90m")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds) or None


def read_legacy_clients(
    document: object, origins: Sequence[str], methods: Mapping[str, str] = NOTHING_KNOWN
) -> list[LegacyClient]:
    """Read an array of static clients, bare or in a whole configuration file.

    ``methods`` says how the clients that exist authenticate, by their identifiers.
    """
    found = find_static_clients(document)
    if len(found) > MOST_CLIENTS:
        raise InvalidClientMetadata(f"{len(found)} clients; at most {MOST_CLIENTS} are taken")
    clients = []
    for place, one in enumerate(found):
        if not isinstance(one, dict):
            raise InvalidClientMetadata(f"static client {place} is no object")
        method = methods.get(str(one.get("client_id", one.get("ClientID"))), "none")
        clients.append(read_legacy_client(one, origins, method=method))
    return clients


def find_static_clients(document: object) -> list[object]:
    """Find the array of static clients in what was given."""
    if isinstance(document, list):
        return document
    inner = document
    for name in ("services", "pydio.web.oauth", "staticClients"):
        if isinstance(inner, dict) and name in inner:
            inner = inner[name]
    if not isinstance(inner, list):
        raise InvalidClientMetadata(
            "expected an array of clients, or a configuration with "
            "services / pydio.web.oauth / staticClients"
        )
    return inner


def expand(uris: Sequence[object], origins: Sequence[str]) -> list[str]:
    """Write out the notations of old redirect URIs."""
    expanded: list[str] = []
    for uri in uris:
        if not isinstance(uri, str):
            raise InvalidRedirectUri("redirect_uris must hold texts")
        for bound in _bind(uri, origins):
            expanded.extend(_ranged(bound))
        if len(expanded) > MOST_URIS:
            raise InvalidRedirectUri(
                f"redirect_uri {quote(uri)} stands for more than {MOST_URIS} addresses"
            )
    return expanded


def _bind(uri: str, origins: Sequence[str]) -> list[str]:
    if uri.startswith("#default_bind#"):
        return [origins[0] + uri.removeprefix("#default_bind#")]
    if uri.startswith("#binds...#"):
        return [origin + uri.removeprefix("#binds...#") for origin in origins]
    if uri.startswith("#insecure_binds...#"):
        rest = uri.removeprefix("#insecure_binds...#")
        return [origin + rest for origin in origins if _is_plain_http_elsewhere(origin)]
    return [uri]


def _is_plain_http_elsewhere(origin: str) -> bool:
    return origin.startswith("http://") and urlsplit(origin).hostname not in _THIS_MACHINE


def _ranged(uri: str) -> list[str]:
    found = _RANGE.search(uri)
    # A malformed range is kept as it stands, and then refused as no URI.
    if found is None or int(found[1]) > int(found[2]):
        return [uri]
    first, last = int(found[1]), int(found[2])
    if last - first >= MOST_URIS:
        raise InvalidRedirectUri(
            f"redirect_uri {quote(uri)} stands for more than {MOST_URIS} addresses"
        )
    return [uri[: found.start()] + str(n) + uri[found.end() :] for n in range(first, last + 1)]
