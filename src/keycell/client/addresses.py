"""What people type for a server: a host, or a whole address."""

import re
from urllib.parse import urlsplit

from keycell.client.errors import BadUse

HERE = ("localhost", "127.0.0.1", "::1")


def read_server(text: str) -> str:
    """Give a server's origin; https where nothing is said, but for this very machine."""
    said = text.strip().rstrip("/")
    try:
        if "://" not in said:
            host = urlsplit(f"//{said}").hostname
            said = f"{'http' if host in HERE else 'https'}://{said}"
        parts = urlsplit(said)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    is_host = re.fullmatch(r"[\w.:\[\]-]*[\w.\]]", parts.netloc) is not None
    # The issuer, or where the web pages are, is what people copy.
    path = parts.path.removesuffix("/oidc").rstrip("/")
    if parts.scheme not in ("http", "https") or not is_host or not parts.hostname or path:
        raise BadUse(
            f"{text!r} is no address of a server",
            "write it as https://files.example or localhost:8080",
        )
    return f"{parts.scheme}://{parts.netloc}"
