"""Operations in words, for whoever asks what would be done."""

from collections.abc import Mapping
from dataclasses import dataclass

from keycell.sync.operations import (
    DeleteLocal,
    DeleteRemote,
    Download,
    Learn,
    MakeLocal,
    MakeRemote,
    MoveLocal,
    MoveRemote,
    Operation,
    Upload,
)
from keycell.sync.trees import DEEPEST, LOCAL_ROOT, Local, Place, Remote

_WORDS: dict[type[Operation], str] = {
    Upload: "upload {}",
    Download: "download {}",
    MakeRemote: "make the folder {} on the server",
    MakeLocal: "make the folder {} here",
    MoveRemote: "move {} to {} on the server",
    MoveLocal: "move {} to {} here",
    DeleteRemote: "delete {} on the server",
    DeleteLocal: "delete {} here",
    Learn: "read {} on the server, to see whether both are alike",
}
"""What changes a file or folder; the rest is what we know of them."""
_ASIDE = "keep both of {}: the one {} becomes {}"


@dataclass(frozen=True, slots=True)
class Sayings:
    """Says operations, with the paths that either side has then."""

    local: Mapping[str, Local]
    remote: Mapping[str, Remote]
    root: str

    def of(self, operation: Operation) -> str:
        """Say one: `upload plans/a.txt`; "" of what changes nothing."""
        aside = self.aside(operation)
        if aside is not None:
            where = "here" if isinstance(operation, MoveLocal) else "on the server"
            return _ASIDE.format(aside[1], where, aside[0])
        words = _WORDS.get(type(operation), "")
        return words and words.format(self._subject(operation), self._target(operation))

    def aside(self, operation: Operation) -> tuple[str, str] | None:
        """Give where something steps aside to, and from where; None if it does not."""
        if isinstance(operation, MoveLocal | MoveRemote) and operation.is_conflict:
            return self._target(operation), self._subject(operation)
        return None

    def _subject(self, operation: Operation) -> str:
        local: Local | None = getattr(operation, "local", None)
        if local is not None:
            return self._path(local.place, self.local)
        remote: Remote | None = getattr(operation, "remote", None)
        return "" if remote is None else self._path(remote.place, self.remote)

    def _target(self, operation: Operation) -> str:
        if isinstance(operation, MoveRemote):
            return self._path(operation.place, self.remote)
        return self._path(operation.place, self.local) if isinstance(operation, MoveLocal) else ""

    def _path(self, place: Place, known: Mapping[str, Local] | Mapping[str, Remote]) -> str:
        names = [place.name]
        while place.parent not in (LOCAL_ROOT, self.root) and len(names) < DEEPEST:
            folder = known.get(place.parent)
            if folder is None:
                break
            place = folder.place
            names.append(place.name)
        return "/".join(reversed(names))
