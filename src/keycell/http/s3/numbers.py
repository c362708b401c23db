"""Numbers in queries."""

from collections.abc import Mapping

from keycell.http.s3.errors import S3Error

_MOST_DIGITS = 9


def number_of(query: Mapping[str, str], name: str, default: int) -> int:
    """Read a number that is not negative; raise S3Error."""
    text = query.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise S3Error("InvalidArgument", f"{name} {text[:40]!r} is no number that can be meant")
    return int(text)
