"""Names of files and folders, and the paths they make.

A name is kept as given. Two names are the *same* if their NFC forms are equal; two names *collide*
if they are the same once case is folded: the second is refused, so that neither hides the other.
Where a client's own table lowers case or composes letters, nothing is overwritten by that.
"""

import unicodedata
from functools import lru_cache

from keycell.files.errors import BadPath, TooDeep
from keycell.oauth.sentences import phrase
from keycell.values import dataclass

LONGEST_NAME = 255
"""Bytes of UTF-8: what the file systems of our clients can hold."""
DEEPEST = 64
LONGEST_PATH = 4096
"""Bytes of UTF-8: the longest path at which something is made."""
LONGEST_READ = (DEEPEST + 1) * (LONGEST_NAME + 1)
"""Bytes of UTF-8: the longest path there can be, since a folder may be moved with all it holds."""
RECYCLE_BIN = "recycle_bin"
_LONGEST_EXTENSION = 64
"""Bytes of UTF-8."""
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Path:
    """A checked path: a space's slug, and the names below it. All empty: the root of roots."""

    slug: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join((self.slug, *self.names)) if self.slug else ""

    @property
    def is_root(self) -> bool:
        """Tell whether this is the place where the spaces are."""
        return not self.slug

    @property
    def is_space(self) -> bool:
        """Tell whether this is a space itself."""
        return bool(self.slug) and not self.names

    @property
    def name(self) -> str:
        """Give the last name."""
        return self.names[-1] if self.names else self.slug

    @property
    def parent(self) -> "Path":
        """Give the place this lies in."""
        return Path(self.slug, self.names[:-1]) if self.names else Path("", ())

    def child(self, name: str) -> "Path":
        """Give the path of something in here."""
        return Path(self.slug, (*self.names, name))

    def is_within(self, other: "Path") -> bool:
        """Tell whether this is another path or lies below it, by the names' keys."""
        if self.slug != other.slug or len(self.names) < len(other.names):
            return False
        pairs = zip(self.names, other.names, strict=False)
        return all(name_key(one) == name_key(two) for one, two in pairs)


def read_path(text: str) -> Path:
    """Read a path as a client sends it, slashes at either end aside; raise BadPath."""
    if len(text) > LONGEST_READ or len(_bytes(text)) > LONGEST_READ:
        raise BadPath(f"the path has more than {LONGEST_READ} bytes")
    stripped = text.strip("/")
    if not stripped:
        return Path("", ())
    slug, *names = stripped.split("/")
    if len(names) > DEEPEST:
        raise BadPath(f"the path is {len(names)} folders deep; at most {DEEPEST} are taken")
    return Path(check_name(slug), tuple(check_name(name) for name in names))


# The folders' names come with each request.
@lru_cache(maxsize=1024)
def check_name(name: str) -> str:
    """Give a name that may be kept, or raise BadPath."""
    if name in ("", ".", ".."):
        raise BadPath(phrase("%(name)s is no name of a file or folder", name=repr(name)))
    # Whatever is printable is no control character: most names are not gone through.
    if "/" in name or (
        not name.isprintable() and any(unicodedata.category(c) == "Cc" for c in name)
    ):
        raise BadPath(phrase("%(name)s holds a slash or a control character", name=_shown(name)))
    if len(_bytes(name)) > LONGEST_NAME:
        raise BadPath(
            phrase("%(name)s has more than %(most)s bytes", name=_shown(name), most=LONGEST_NAME)
        )
    return name


def check_depth(depth: int) -> None:
    """Refuse a place so deep that no path leads there; raise TooDeep."""
    if depth > DEEPEST:
        raise TooDeep(depth, DEEPEST)


def check_length(path: Path) -> None:
    """Refuse a path too long for something new; raise BadPath."""
    if len(str(path).encode()) > LONGEST_PATH:
        raise BadPath(
            phrase("the path has more than %(most)s bytes: take shorter names", most=LONGEST_PATH)
        )


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadPath("the path is not UTF-8") from None


def _shown(name: str) -> str:
    return repr(name[:_SHOWN] + ("..." if len(name) > _SHOWN else ""))


def name_key(name: str) -> str:
    """Give what two colliding names share."""
    if name.isascii():
        return name.lower()
    # Case folding can undo composition, so it is composed once more.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def is_same(one: str, other: str) -> bool:
    """Tell whether two names are one text, in whichever Unicode form."""
    return one == other or unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def sort_key(name: str, *, is_folder: bool) -> str:
    """Give what children are ordered by, bytewise: the order that keys of S3 have."""
    return f"{name}/" if is_folder else name


def free_name(name: str, number: int) -> str:
    """Give a name beside one that is taken: ``a-2.txt`` for ``a.txt``."""
    return marked_name(name, f"-{number}")


def marked_name(name: str, mark: str) -> str:
    """Give a name with a short mark before its extension, cut where it would be too long."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > _LONGEST_EXTENSION:
        # What is so long is no extension, and would leave no room for the mark.
        stem, dot, extension = name, "", ""
    suffix = f"{mark}{dot}{extension}"
    room = LONGEST_NAME - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix
