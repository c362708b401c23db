"""Where a request goes, and where its Destination header points: both decoded once, name by name.

What is decoded twice, or cut at slashes after it was decoded, leads elsewhere than it says.
"""

from urllib.parse import quote, unquote_to_bytes, urlsplit

from starlette.requests import Request

from keycell.files.errors import BadPath
from keycell.files.names import Path, read_path
from keycell.http.dav.errors import DavError
from keycell.values import dataclass

_AS_THEY_ARE = "!$&'()*+,;=:@~"
_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Target:
    """A checked path, and whether it was written as a folder's."""

    path: Path
    has_slash: bool


def read_target(request: Request) -> Target:
    """Read where a request goes; raise BadPath."""
    raw = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    return _read(raw.partition(b"?")[0], _prefix(request))


def read_destination(request: Request, origins: tuple[str, ...]) -> Target:
    """Read where something is to go; only to another place of this wire. RFC4918-10.3."""
    header = request.headers.get("destination", "")
    if not header:
        raise DavError(400, "the header Destination is missing: it says where to")
    return read_address(request, header, origins)


def read_address(request: Request, address: str, origins: tuple[str, ...]) -> Target:
    """Read an address given as a whole URI or an absolute path; raise DavError."""
    try:
        # Of bytes that are read as Latin-1 some would be taken for spaces too: "à" ends in one.
        parts = urlsplit(address.strip(" \t"))
    except ValueError:
        raise DavError(400, f"{address[:200]!r} is no address") from None
    if parts.query or parts.fragment:
        raise DavError(400, "an address of a file has no query and no fragment")
    if (parts.scheme or parts.netloc) and not _is_ours(
        request, parts.scheme, parts.netloc, origins
    ):
        raise DavError(
            502, "the Destination is on another server; this one copies to itself alone"
        )
    prefix = _prefix(request)
    raw = parts.path.encode("latin-1", "replace")
    if raw != prefix and not raw.startswith(prefix + b"/"):
        raise DavError(403, "the Destination does not lie under /dav/")
    return _read(raw, prefix)


def _is_ours(request: Request, scheme: str, netloc: str, origins: tuple[str, ...]) -> bool:
    said = netloc.lower().removesuffix(_PORTS.get(scheme.lower(), ":"))
    if f"{scheme.lower()}://{said}" in {origin.lower() for origin in origins}:
        return True
    # However the client calls us: behind a proxy, the scheme may have changed on the way.
    host = request.headers.get("host", "").lower()
    return scheme.lower() in _PORTS and said == host.removesuffix(_PORTS[scheme.lower()])


def _prefix(request: Request) -> bytes:
    return quote(str(request.scope.get("root_path", ""))).encode() + b"/dav"


def _read(raw: bytes, prefix: bytes) -> Target:
    rest = raw.removeprefix(prefix).removeprefix(b"/")
    has_slash = not rest or rest.endswith(b"/")
    names = [_decoded(name) for name in rest.removesuffix(b"/").split(b"/")]
    return Target(read_path("/".join(names)), has_slash)


def _decoded(name: bytes) -> str:
    try:
        decoded = unquote_to_bytes(name).decode()
    except UnicodeDecodeError:
        raise BadPath("the path is not UTF-8") from None
    if "/" in decoded:
        raise BadPath(f"{decoded[:80]!r} holds a slash, which no name can")
    return decoded


def href(request: Request, path: Path, *, is_folder: bool) -> str:
    """Write the address of something, as an absolute path."""
    names = [quote(name, safe=_AS_THEY_ARE) for name in (path.slug, *path.names) if name]
    address = "/".join([_prefix(request).decode(), *names])
    return f"{address}/" if is_folder else address
