"""Names on both sides: which collide, which a side cannot hold, and what a conflict is called.

The server keeps names as they are given and refuses two that differ by case or Unicode form alone;
what a disk refuses depends on its kind, which `NameRules` says.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

LONGEST = 255
"""Bytes of UTF-8: what the server takes, and most file systems."""
RECYCLE_BIN = "recycle_bin"
WORKING = ".keycell-sync"
"""Our own folder in each synced one: its marker, what is on its way, the trash."""
_PORTS = tuple(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))
_RESERVED = frozenset({"con", "prn", "aux", "nul", *_PORTS})
_LONGEST_EXTENSION = 20
_FORBIDDEN = frozenset('<>:"|?*\\')


def key_of(name: str) -> str:
    """Give what two colliding names share; the server's rule."""
    if name.isascii():
        # There Unicode has one form alone.
        key = name.lower()
    else:
        folded = unicodedata.normalize("NFD", name).casefold()
        key = unicodedata.normalize("NFC", folded)
    # Most names are their own key: many of them are kept once, then.
    return name if key == name else key


def is_same(one: str, other: str) -> bool:
    """Tell whether two names are one text, in whichever Unicode form."""
    return one == other or unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


@dataclass(frozen=True, slots=True)
class NameRules:
    """What the disk cannot hold."""

    is_windows: bool = False

    def refusal_of_disk(self, name: str) -> str:
        """Say why the disk cannot hold a name of the server's; nothing if it can."""
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            return "the name would be a place elsewhere on the disk"
        if key_of(name) == WORKING:
            return "the name is what the sync client calls its own folder"
        if len(name.encode()) > LONGEST:
            return f"the name has more than {LONGEST} bytes"
        return _refusal_of_windows(name) if self.is_windows else ""


def _refusal_of_windows(name: str) -> str:
    if name.partition(".")[0].casefold() in _RESERVED:
        return "Windows keeps this name for a device"
    if name[-1] in ". ":
        return "Windows takes no name that ends with a dot or a space"
    bad = sorted(_FORBIDDEN & set(name))
    return f"Windows takes no name with {bad[0]}" if bad else ""


def refusal_of_server(name: str, *, is_at_top: bool) -> str:
    """Say why the server cannot hold a name of the disk's; nothing if it can."""
    if any(unicodedata.category(c) == "Cs" for c in name):
        return "the name is not UTF-8: rename it"
    if any(unicodedata.category(c) == "Cc" for c in name):
        return "the name has a control character in it: rename it"
    if len(name.encode()) > LONGEST:
        return f"the name has more than {LONGEST} bytes: shorten it"
    if is_at_top and key_of(name) == RECYCLE_BIN:
        return "the server keeps what was deleted under this name: rename it"
    return ""


def conflict_name(name: str, device: str, day: str, taken: Collection[str]) -> str:
    """Name the copy that steps aside: ``a (conflict, laptop, 2026-05-01).txt``.

    ``taken`` are the keys of the names beside it.
    """
    return _free_name(name, f"conflict, {device}, {day}", taken)


def passing_name(name: str, taken: Collection[str]) -> str:
    """Name what must step out of the way for a moment: two files that trade their names."""
    return _free_name(name, "moving", taken)


def _free_name(name: str, said: str, taken: Collection[str]) -> str:
    number, found = 1, _with_suffix(name, f" ({said})")
    while key_of(found) in taken:
        number += 1
        found = _with_suffix(name, f" ({said} {number})")
    return found


def _with_suffix(name: str, suffix: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > _LONGEST_EXTENSION:
        stem, dot, extension = name, "", ""
    suffix = f"{suffix}{dot}{extension}"
    room = LONGEST - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix
