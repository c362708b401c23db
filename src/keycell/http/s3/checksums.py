"""The checksums of S3's clients: told in base64, computed as the bytes pass."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence

from keycell.files.hashes import CHECKSUMS, Checksum
from keycell.http.s3.errors import S3Error

PREFIX = "x-amz-checksum-"


ALGORITHMS: Mapping[str, Callable[[], Checksum]] = {**CHECKSUMS, "sha256": hashlib.sha256}
_HEADERS = {PREFIX + algorithm: algorithm for algorithm in ALGORITHMS}
_COMBINED = frozenset({"crc32", "crc32c", "crc64nvme"})
"""What can be put together from the parts' own."""
_NEVER_COMPOSITE = "crc64nvme"
FULL, COMPOSITE = "FULL_OBJECT", "COMPOSITE"


def announced(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Give the checksum that a request's headers announce: its algorithm and its value."""
    found = [(_HEADERS[name], headers[name].strip()) for name in _HEADERS if name in headers]
    if len(found) > 1:
        raise S3Error("InvalidRequest", "one checksum may be announced, not several")
    return found[0] if found else None


def check_value(algorithm: str, value: str) -> bytes:
    """Give a checksum's bytes, or refuse what cannot be one."""
    size = len(ALGORITHMS[algorithm]().digest())
    try:
        found = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != size:
        raise S3Error(
            "InvalidRequest", f"{PREFIX}{algorithm} must be {size} bytes, written in base64"
        )
    return found


def check_digest(algorithm: str, computed: Checksum, value: str) -> None:
    """Refuse a body that is not the one whose checksum was told."""
    if computed.digest() != check_value(algorithm, value):
        came = base64.b64encode(computed.digest()).decode()
        raise S3Error("BadDigest", f"the body's {algorithm} is {came}, and {value} was announced")


def checksum_type(value: str) -> str:
    """Say what a checksum is of: the whole file's bytes, or its parts' checksums."""
    return COMPOSITE if "-" in value else FULL


def composite_checksum(algorithm: str, parts: Sequence[tuple[str, int]]) -> str:
    """Give the checksum of the parts' checksums, and how many parts there are."""
    computed = ALGORITHMS[algorithm]()
    for text, _ in parts:
        computed.update(check_value(algorithm, text))
    return f"{base64.b64encode(computed.digest()).decode()}-{len(parts)}"


def checksum_of_parts(algorithm: str, kind: str, parts: Sequence[tuple[str, int]]) -> str:
    """Give what parts' checksums make: of the whole where that can be and is not unwanted."""
    if algorithm not in _COMBINED or (kind == COMPOSITE and algorithm != _NEVER_COMPOSITE):
        return composite_checksum(algorithm, parts)
    return whole_checksum(algorithm, parts)


def whole_checksum(algorithm: str, parts: Sequence[tuple[str, int]]) -> str:
    """Give the checksum of parts put together by theirs and their sizes."""
    combine = _combine(algorithm)
    values = [(check_value(algorithm, text), size) for text, size in parts]
    whole = int.from_bytes(values[0][0], "big")
    for value, size in values[1:]:
        whole = combine(whole, int.from_bytes(value, "big"), size)
    return base64.b64encode(whole.to_bytes(len(values[0][0]), "big")).decode()


def _combine(algorithm: str) -> Callable[[int, int, int], int]:
    # Loaded where it is needed: most servers never hold what it takes.
    from awscrt import checksums as crt  # noqa: PLC0415

    found: Callable[[int, int, int], int] = getattr(crt, f"combine_{algorithm}")
    return found
