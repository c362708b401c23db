"""What an S3 client says of a file in headers, and wants back as it said it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from keycell.files.nodes import Node
from keycell.http.downloads import disposition, download_headers, is_harmless
from keycell.http.s3.calls import Call
from keycell.http.s3.checksums import PREFIX as CHECKSUM
from keycell.http.s3.checksums import checksum_type
from keycell.http.s3.errors import S3Error

META = "x-amz-meta-"
_MTIME = f"{META}mtime"
_KEPT = frozenset(
    {"cache-control", "content-disposition", "content-encoding", "content-language", "expires"}
)
_MOST_META = 8 * 2**10
_NUMBER = re.compile(r"\d{1,11}(\.\d{1,9})?")
_OVERRIDES = {
    "response-cache-control": "Cache-Control",
    "response-content-encoding": "Content-Encoding",
    "response-content-language": "Content-Language",
    "response-expires": "Expires",
}
_UNSUPPORTED = (
    "x-amz-tagging",
    "x-amz-server-side-encryption-customer-",
    "x-amz-object-lock-",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
)
FOLDER_TYPE = "application/x-directory"


def read_kept(call: Call) -> dict[str, str]:
    """Give what is to be kept of a write's headers; raise S3Error."""
    found = {}
    for name, value in call.headers.items():
        if name in _KEPT or name.startswith(META):
            found[name] = value.strip()
        elif name.startswith(_UNSUPPORTED):
            raise S3Error("NotImplemented", f"{name} means nothing here")
    if "content-encoding" in found:
        encodings = [one.strip() for one in found.pop("content-encoding").split(",")]
        # How it came over the wire is no property of the file.
        kept = ", ".join(one for one in encodings if one and one != "aws-chunked")
        if kept:
            found["content-encoding"] = kept
    if sum(len(name) + len(value) for name, value in found.items()) > _MOST_META:
        raise S3Error("MetadataTooLarge", f"the metadata have more than {_MOST_META} bytes")
    return found


def read_mtime(headers: Mapping[str, str]) -> datetime | None:
    """Give when a file's content changed, where a client said so as rclone does."""
    said = headers.get(_MTIME, "")
    return datetime.fromtimestamp(float(said), tz=UTC) if _NUMBER.fullmatch(said) else None


def sent_headers(call: Call, node: Node) -> dict[str, str]:
    """Give the headers that go with a file: what was kept, and what this request wants instead."""
    content_type = _wish(call, "response-content-type") or node.content_type
    found = download_headers(node.name, content_type)
    wants_checksum = (
        call.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"
        and "range" not in call.headers
    )
    for name, value in node.headers.items():
        if name.startswith(META) or (name.startswith(CHECKSUM) and wants_checksum):
            found[name] = value
            if name.startswith(CHECKSUM):
                found[CHECKSUM + "type"] = checksum_type(value)
        elif name in _KEPT and name != "content-disposition":
            found[name.title()] = value
    for parameter, name in _OVERRIDES.items() if call.query else ():
        if (wish := _wish(call, parameter)) is not None:
            found[name] = wish
    said = _wish(call, "response-content-disposition") or node.headers.get("content-disposition")
    if said is not None:
        found["Content-Disposition"] = _harmless_disposition(said, node.name, content_type)
    return found


def _harmless_disposition(said: str, name: str, content_type: str) -> str:
    if said.strip().lower().startswith("attachment") or is_harmless(content_type):
        return said
    return disposition(name, inline=False)


def _wish(call: Call, parameter: str) -> str | None:
    text = call.query.get(parameter)
    if text is None:
        return None
    # It becomes a header: a line break would begin another one.
    if not (text.isascii() and text.isprintable()):
        raise S3Error("InvalidArgument", f"{parameter} must be of ASCII that can be printed")
    return text
