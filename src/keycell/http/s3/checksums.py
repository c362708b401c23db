"""The checksums of S3's clients: told in base64, computed as the bytes pass."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from awscrt import checksums as crt

from keycell.http.s3.errors import S3Error

PREFIX = "x-amz-checksum-"


class Checksum(Protocol):
    """A digest under way."""

    def update(self, chunk: bytes, /) -> None:
        """Take more bytes in."""
        ...

    def digest(self) -> bytes:
        """Give the digest of all bytes so far."""
        ...


class _Crc:
    """A cyclic redundancy check, big end first."""

    def __init__(self, step: Callable[[bytes, int], int], size: int) -> None:
        self._step, self._size, self._value = step, size, 0

    def update(self, chunk: bytes, /) -> None:
        """Take more bytes in."""
        self._value = self._step(chunk, self._value)

    def digest(self) -> bytes:
        """Give the check of all bytes so far."""
        return self._value.to_bytes(self._size, "big")


ALGORITHMS: Mapping[str, Callable[[], Checksum]] = {
    "crc32": lambda: _Crc(zlib.crc32, 4),
    "crc32c": lambda: _Crc(crt.crc32c, 4),
    "crc64nvme": lambda: _Crc(crt.crc64nvme, 8),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}
_COMBINE: Mapping[str, Callable[[int, int, int], int]] = {
    "crc32": crt.combine_crc32,
    "crc32c": crt.combine_crc32c,
    "crc64nvme": crt.combine_crc64nvme,
}


def announced(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Give the checksum that a request's headers announce: its algorithm and its value."""
    found = [
        (algorithm, headers[PREFIX + algorithm].strip())
        for algorithm in ALGORITHMS
        if PREFIX + algorithm in headers
    ]
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


def whole_checksum(algorithm: str, parts: Sequence[tuple[str, int]]) -> str | None:
    """Give the checksum of parts put together by theirs and their sizes, where that can be."""
    combine = _COMBINE.get(algorithm)
    if combine is None:
        return None
    values = [(check_value(algorithm, text), size) for text, size in parts]
    whole = int.from_bytes(values[0][0], "big")
    for value, size in values[1:]:
        whole = combine(whole, int.from_bytes(value, "big"), size)
    return base64.b64encode(whole.to_bytes(len(values[0][0]), "big")).decode()
