"""Which addresses a client may register to be answered at."""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, urlsplit

from keycell.oauth.errors import InvalidRedirectUri, quote
from keycell.oauth.sentences import phrase

MOST_URIS = 100
LONGEST_URI = 2000
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

_FORBIDDEN_SCHEMES = frozenset(
    {"javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source", "ws",
     "wss", "ftp", "mailto", "tel"}
)  # fmt: skip
_RESPONSE_PARAMS = frozenset(
    {"code", "state", "error", "error_description", "error_uri", "iss", "response", "id_token",
     "access_token", "session_state"}
)  # fmt: skip
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_HOST = re.compile(r"([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~%@A-Z]+")


def has_host(uri: str) -> bool:
    """Tell whether an address of the web names a host in letters that are nothing else.

    RFC3986-3.2.2 has many more, and ours stand in a page's policy, where some part directives: an
    international name is written as DNS has it (``xn--…``). CSP3-2.2.
    """
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    return _HOST.fullmatch(parts.netloc) is not None


def is_local(host: str) -> bool:
    """Tell whether a host is this very machine, by whichever of its names. RFC6761-6.3."""
    name = host.rstrip(".")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name in LOCAL_HOSTS or name.endswith(".localhost")


def check_redirect_uris(
    uris: Sequence[str], *, is_public: bool, allows_http: bool = False
) -> tuple[str, ...]:
    """Give redirect URIs that may be registered, byte for byte as they came. RFC7591-2."""
    if len(uris) > MOST_URIS:
        raise InvalidRedirectUri(
            phrase(
                "%(count)s redirect_uris; at most %(most)s are taken",
                count=len(uris),
                most=MOST_URIS,
            )
        )
    for uri in uris:
        _check(uri, is_public=is_public, allows_http=allows_http)
    return tuple(dict.fromkeys(uris))


def check_web_uris(uris: Sequence[str]) -> None:
    """Have tokens that come by the browser come to sites alone that are who they say. OIDCR-2."""
    for uri in uris:
        if not uri.startswith("https://") or urlsplit(uri).hostname == "localhost":
            raise InvalidRedirectUri(
                phrase(
                    "redirect_uri %(uri)s: grant_type implicit needs https, and no localhost",
                    uri=quote(uri),
                )
            )


def _check(uri: str, *, is_public: bool, allows_http: bool) -> None:
    if not 1 <= len(uri) <= LONGEST_URI:
        raise InvalidRedirectUri(
            phrase("a redirect_uri has 1 to %(most)s characters", most=LONGEST_URI)
        )
    # No space, no control character, no backslash: browsers and parsers disagree about them.
    if not _CHARACTERS.fullmatch(uri):
        raise InvalidRedirectUri(
            phrase("redirect_uri %(uri)s holds a character no URI may hold", uri=quote(uri))
        )
    if "#" in uri:
        raise InvalidRedirectUri(
            phrase("redirect_uri %(uri)s has a fragment; leave it out", uri=quote(uri))
        )
    parts = _split(uri)
    scheme = uri.partition(":")[0]
    if not _SCHEME.fullmatch(scheme) or ":" not in uri:
        raise InvalidRedirectUri(
            phrase(
                "redirect_uri %(uri)s must be absolute, its scheme in small letters",
                uri=quote(uri),
            )
        )
    if scheme in _FORBIDDEN_SCHEMES:
        raise InvalidRedirectUri(
            phrase("redirect_uri may not have the scheme %(scheme)s", scheme=scheme)
        )
    if scheme in ("http", "https"):
        _check_web(uri, parts.hostname, scheme, allows_http=allows_http)
    elif not is_public:
        raise InvalidRedirectUri(
            phrase(
                "redirect_uri %(uri)s: only a public client may use a scheme of its own",
                uri=quote(uri),
            )
        )
    _check_query(uri, parts.query)


def _split(uri: str) -> SplitResult:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        raise InvalidRedirectUri(
            phrase("redirect_uri %(uri)s cannot be read as a URI", uri=quote(uri))
        ) from None
    return parts


def _check_web(uri: str, host: str | None, scheme: str, *, allows_http: bool) -> None:
    if not host or not uri.startswith(f"{scheme}://"):
        raise InvalidRedirectUri(phrase("redirect_uri %(uri)s names no host", uri=quote(uri)))
    if "@" in urlsplit(uri).netloc:
        raise InvalidRedirectUri(
            phrase("redirect_uri %(uri)s names a user before the host", uri=quote(uri))
        )
    if "*" in host:
        raise InvalidRedirectUri(
            phrase("redirect_uri %(uri)s: hosts are exact, without *", uri=quote(uri))
        )
    if not has_host(uri):
        raise InvalidRedirectUri(
            phrase(
                "redirect_uri %(uri)s: a host has letters, digits, dots and hyphens",
                uri=quote(uri),
            )
        )
    is_here = host in LOCAL_HOSTS or host.endswith(".localhost")
    if scheme == "http" and not is_here and not allows_http:
        raise InvalidRedirectUri(
            phrase(
                "redirect_uri %(uri)s must be https; http is for localhost alone", uri=quote(uri)
            )
        )


def _check_query(uri: str, query: str) -> None:
    # An answer's parameters beside ones of the same name would be anybody's guess.
    taken = {name for name, _ in parse_qsl(query, keep_blank_values=True)} & _RESPONSE_PARAMS
    if taken:
        raise InvalidRedirectUri(
            phrase(
                "redirect_uri %(uri)s already has the parameter %(name)s",
                uri=quote(uri),
                name=min(taken),
            )
        )
