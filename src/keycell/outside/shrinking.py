"""A program of its own that makes pictures small: what strangers sent is decoded here alone.

It reads a length in decimal on a line and so many bytes, and answers how it goes on, a length in
four bytes, and a picture of that length: none where it could not be read. Before it sees the first
it has given up what it does not need: memory beyond a bound, time, and opening anything, be it a
file or the network. The library is imported here and in no other process. See decisions/0098.
"""

import contextlib
import io
import os
import resource
import sys
import time
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, MpoImagePlugin, WebPImagePlugin

SIDE = 320
MOST_BYTES = 50 * 2**20
GOES_ON, ENDS = b"\1", b"\0"
MOST_SMALL = 128 * 2**10
"""Bytes of a small picture: no picture of ours comes near."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_BESIDE = (MpoImagePlugin, WebPImagePlugin)
"""The library knows the others by itself. Some telephones write two JPEGs as one MPO."""
_MOST_PIXELS = 50_000_000
_MOST_OF_JPEG = 200_000_000
"""These are made smaller while they are decoded, to an eighth at most."""
_MEMORY = 768 * 2**20
_SECONDS = 60
"""Of a processor, for all the pictures of a process: it ends itself when half is gone."""
_AIM = 30 * 2**10
_QUALITIES = (78, 60, 40)
_DEEP = 256
"""Sixteen bits to eight."""


def main() -> None:
    """Make pictures small until nobody asks for another."""
    take, give = sys.stdin.buffer, sys.stdout.buffer
    _give_up()
    while line := take.readline(32):
        small = shrunk(take.read(int(line)))
        is_last = time.process_time() > _SECONDS / 2
        give.write((ENDS if is_last else GOES_ON) + len(small).to_bytes(4, "big") + small)
        give.flush()
        if is_last:
            return


def _rehearse() -> None:
    """Go once through all that is done with a picture: the library loads parts when needed."""
    turned = Image.Exif()
    turned[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.linear_gradient("L").convert("RGB")
    for form in (*_FORMATS, "MPO"):
        written = io.BytesIO()
        others = [image.rotate(90)] if form in ("GIF", "MPO", "WEBP") else []
        image.save(written, form, exif=turned, icc_profile=profile,
                   save_all=bool(others), append_images=others)  # fmt: skip
        assert shrunk(written.getvalue()), form  # noqa: S101


def _give_up() -> None:
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = _MOST_OF_JPEG
    _rehearse()
    # Who answers comes first, and where memory runs out this is what has to go.
    os.nice(10)
    with contextlib.suppress(OSError):  # not every system has it
        Path("/proc/self/oom_score_adj").write_text("1000")
    # From here on nothing can be opened.
    for kind, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(kind, (most, most))


def shrunk(original: bytes) -> bytes:
    """Give a picture small, upright and with its colours alone; nothing if it cannot be read."""
    try:
        with Image.open(io.BytesIO(original), formats=_FORMATS) as image:
            most = _MOST_OF_JPEG if image.format in ("JPEG", "MPO") else _MOST_PIXELS
            if image.width * image.height > most:
                return b""
            return _written(_drawn(image))
    except Exception:  # noqa: BLE001  (whatever a broken picture does to the library)
        return b""


def _drawn(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        image = image.point(lambda value: value * (1 / _DEEP)).convert("L")
    elif image.mode in ("P", "1"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    # A JPEG is drafted: decoded at about twice the size that is wanted.
    image.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    return _in_srgb(ImageOps.exif_transpose(image))


def _in_srgb(image: Image.Image) -> Image.Image:
    plain = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            known = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(
                image, known, ImageCms.createProfile("sRGB"), outputMode=plain
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            # Its colours are a little off; that is all.
            return image.convert(plain)
        if found is not None:
            return found
    return image.convert(plain)


def _written(image: Image.Image) -> bytes:
    # What was said beside the colours stays out: places, names, a profile.
    image.info.clear()
    for quality in _QUALITIES:
        written = io.BytesIO()
        image.save(written, "WEBP", quality=quality, method=4)
        if written.tell() <= _AIM:
            break
    return written.getvalue()


if __name__ == "__main__":
    main()
