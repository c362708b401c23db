"""The system's randomness, drawn a page at a time.

Asking the system costs a call into it each time, of which a token endpoint makes three. What was
drawn is given out once and never again, and a process that was forked draws afresh.
"""

import binascii
import os
import time

_PAGE = 4096
_PIECE = 32
"""Bytes that are given out at a time: as many as our longest secrets have."""
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class _Pool:
    """Pieces nobody has had; one is taken in a single step, whichever thread asks."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def draw(self, count: int) -> bytes:
        if count > _PIECE:
            return os.urandom(count)
        try:
            return self._pieces.pop()[:count]
        except IndexError:
            drawn = os.urandom(_PAGE)
            self._pieces += [drawn[at : at + _PIECE] for at in range(_PIECE, _PAGE, _PIECE)]
            return drawn[:count]

    def forget(self) -> None:
        self._pieces = []


_POOL = _Pool()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOL.forget)


def random_bytes(count: int) -> bytes:
    """Give so many bytes that nobody was given before."""
    return _POOL.draw(count)


def random_text(count: int) -> str:
    """Give the base64url of so many fresh bytes."""
    packed = binascii.b2a_base64(_POOL.draw(count), newline=False)
    return packed.translate(_URL_SAFE, b"=").decode("ascii")


def mint() -> str:
    """Give a fresh secret of 256 bits."""
    return random_text(32)


def mint_id() -> str:
    """Give a fresh identifier of 128 bits, that no command line takes for an option."""
    while (found := random_text(16)).startswith("-"):
        pass
    return found


def random_digits(count: int) -> str:
    """Give so many fresh decimal digits, each number as likely as any other."""
    return f"{int.from_bytes(_POOL.draw(16)) % 10**count:0{count}}"


def time_ordered_uuid() -> str:
    """Give a fresh identifier that sorts by the time it was made. RFC9562-5.7."""
    moment = time.time_ns() // 1_000_000
    number = int.from_bytes(_POOL.draw(10), "big") | (moment << 80)
    number = number & ~(0xF << 76) | (7 << 76)
    text = f"{number & ~(0x3 << 62) | (0x2 << 62):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
