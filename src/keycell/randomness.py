"""The system's randomness, drawn a page at a time.

Asking the system costs a call into it each time, of which a token endpoint makes three. What was
drawn is given out once and never again, and a process that was forked draws afresh.
"""

import base64
import os
import threading
import time

_PAGE = 4096


class _Pool:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drawn = b""
        self._given = 0

    def draw(self, count: int) -> bytes:
        with self._lock:
            if self._given + count > len(self._drawn):
                self._drawn, self._given = os.urandom(max(_PAGE, count)), 0
            start, self._given = self._given, self._given + count
            return self._drawn[start : self._given]

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._drawn, self._given = b"", 0


_POOL = _Pool()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOL.forget)


def random_bytes(count: int) -> bytes:
    """Give so many bytes that nobody was given before."""
    return _POOL.draw(count)


def random_text(count: int) -> str:
    """Give the base64url of so many fresh bytes."""
    return base64.urlsafe_b64encode(_POOL.draw(count)).rstrip(b"=").decode("ascii")


def time_ordered_uuid() -> str:
    """Give a fresh identifier that sorts by the time it was made. RFC9562-5.7."""
    moment = time.time_ns() // 1_000_000
    number = int.from_bytes(_POOL.draw(10), "big") | (moment << 80)
    number = number & ~(0xF << 76) | (7 << 76)
    text = f"{number & ~(0x3 << 62) | (0x2 << 62):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
