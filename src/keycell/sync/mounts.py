"""Other disks below the synced folder: what is mounted there is no part of it.

It comes and goes with whoever mounts it, as if all of it were deleted and made anew; nothing can
be moved at once to it or from it, neither what arrives nor what goes to the trash. So it is left
out, as by a pattern: deleted nowhere, and looked at by nobody. See decisions/0087.
"""

import re
from pathlib import Path

_TABLE = Path("/proc/self/mountinfo")
_AT = 4
_ESCAPED = re.compile(rb"\\([0-7]{3})")


def mounts_below(root: Path, table: Path = _TABLE) -> tuple[str, ...]:
    """Give where something is mounted below a folder, ``a/b``; nothing where no table tells.

    A look finds other disks by their numbers, too; of one mounted at two places they say nothing.
    """
    top = bytes(root).rstrip(b"/") + b"/"
    try:
        lines = table.read_bytes().splitlines()
    except OSError:
        return ()
    places = {_ESCAPED.sub(_byte, line.split(b" ", _AT + 1)[_AT]) for line in lines}
    return tuple(
        sorted(one[len(top) :].decode(errors="surrogateescape") for one in places
               if one.startswith(top))
    )  # fmt: skip


def _byte(found: "re.Match[bytes]") -> bytes:
    return bytes([int(found[1], 8)])
