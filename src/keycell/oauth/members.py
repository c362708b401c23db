"""Members of client metadata: each of its type and of bounded size. RFC7591-2, RFC7591-3.2.2."""

from collections.abc import Mapping, Sequence
from typing import TypeGuard, cast
from urllib.parse import urlsplit

from keycell.oauth.errors import InvalidClientMetadata, quote
from keycell.oauth.redirect_uris import LONGEST_URI, has_host

LONGEST_TEXT = 500
MOST_ITEMS = 50

Document = Mapping[str, object]


def read_text(document: Document, name: str, longest: int = LONGEST_TEXT) -> str | None:
    """Read a text; None where it is absent or empty."""
    value = document.get(name)
    if value is None or value == "":
        return None
    if not _is_text(value) or len(value) > longest:
        raise InvalidClientMetadata(f"{name} must be a text of at most {longest} characters")
    return value


def read_texts(document: Document, name: str, longest: int = LONGEST_TEXT) -> tuple[str, ...]:
    """Read an array of texts."""
    values = document.get(name)
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > 2 * MOST_ITEMS:
        raise InvalidClientMetadata(f"{name} must be an array of at most {2 * MOST_ITEMS} texts")
    if any(not _is_text(value) or not 1 <= len(value) <= longest for value in values):
        raise InvalidClientMetadata(f"{name} must hold texts of 1 to {longest} characters")
    return tuple(cast("list[str]", values))


def _is_text(value: object) -> TypeGuard[str]:
    # No control characters, nor halves of characters, which not every database can hold.
    return isinstance(value, str) and value.isprintable()


def read_types(
    document: Document, name: str, known: Sequence[str], default: tuple[str, ...]
) -> tuple[str, ...]:
    """Read an array of texts of which each is known here."""
    values = read_texts(document, name) or default
    for value in values:
        if value not in known:
            raise InvalidClientMetadata(f"{name}: {quote(value)} is none of {', '.join(known)}")
    return tuple(dict.fromkeys(values))


def read_one_of(document: Document, name: str, known: Sequence[str]) -> str | None:
    """Read a text that is one of those known here; None where it is absent."""
    value = document.get(name)
    if value is None:
        return None
    if value not in known:
        raise InvalidClientMetadata(
            f"{name} {quote(str(value))} is not offered; there are {', '.join(known)}"
        )
    return str(value)


def read_flag(document: Document, name: str) -> bool:
    """Read a truth value; absent is false."""
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise InvalidClientMetadata(f"{name} must be true or false")
    return value


def read_url(document: Document, name: str, *, https: bool = False) -> str | None:
    """Read an address of the web; None where it is absent."""
    value = read_text(document, name, LONGEST_URI)
    if value is None:
        return None
    schemes = ("https",) if https else ("https", "http")
    is_good = has_host(value) and urlsplit(value).scheme in schemes
    if not is_good or any(c.isspace() for c in value):
        raise InvalidClientMetadata(f"{name} {quote(value)} must be a URL of {schemes[0]}")
    return value


def read_urls(document: Document, name: str) -> tuple[str, ...]:
    """Read an array of addresses of the web."""
    values = read_texts(document, name, LONGEST_URI)
    for value in values:
        read_url({name: value}, name)
    return values
