"""Session management: what a client needs to learn, without asking us, that the session changed.

A frame of ours, in a page of the client's, knows the browser's state from a cookie; the client
holds a hash of it against what was told with its tokens. OIDCSM-2, OIDCSM-3.2.
"""

import base64
import hashlib
from functools import lru_cache
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}


@lru_cache(maxsize=1_000)
def origin_of_uri(uri: str) -> str | None:
    """Give the origin of a client's pages; None for an app, which has none. RFC6454-6.2."""
    parts = urlsplit(uri)
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    is_usual = port is None or port == _PORTS[parts.scheme]
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{port}"


def session_state(client_id: str, origin: str, browser_state: str, salt: str) -> str:
    """Hash the browser's state for one client at one origin. OIDCSM-3.2."""
    text = f"{client_id} {origin} {browser_state} {salt}"
    digest = hashlib.sha256(text.encode()).digest()
    return f"{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}.{salt}"
