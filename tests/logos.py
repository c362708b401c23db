"""Small PNG files, whole and broken."""

import struct
import zlib

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(name: bytes, said: bytes) -> bytes:
    return struct.pack(">I", len(said)) + name + said + struct.pack(">I", zlib.crc32(name + said))


def png(
    width: int,
    height: int,
    *,
    kind: int = 6,
    depth: int = 8,
    extra: bytes = b"",
    points: bytes | None = None,
    packed: bytes | None = None,
) -> bytes:
    """Give a PNG of one colour, half of it seen through."""
    row = b"\0" + b"\x40" * ((width * depth * _SAMPLES[kind] + 7) // 8)
    drawn = zlib.compress(row * height if points is None else points)
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(48)) if kind == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + palette + extra
        + chunk(b"IDAT", drawn if packed is None else packed) + chunk(b"IEND", b"")
    )  # fmt: skip
