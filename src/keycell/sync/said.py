"""Operations in words, for whoever asks what would be done."""

from collections.abc import Sequence

from keycell.sync.kept import Kept
from keycell.sync.operations import (
    Agree,
    DeleteLocal,
    DeleteRemote,
    Download,
    Forget,
    Learn,
    MakeLocal,
    MakeRemote,
    MoveLocal,
    MoveRemote,
    Operation,
    Upload,
)
from keycell.sync.state import State
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
    Learn: "read {} on the server",
    Agree: "keep that {} is alike",
    Forget: "forget what was known of {}",
}


class Sayings:
    """Says operations, with the paths that the state knows."""

    def __init__(self, state: State) -> None:
        """Look up paths in a state."""
        self._root = state.said("root")
        self._local, self._remote = Kept(state.local), Kept(state.remote)

    def of(self, operations: Sequence[Operation]) -> tuple[str, ...]:
        """Say each: `upload plans/a.txt`."""
        return tuple(
            _WORDS[type(one)].format(self._subject(one), self._target(one)) for one in operations
        )

    def _subject(self, operation: Operation) -> str:
        node: Local | Remote | None = getattr(operation, "local", None)
        node = node or getattr(operation, "remote", None)
        if isinstance(node, Remote):
            return self._path(node.place, self._remote)
        if node is not None:
            return self._path(node.place, self._local)
        assert isinstance(operation, Agree | Forget)  # noqa: S101  (for the type checker)
        return self._path(operation.pair.local_place, self._local)

    def _target(self, operation: Operation) -> str:
        if isinstance(operation, MoveRemote):
            return self._path(operation.place, self._remote)
        return self._path(operation.place, self._local) if isinstance(operation, MoveLocal) else ""

    def _path(self, place: Place, known: Kept[Local] | Kept[Remote]) -> str:
        names = [place.name]
        while place.parent not in (LOCAL_ROOT, self._root) and len(names) < DEEPEST:
            folder = known.get(place.parent)
            if folder is None:
                break
            place = folder.place
            names.append(place.name)
        return "/".join(reversed(names))
