"""Digests that a client announces in Content-Digest or Repr-Digest. RFC9530-2, RFC9530-3.

Nothing here is sent in a coding of its own, so the content that comes is the representation that
is kept, and both fields say the same. What is announced by an algorithm that is not known here is
passed over, as the standard wants it; what is announced by a known one is held to.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import replace

from starlette.datastructures import Headers

from keycell.files.errors import BadRequest, DigestMismatch
from keycell.files.ports_blobs import WriteLimits

FIELDS = ("content-digest", "repr-digest")
_LONGEST = 4096
_SIZES = {"sha-256": 32, "sha-512": 64, "md5": 16}
_MEMBER = re.compile(r"[ \t]*([a-z*][a-z0-9_.*-]*)(?:=([^,;]*))?(?:;[^,]*)?[ \t]*(?:,|$)")
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):[ \t]*")


def bound(limits: WriteLimits, headers: Headers, fields: Sequence[str] = FIELDS) -> WriteLimits:
    """Give the limits of a body that has the announced digests too; raise BadRequest.

    Raises DigestMismatch where two digests of one kind are announced that differ.
    """
    for field in fields:
        for algorithm, digest in _read(field, ", ".join(headers.getlist(field))).items():
            limits = _with(limits, algorithm, digest)
    return limits


def _read(field: str, text: str) -> dict[str, bytes]:
    """Read the members of a dictionary whose algorithms are known. RFC9651-3.2."""
    if len(text) > _LONGEST:
        raise BadRequest(f"the header {field} has more than {_LONGEST} characters")
    found: dict[str, bytes] = {}
    position = 0
    while position < len(text):
        member = _MEMBER.match(text, position)
        if member is None:
            raise BadRequest(f"the header {field} is no list of algorithms and digests")
        position = member.end()
        if member[1] in _SIZES:
            found[member[1]] = _digest(field, member[1], member[2] or "")
    return found


def _digest(field: str, algorithm: str, text: str) -> bytes:
    encoded = _BYTES.fullmatch(text)
    try:
        digest = base64.b64decode(encoded[1], validate=True) if encoded else b""
    except binascii.Error:
        digest = b""
    if len(digest) != _SIZES[algorithm]:
        raise BadRequest(
            f"the header {field} must have {_SIZES[algorithm]} bytes for {algorithm}, in base64 "
            "between colons"
        )
    return digest


def _with(limits: WriteLimits, algorithm: str, digest: bytes) -> WriteLimits:
    if algorithm == "sha-512":
        said = base64.b64encode(digest).decode("ascii")
        _check_same(algorithm, limits.checksums.get("sha512"), said)
        return replace(limits, checksums={**limits.checksums, "sha512": said})
    if algorithm == "sha-256":
        _check_same(algorithm, limits.sha256, digest.hex())
        return replace(limits, sha256=digest.hex())
    _check_same(algorithm, limits.md5, digest.hex())
    return replace(limits, md5=digest.hex())


def _check_same(algorithm: str, before: str | None, said: str) -> None:
    if before is not None and before.lower() != said.lower():
        raise DigestMismatch(f"two digests are announced by {algorithm}, and they differ")
