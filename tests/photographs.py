"""Pictures for tests: gradients, which look like photographs to whoever makes them small."""

import io
import struct
import zlib

from PIL import Image, ImageCms

TURNED = 6
"""How cameras note that they were held upright: turned by a quarter to the right when shown."""
PLACE = "a place that is nobody's business"


def gradient(width: int, height: int) -> Image.Image:
    down = Image.linear_gradient("L").resize((width, height))
    round_ = Image.radial_gradient("L").resize((width, height))
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    return Image.merge("RGB", (down, round_, across))


def written(image: Image.Image, form: str, **more: object) -> bytes:
    kept = io.BytesIO()
    image.save(kept, form, **more)
    return kept.getvalue()


def photograph(width: int = 1200, height: int = 900) -> bytes:
    """A JPEG as cameras write it: its turn, its place and a profile noted in it."""
    noted = Image.Exif()
    noted[0x0112] = TURNED
    noted[0x010E] = PLACE
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return written(gradient(width, height), "JPEG", quality=95, exif=noted, icc_profile=profile)


def with_alpha() -> bytes:
    """A PNG whose left half cannot be seen."""
    image = gradient(600, 400).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 300, 400))
    return written(image, "PNG")


def bomb(side: int = 60_000) -> bytes:
    """A PNG of some hundred bytes that would be gigabytes of colours."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    rows = zlib.compress(bytes(100_000))
    ends = chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + ends


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
