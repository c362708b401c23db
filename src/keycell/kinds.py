"""What a file is, by the ending of its name."""

import mimetypes

UNKNOWN = "application/octet-stream"
_PACKED = {
    "bzip2": "application/x-bzip2", "compress": "application/x-compress",
    "gzip": "application/gzip", "xz": "application/x-xz",
}  # fmt: skip


def kind_of(name: str) -> str:
    """Guess a content type; empty where nothing is known. What is packed is what it is packed by.

    The library tells what comes out of it: a text in gzip would be shown as the text.
    """
    # Not taken for an address: of `data:text/html,x` the library would read a type.
    kind, packing = mimetypes.guess_type(f"./{name}")
    return (kind or "") if packing is None else _PACKED.get(packing, UNKNOWN)
