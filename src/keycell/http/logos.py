"""Applications' logos, shown from our own origin: nobody else learns who signs in where."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from keycell.provider.register import Fetcher

_KEPT_SECONDS = 3600.0
_MOST_KEPT = 200
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"),
    (b"<svg", "image/svg+xml"), (b"<?xml", "image/svg+xml"),
)  # fmt: skip
LOGO_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # An SVG may hold scripts; opened by itself it is nobody's page.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(slots=True)
class Logos:
    """Logos fetched of late, found or not."""

    kept: OrderedDict[str, tuple[float, bytes]] = field(default_factory=OrderedDict)
    under_way: dict[str, asyncio.Task[bytes]] = field(default_factory=dict)

    async def of(self, fetcher: Fetcher, uri: str) -> bytes:
        """Give the picture at an address; nothing where there is none."""
        known = self.kept.get(uri)
        if known is not None and time.monotonic() - known[0] < _KEPT_SECONDS:
            return known[1]
        # However many look at the page at once, one of them has it fetched.
        task = self.under_way.get(uri)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(fetcher, uri))
            self.under_way[uri] = task
            task.add_done_callback(lambda _: self.under_way.pop(uri, None))
        return await asyncio.shield(task)

    async def _fetch(self, fetcher: Fetcher, uri: str) -> bytes:
        content = await fetcher.get_if_there(uri) or b""
        self.kept[uri] = (time.monotonic(), content)
        if len(self.kept) > _MOST_KEPT:
            self.kept.popitem(last=False)
        return content


def kind_of(content: bytes) -> str | None:
    """Tell a picture's kind by its first bytes; what is no picture is not passed on."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    start = content.lstrip()[:16]
    return next((kind for mark, kind in _KINDS if start.startswith(mark)), None)
