"""Cookies, as they go out."""

import re

from starlette.responses import Response

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]*")
"""What needs no quotes, so that no reader takes them for a part of it. RFC6265-4.1.1."""


def put_cookie(
    response: Response, name: str, value: str, seconds: int | None, *,
    is_secure: bool, is_framed: bool = False,
) -> None:  # fmt: skip
    """Have a browser keep a cookie of the whole site for so long; for nought, forget it.

    Without a time it goes with the browser's session. No script reads it, unless a frame of ours
    in another site's page must: there only a cookie that says ``None`` is sent. The library's own
    goes by way of a parser of cookies, and a sign-in sets four. RFC6265-4.1.
    """
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise ValueError(f"{name!r} would have to be quoted")
    line = f"{name}={value}" + ("" if is_framed else "; HttpOnly")
    line += "" if seconds is None else f"; Max-Age={seconds}"
    line += f"; Path=/; SameSite={'none' if is_framed and is_secure else 'lax'}"
    line += "; Secure" if is_secure else ""
    response.raw_headers.append((b"set-cookie", line.encode("ascii")))
