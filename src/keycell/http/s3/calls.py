"""One request of this wire: what it is about, and on whose behalf."""

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from keycell.files.access import Actor
from keycell.files.errors import BadPath
from keycell.files.names import LONGEST_NAME, LONGEST_READ, Path, read_path
from keycell.files.ports import Files
from keycell.http.edge import Edge
from keycell.http.holding import certificate_of
from keycell.http.s3.credentials import identify
from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import Received, Signed, read_query
from keycell.http.wire import origin_of
from keycell.provider.holding import Shown
from keycell.values import dataclass

PREFIX = b"/io"
ROOT = b"/"
"""Where the buckets are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request whose sender is known."""

    edge: Edge
    request: Request
    key: str
    """As sent, decoded once; empty for the bucket itself."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By names in lower case."""
    actor: Actor
    signed: Signed | None
    """None for a bearer token."""

    @property
    def files(self) -> Files:
        """Give the world of files."""
        return self.edge.files

    @property
    def is_folder(self) -> bool:
        """Tell whether the key is a folder's: they end with a slash."""
        return self.key.endswith("/")

    @property
    def path(self) -> Path:
        """Give the place that the key names; raise S3Error."""
        return path_of(self.key)


async def open_call(edge: Edge, request: Request) -> Call:
    """Say what is asked, and by whom; raise S3Error, InvalidToken or InsufficientScope."""
    scope = request.scope
    received = Received(request.method, scope["raw_path"], scope["query_string"], scope["headers"])
    query = read_query(received.raw_query)
    bare = Shown(None, certificate_of(scope), origin_of(request).ip)
    actor, signed = await identify(edge, received, query, bare)
    return Call(
        edge=edge,
        request=request,
        key=key_of(received.raw_path),
        query=dict(reversed(query)),
        headers={
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in reversed(received.headers)
        },
        actor=actor,
        signed=signed,
    )


def key_of(raw_path: bytes) -> str:
    """Read a key from a path as it was received: decoded once, and nothing more."""
    if raw_path == ROOT:
        return ""
    if raw_path != PREFIX and not raw_path.startswith(PREFIX + b"/"):
        raise S3Error("InvalidURI", "the bucket is written /io, without percent signs")
    return decoded_once(raw_path[len(PREFIX) + 1 :])


def decoded_once(text: bytes) -> str:
    """Decode what is percent-encoded, once; raise S3Error."""
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise S3Error("InvalidURI", "the key is no percent-encoded UTF-8") from None


def path_of(key: str) -> Path:
    """Give the place that a key names; raise S3Error, BadPath."""
    # No name is longer than the key that it stands in, and most keys are short.
    if len(key.encode()) > LONGEST_NAME and (
        len(key) > LONGEST_READ or any(len(n.encode()) > LONGEST_NAME for n in key.split("/"))
    ):
        most = f"{LONGEST_READ} bytes, or a name in it more than {LONGEST_NAME}"
        raise S3Error("KeyTooLongError", f"the key has more than {most}")
    if key.startswith("/"):
        raise BadPath("a key begins with the name of a space, not with a slash")
    if key.endswith("//"):
        raise BadPath("a folder's key ends with one slash")
    return read_path(key)
