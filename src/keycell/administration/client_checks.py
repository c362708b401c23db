"""What would be said of redirect URIs if they were registered: nothing is kept of it."""

from dataclasses import dataclass
from typing import Literal, TypedDict
from urllib.parse import urlsplit

from keycell.administration.office import Office
from keycell.oauth.clients import LOOPBACK
from keycell.oauth.errors import InvalidRedirectUri
from keycell.oauth.redirect_uris import LOCAL_HOSTS, MOST_URIS, check_redirect_uris

Kind = Literal["web", "loopback", "localhost", "own-scheme", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Redirect URIs, as they are written; whether they are of a client that keeps no secret."""

    redirect_uris: tuple[str, ...]
    is_public: bool = False


class CheckedAddress(TypedDict):
    """What is wrong with a redirect URI, empty if nothing; and how it would be matched."""

    redirect_uri: str
    error: str
    kind: Kind


class CheckedAddresses(TypedDict):
    """Redirect URIs, each with what is to be said of it, and how many there may be."""

    items: list[CheckedAddress]
    most: int


async def checked(office: Office, asked: Addresses) -> CheckedAddresses:
    """Say of each redirect URI what is wrong with it, if anything, and how it will be matched."""
    return {
        "items": [
            _told(uri, _error(office, uri, is_public=asked.is_public))
            for uri in asked.redirect_uris[:MOST_URIS]
        ],
        "most": MOST_URIS,
    }


def _error(office: Office, uri: str, *, is_public: bool) -> str:
    try:
        check_redirect_uris([uri], is_public=is_public, allows_http=office.allows_http)
    except InvalidRedirectUri as error:
        return error.told(office.words)
    return ""


def _told(uri: str, error: str) -> CheckedAddress:
    return {"redirect_uri": uri, "error": error, "kind": "" if error else kind_of(uri)}


def kind_of(uri: str) -> Kind:
    """Tell how an address that may be registered is matched. RFC8252-7.3."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        return "own-scheme"
    if any(uri.startswith(f"http://{host}") for host in LOOPBACK):
        return "loopback"
    is_here = parts.hostname in LOCAL_HOSTS or (parts.hostname or "").endswith(".localhost")
    return "localhost" if is_here else "web"
