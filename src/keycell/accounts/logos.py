"""Logos: what was uploaded is decoded and drawn anew, so that nothing else of the file is kept.

A PNG alone is taken: browsers draw any picture as one, and what a picture may do besides being
seen (scripts, places, notes, what follows its end) is left behind with the old file.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from keycell.accounts.branding import Logo
from keycell.accounts.errors import Invalid
from keycell.oauth.sentences import phrase

MOST_BYTES = 48 * 1024
MOST_ACROSS = 640
"""Points, each way: shown are half as many, on the sharpest of screens."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_FILTERS = 5
_PALETTE = 3


class _Broken(Exception):
    """It is no picture that can be read."""


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    depth: int
    kind: int

    @property
    def row(self) -> int:
        """The bytes of a row, with the one that says how it is filtered."""
        return 1 + (self.width * self.depth * _SAMPLES[self.kind] + 7) // 8


def drawn_anew(content: bytes) -> tuple[Logo, bytes]:
    """Give a logo and its bytes, made of nothing but its points; raise Invalid. PNG-11."""
    if len(content) > MOST_BYTES:
        most = phrase("a logo has at most %(most)s bytes", most=MOST_BYTES)
        raise Invalid("content", "content", most)
    try:
        header, kept, points = _read(content)
    except (_Broken, zlib.error, struct.error):
        raise Invalid(
            "content", "content",
            phrase("a logo is a PNG file of at most %(most)s points each way, not interlaced",
                   most=MOST_ACROSS),
        ) from None  # fmt: skip
    head = struct.pack(">IIBBBBB", header.width, header.height, header.depth, header.kind, 0, 0, 0)
    drawn = b"".join(
        (_SIGNATURE, _chunk(b"IHDR", head), *(_chunk(*one) for one in kept),
         _chunk(b"IDAT", zlib.compress(points, 9)), _chunk(b"IEND", b""))
    )  # fmt: skip
    return Logo(hashlib.sha256(drawn).hexdigest(), header.width, header.height), drawn


def _read(content: bytes) -> tuple[_Header, list[tuple[bytes, bytes]], bytes]:
    chunks = list(_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1] != (b"IEND", b""):
        raise _Broken
    header = _header(chunks[0][1])
    kept = [one for one in chunks if one[0] in (b"PLTE", b"tRNS")]
    _check_palette(header, kept)
    packed = b"".join(said for name, said in chunks if name == b"IDAT")
    # No more is unpacked than the picture has: a few bytes could become gigabytes.
    expected = header.row * header.height
    unpacking = zlib.decompressobj()
    points = unpacking.decompress(packed, expected + 1)
    if len(points) != expected or any(
        points[at] >= _FILTERS for at in range(0, expected, header.row)
    ):
        raise _Broken
    return header, kept, points


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not content.startswith(_SIGNATURE):
        raise _Broken
    at, name = len(_SIGNATURE), b""
    while name != b"IEND":
        size, name = struct.unpack_from(">I4s", content, at)
        said = content[at + 8 : at + 8 + size]
        (check,) = struct.unpack_from(">I", content, at + 8 + size)
        if check != zlib.crc32(name + said):
            raise _Broken
        yield name, said
        at += 12 + size


def _header(said: bytes) -> _Header:
    width, height, depth, kind, packing, filtering, interlacing = struct.unpack(">IIBBBBB", said)
    is_known = depth in _DEPTHS.get(kind, ()) and (packing, filtering, interlacing) == (0, 0, 0)
    if not is_known or not (0 < width <= MOST_ACROSS and 0 < height <= MOST_ACROSS):
        raise _Broken
    return _Header(width, height, depth, kind)


def _check_palette(header: _Header, kept: list[tuple[bytes, bytes]]) -> None:
    names = [name for name, _ in kept]
    sizes = {name: len(said) for name, said in kept}
    colours = sizes.get(b"PLTE", 0)
    if names not in ([], [b"PLTE"], [b"tRNS"], [b"PLTE", b"tRNS"]):
        raise _Broken
    if colours % 3 or colours > 3 << 8 or (header.kind == _PALETTE and not colours):
        raise _Broken
    if sizes.get(b"tRNS", 0) > max(colours // 3, 6):
        raise _Broken


def _chunk(name: bytes, said: bytes) -> bytes:
    return struct.pack(">I", len(said)) + name + said + struct.pack(">I", zlib.crc32(name + said))
