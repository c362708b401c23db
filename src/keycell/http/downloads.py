"""Sending what files hold, so that nothing somebody uploaded ever runs on our origin."""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from keycell.files.reading import Opened
from keycell.http.conditions import Given, NotModified, Refused, decide, http_date

HARMLESS = frozenset(
    {
        "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp",
        "audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/mp4",
        "video/mp4", "video/webm", "video/ogg", "text/plain", "application/pdf",
    }
)  # fmt: skip
"""What a browser shows without running anything of it."""

SHIELD: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Whatever it is that was uploaded, it has no origin, no scripts and no forms."""
SMALL = 64 * 2**10
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.~-]*")
"""What is the same in both forms: most names are so."""
_CONDITIONS = frozenset(
    {
        b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since", b"if-range",
        b"range",
    }
)  # fmt: skip
"""What a GET or HEAD is decided by. RFC9110-13.1, RFC9110-14.2."""


def is_harmless(content_type: str) -> bool:
    """Tell whether a browser may show it in place."""
    return content_type.partition(";")[0].strip().lower() in HARMLESS


def disposition(name: str, *, inline: bool) -> str:
    """Say under which name it is saved, and whether it may be shown. RFC6266-4."""
    kind = "inline" if inline else "attachment"
    if _PLAIN_NAME.fullmatch(name):
        return f"{kind}; filename=\"{name}\"; filename*=UTF-8''{name}"
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def download_headers(name: str, content_type: str, *, wants_inline: bool = True) -> dict[str, str]:
    """Give the headers that go with somebody's bytes on every wire."""
    inline = wants_inline and is_harmless(content_type)
    return {
        **SHIELD,
        "Content-Type": content_type,
        "Content-Disposition": disposition(name, inline=inline),
    }


def file_response(
    request: Request,
    opened: Opened,
    changed_at: datetime,
    headers: Mapping[str, str],
    *,
    takes_ranges: bool = True,
) -> Response:
    """Answer a GET or HEAD with a file, a part of it, or why not. RFC9110-13, RFC9110-14."""
    content = opened.version.content
    asked = _asked(request, _CONDITIONS if takes_ranges else _CONDITIONS - {b"range"})
    decision = decide(asked, content.etag, changed_at, content.size)
    found = {
        **headers,
        "ETag": f'"{content.etag}"',
        "Last-Modified": http_date(changed_at),
        "Accept-Ranges": "bytes" if takes_ranges else "none",
    }
    if isinstance(decision, NotModified):
        found.pop("Content-Type", None)
        return Response(b"", 304, found)
    if isinstance(decision, Refused):
        return Response(b"", 412, found)
    if not isinstance(decision, Given):
        return Response(b"", 416, {**found, "Content-Range": f"bytes */{content.size}"})
    if decision.is_partial:
        found["Content-Range"] = f"bytes {decision.start}-{decision.end - 1}/{content.size}"
    found["Content-Length"] = str(decision.end - decision.start)
    status = 206 if decision.is_partial else 200
    is_asked = request.method != "HEAD" and decision.start < decision.end
    small = opened.small() if is_asked else b""
    if small is not None:
        return Response(small[decision.start : decision.end], status, found)
    return FileBytes(opened, decision, status, found)


def _asked(request: Request, names: frozenset[bytes]) -> Mapping[str, str]:
    # Gone through once: each look into the library's headers goes through all of them. The first
    # of several counts.
    return {
        name.decode("ascii"): value.decode("latin-1")
        for name, value in reversed(request.scope["headers"])
        if name in names
    }


class FileBytes(Response):
    """A file's bytes, in constant memory; what its row carries needs none of this."""

    def __init__(
        self, opened: Opened, given: Given, status: int, headers: Mapping[str, str]
    ) -> None:
        super().__init__(b"", status, headers)
        self._opened, self._given = opened, given

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them, stopping when the reader is gone."""
        del scope
        await send({
            "type": "http.response.start", "status": self.status_code, "headers": self.raw_headers,
        })  # fmt: skip
        # The server takes what is sent to nobody as if it were sent: it is to be asked.
        gone = asyncio.ensure_future(_gone(receive))
        try:
            async for chunk in self._opened.read(self._given.start, self._given.end):
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
