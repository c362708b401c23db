"""Paths in addresses: percent-decoded exactly once, a plus sign is one."""

from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from keycell.files.errors import BadPath
from keycell.files.names import Path, read_path


def path_after(request: Request, prefix: str) -> Path:
    """Give the path that an address ends with, as it was sent."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    sent = raw.partition(b"?")[0].removeprefix(prefix.encode())
    try:
        return read_path(unquote_to_bytes(sent).decode())
    except UnicodeDecodeError:
        raise BadPath("the path is not UTF-8") from None
