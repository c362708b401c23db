"""The XML this wire answers by, written as text: there is a lot of it, and it is simple."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote
from xml.sax.saxutils import escape

from starlette.responses import Response

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
BUCKET = "io"
_UNRESERVED = re.compile(r"[A-Za-z0-9/_.~*-]*")
"""What most keys are made of: they are the same encoded."""
_QUOTED = {'"': "&quot;"}
# XML has no way to write these. No key holds control characters, but what is asked for may.
_UNWRITABLE = dict.fromkeys(
    [*(code for code in range(0x20) if chr(code) not in "\t\n\r"), 0xFFFE, 0xFFFF]
)


def document(name: str, *inner: str) -> Response:
    """Answer by a document."""
    body = f"{_DECLARATION}<{name} {_NAMESPACE}>{''.join(inner)}</{name}>"
    return Response(body, media_type="application/xml")


def element(name: str, value: str | int) -> str:
    """Write an element that holds text."""
    return f"<{name}>{escaped(value) if isinstance(value, str) else value}</{name}>"


def encoded(name: str, text: str) -> str:
    """Write an element that holds text for ``encoding-type=url``, with nothing left to escape."""
    return f"<{name}>{url_encoded(text)}</{name}>"


def escaped(text: str) -> str:
    """Write text as XML has it."""
    # Whatever is printable can be written.
    return escape(text if text.isprintable() else text.translate(_UNWRITABLE), _QUOTED)


def group(name: str, *inner: str) -> str:
    """Write an element that holds elements."""
    return f"<{name}>{''.join(inner)}</{name}>"


def every(inner: Iterable[str]) -> str:
    """Write elements one after the other."""
    return "".join(inner)


def owner(name: str, sub: str, login: str) -> str:
    """Write whose something is."""
    return group(name, element("ID", sub), element("DisplayName", login))


def moment(at: datetime) -> str:
    """Write a moment as S3 does."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def flag(*, is_so: bool) -> str:
    """Write a truth value as S3 does."""
    return "true" if is_so else "false"


def url_encoded(text: str) -> str:
    """Write a key for ``encoding-type=url``."""
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="/-_.~*")
