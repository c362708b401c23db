"""Parameters in ``application/x-www-form-urlencoded``. RFC6749-B.

What the standard library reads and writes, to the byte (the tests hold it to that); but most of
what is sent needs nothing decoded or encoded, and is looked at here once and not character by
character: that was a tenth of an authorization.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote_plus, unquote_to_bytes

_SAFE = re.compile(r"[A-Za-z0-9_.~-]*")


def read_urlencoded(text: str, most: int) -> list[tuple[str, str]]:
    """Read parameters as sent, those without a value too; raise ValueError. RFC6749-B.

    It is a UnicodeDecodeError where a value is not UTF-8, and a plain one where there are more
    than ``most``.
    """
    if text.count("&") >= most:
        raise ValueError(most)
    fields = [field.partition("=") for field in text.split("&") if field]
    return [(_decoded(name), _decoded(value)) for name, _, value in fields]


def write_urlencoded(pairs: Iterable[tuple[str, str]]) -> str:
    """Write parameters in their order. RFC6749-B."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs)


def _decoded(text: str) -> str:
    spaced = text.replace("+", " ")
    return unquote_to_bytes(spaced).decode() if "%" in spaced else spaced


def _encoded(text: str) -> str:
    return text if _SAFE.fullmatch(text) else _quoted(text)


@lru_cache(maxsize=64)
def _quoted(text: str) -> str:
    # Mostly the issuer, which goes with each answer. RFC9207-2.
    return quote_plus(text)
