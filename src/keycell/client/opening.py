"""Opening files, where systems differ: Windows has no pread and no links to refuse.

What it does have is a text mode, in which bytes are not what they were.
"""

import os

_AS_THEY_ARE = getattr(os, "O_BINARY", 0)
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
TO_READ = os.O_RDONLY | _AS_THEY_ARE | getattr(os, "O_NONBLOCK", 0)
"""Without waiting for the other end of a pipe."""
TO_WRITE = os.O_WRONLY | os.O_CREAT | _AS_THEY_ARE | NO_LINK


def read_at(descriptor: int, length: int, start: int) -> bytes:
    """Read a part of an open file, which one reader at a time does."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, length, start)
    os.lseek(descriptor, start, os.SEEK_SET)
    return os.read(descriptor, length)
