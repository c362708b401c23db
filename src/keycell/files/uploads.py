"""Multipart uploads: which parts may come, and what they make together."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from itertools import pairwise

from keycell.files.errors import BadRequest
from keycell.files.nodes import Content, Part
from keycell.values import dataclass

MOST_PARTS = 10_000
MOST_UPLOADS = 1000
"""Of one person, under way: each may hold parts without bytes, which no quota counts."""
LEAST_PART = 5 * 2**20
"""Bytes of every part but the last, as S3 has it: programs rely on it to cut files up."""
LARGEST_PART = 5 * 2**30
BLOCK = 10 * 2**20


class BadPart(BadRequest):
    """A part that was named does not exist, or not with this entity tag."""


class BadPartOrder(BadRequest):
    """The parts are not named in the order of their numbers."""


class PartTooSmall(BadRequest):
    """A part that is not the last has too few bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way, in parts."""

    upload_id: str
    volume_id: str
    path: str
    """Where it goes, as the person sees it."""
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    sub: str
    client_id: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPart:
    """A part that arrived whole."""

    upload_id: str
    number: int
    sha256: str
    size: int
    etag: str
    """MD5 in hex."""
    block_md5s: tuple[bytes, ...]
    checksums: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime


def check_number(number: int) -> int:
    """Give a part number that may be, or raise BadRequest."""
    if not 1 <= number <= MOST_PARTS:
        raise BadRequest(f"part number {number}: expected 1 to {MOST_PARTS}")
    return number


def assemble(
    named: Sequence[tuple[int, str]], arrived: Mapping[int, UploadPart], content_type: str
) -> Content:
    """Make a file's content of the parts that were named by number and entity tag.

    Its own digests are known only where that takes no reading: the entity tag always, the block
    hash if each part but the last is made of whole blocks.
    """
    if not named:
        raise BadRequest("no part is named; an upload is completed by at least one")
    parts = []
    for number, etag in named:
        part = arrived.get(number)
        if part is None or part.etag != etag.strip('"').lower():
            raise BadPart(f"part {number} with the entity tag {etag[:64]} did not arrive")
        parts.append(part)
    numbers = [number for number, _ in named]
    if any(one >= two for one, two in pairwise(numbers)):
        raise BadPartOrder("the parts are not named in the order of their numbers, each once")
    for part in parts[:-1]:
        if part.size < LEAST_PART:
            raise PartTooSmall(
                f"part {part.number} has {part.size} bytes; all but the last have {LEAST_PART}"
            )
    return Content(
        size=sum(part.size for part in parts),
        etag=multipart_etag([part.etag for part in parts]),
        sha256=parts[0].sha256 if len(parts) == 1 else None,
        block_hash=_block_hash(parts),
        content_type=content_type,
        parts=tuple(Part(part.sha256, part.size) for part in parts),
    )


def multipart_etag(etags: Sequence[str]) -> str:
    """Give the entity tag of parts: the MD5 of their MD5s, and how many there are."""
    joined = b"".join(bytes.fromhex(etag) for etag in etags)
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(etags)}"


def block_hash(block_md5s: Sequence[bytes]) -> str:
    """Give the MD5 of the MD5s of blocks."""
    return hashlib.md5(b"".join(block_md5s), usedforsecurity=False).hexdigest()


def _block_hash(parts: Sequence[UploadPart]) -> str | None:
    if any(part.size % BLOCK for part in parts[:-1]):
        return None
    # Empty content is one empty block, so an empty last part adds none.
    kept = [part for part in parts if part.size] or parts[:1]
    return block_hash([digest for part in kept for digest in part.block_md5s])
