"""Carrying a plan out: each operation bound to what it found, and kept once it is done.

Many at a time; what was agreed on by some of them is kept in one transaction. Whatever is cut off
is seen by the next look at both sides.
"""

import asyncio
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from os import stat_result
from pathlib import Path

from keycell.client import uploads
from keycell.client.errors import ClientError
from keycell.client.objects import Placed
from keycell.sync.disk import Disk
from keycell.sync.errors import Dropped, SyncError
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
    files_of,
)
from keycell.sync.receiving import Receiving
from keycell.sync.remote import path_of
from keycell.sync.sending import Sending, content_of, pieces_of
from keycell.sync.state import Doing, Intent, Row, State
from keycell.sync.trees import LOCAL_ROOT, Local, Pair, Place, Remote, pair_of
from keycell.sync.wire import Refused, Small, Wanted, Wire

_AT_ONCE = 12
_CHUNK = 512


@dataclass(slots=True)
class Done:
    """What came of a chunk of operations, to be kept at once."""

    rows: list[Row] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    remotes: list[Remote] = field(default_factory=list)
    gone_remotes: list[str] = field(default_factory=list)
    agreed: list[Pair] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    folders: set[Path] = field(default_factory=set)
    """On the disk, in which something was done."""


@dataclass(slots=True)
class Applier:
    """Carries plans out for one folder."""

    wire: Wire
    disk: Disk
    state: State
    now: str
    count: int = 0
    """Operations that were done."""
    problems: list[tuple[str, str]] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    """Those that found something else than was planned on."""
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    """What stepped aside, and from where."""
    _rows: dict[str, Row] = field(default_factory=dict)
    _remotes: MutableMapping[str, Remote] = field(default_factory=dict)
    _next: int = 0
    _root: str = ""
    _done: Done = field(default_factory=Done)
    _receiving: Receiving = field(init=False)
    _sending: Sending = field(init=False)
    _room_for_large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Several parts of a large file go at once already."""

    def __post_init__(self) -> None:
        """Fetch and send by the same connections."""
        self._receiving = Receiving(self.wire, self.disk, self._target, self._path_of)
        self._sending = Sending(self.wire, self._small)

    async def carry_out(
        self, operations: Sequence[Operation], remotes: MutableMapping[str, Remote]
    ) -> None:
        """Do what can be done; raise Away and AccessEnded, with all that was done kept.

        ``remotes`` is what the server was known to have, and becomes what it has after that.
        """
        self._rows = {row.id: row for row in self.state.local_folders()}
        self._remotes = remotes
        self._next, self._root = self.state.next_local(), self.state.said("root")
        with self.state.change():
            self.state.tell(Doing.SYNCING)
            self.state.say("settled", "")
        try:
            for start in range(0, len(operations), _CHUNK):
                await self._chunk(operations[start : start + _CHUNK])
        finally:
            self._rows, self._remotes = {}, {}

    async def _chunk(self, operations: Sequence[Operation]) -> None:
        self._done = Done()
        # All rows of a hundred thousand files at once would be 40 MB.
        files = {row.id: row for row in self.state.locals_of(files_of(operations))}
        self._rows |= files
        uploads = [one for one in operations if isinstance(one, Upload)]
        if uploads:
            with self.state.change():
                self.state.intend(map(_intent, uploads))
        self._receiving.begin([one for one in operations if isinstance(one, Download)])
        self._sending.begin([(one, self._rows[one.local.id].size) for one in uploads])
        waiting = iter(operations)
        tasks = [asyncio.create_task(self._work(waiting)) for _ in range(_AT_ONCE)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._receiving.end()
            await self._sending.end()
            await self._keep()
            for one in files:
                del self._rows[one]

    async def _keep(self) -> None:
        done = self._done
        try:
            await asyncio.to_thread(self.disk.keep, done.folders)
        except OSError as error:
            raise SyncError(f"{error.filename or 'the disk'}: {error.strerror}") from error
        with self.state.change():
            self.state.forget(done.forgotten)
            self.state.put_locals(done.gone, done.rows)
            self.state.put_remotes(done.gone_remotes, done.remotes)
            self.state.agree(done.agreed)
            for path, original in done.conflicts:
                self.state.add_conflict(path, original, self.now)
            self.state.clear_intents()
        self.conflicts += done.conflicts
        self._rows |= {row.id: row for row in done.rows if row.is_folder}
        self._remotes.update({one.id: one for one in done.remotes})

    async def _work(self, waiting: Iterator[Operation]) -> None:
        """Do what nobody else does yet, one after the other: a task for each would cost more."""
        for operation in waiting:
            await self._one(operation)

    async def _one(self, operation: Operation) -> None:
        try:
            await self._effect(operation)
            self.count += 1
        except Dropped as dropped:
            self.dropped.append((self._name_of(operation), str(dropped)))
        except (Refused, ClientError, OSError) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            self.problems.append((self._name_of(operation), said or str(error)))

    def _name_of(self, operation: Operation) -> str:
        node = getattr(operation, "local", None) or getattr(operation, "remote", None)
        if isinstance(node, Local):
            return self._below(node.place) or node.place.name
        if isinstance(node, Remote):
            return path_of(self._remotes, node.id, self._root) or node.place.name
        return ""

    async def _effect(self, operation: Operation) -> None:
        match operation:
            case Agree(pair):
                self._done.agreed.append(pair)
            case Forget(pair):
                self._done.forgotten.append(pair.local)
            case Upload():
                await self._upload(operation)
            case Download():
                await self._download(operation)
            case Learn(remote):
                digest = await self._receiving.learn(remote)
                self._done.remotes.append(replace(remote, digest=digest))
            case MakeRemote() | MoveRemote() | DeleteRemote():
                await self._on_server(operation)
            case _:
                self._on_disk(operation)

    async def _on_server(self, operation: MakeRemote | MoveRemote | DeleteRemote) -> None:
        match operation:
            case MakeRemote(local, place):
                made = await self.wire.make_folder(place)
                self._done.remotes.append(made)
                self._done.agreed.append(pair_of(local, made))
            case MoveRemote(remote, place, agreed):
                before = path_of(self._remotes, remote.id, self._root)
                revision = await self.wire.move(remote, place)
                self._done.remotes.append(replace(remote, place=place, revision=revision))
                self._done.agreed += [] if agreed is None else [agreed]
                if operation.is_conflict and before is not None:
                    after = f"{before.removesuffix(remote.place.name)}{place.name}"
                    self._done.conflicts.append((after, before))
            case DeleteRemote(remote, pair):
                await self.wire.trash(remote)
                self._done.gone_remotes.append(remote.id)
                self._done.forgotten.append(pair.local)

    def _on_disk(self, operation: Operation) -> None:
        match operation:
            case MakeLocal(remote, place):
                path = self.disk.checked(self._known_below(place))
                try:
                    path.mkdir()
                except FileExistsError:
                    raise Dropped("something stands there") from None
                self._done.folders.add(path.parent)
                row = self._row(place, path.lstat(), None)
                self._done.agreed.append(pair_of(_local(row), remote))
            case MoveLocal():
                self._move(operation)
            case DeleteLocal(local, pair):
                path = self.disk.checked(self._known_below(local.place))
                if local.is_folder:
                    path.rmdir()
                else:
                    self.disk.trash(path, self._rows[local.id])
                self._done.folders.add(path.parent)
                self._done.gone.append(local.id)
                self._done.forgotten.append(pair.local)

    def _move(self, operation: MoveLocal) -> None:
        local, place = operation.local, operation.place
        before, after = self._known_below(local.place), self._known_below(place)
        source = self.disk.checked(before)
        row = self._rows[local.id]
        if not local.is_folder:
            self.disk.check_unchanged(source, row)
        target = self.disk.checked(after)
        it = self.disk.move(source, target)
        self._done.folders |= {source.parent, target.parent}
        ctime = 0 if local.is_folder else it.st_ctime_ns
        moved = replace(row, parent=place.parent, name=place.name, ctime_ns=ctime)
        self._done.rows.append(moved)
        if operation.is_conflict:
            self._done.conflicts.append((after, before))
        if operation.agreed is not None:
            self._done.agreed.append(operation.agreed)

    async def _upload(self, operation: Upload) -> None:
        local, row = operation.local, self._rows[operation.local.id]
        placed = await self._sending.take(operation)
        if placed is None:
            placed = await self._send(operation)
        found = Remote(
            id=placed.node, place=operation.place, is_folder=False, digest=local.digest,
            version=placed.version, etag=placed.etag, revision=placed.revision,
            size=row.size, mtime_ms=row.mtime_ns // 10**6,
        )  # fmt: skip
        self._done.remotes.append(found)
        pair = operation.pair
        if pair is None:
            self._done.agreed.append(pair_of(local, found))
        else:
            agreed = replace(pair, digest=local.digest, version=found.version)
            self._done.agreed.append(agreed)

    def _small(self, operation: Upload) -> Small:
        path, wanted = self._seen(operation)
        over = operation.over
        return Small(operation.place.name, over.version if over else "", wanted,
                     content_of(path, wanted.size))  # fmt: skip

    async def _send(self, operation: Upload) -> Placed:
        path, wanted = self._seen(operation)
        folder = path_of(self._remotes, operation.place.parent, self._root)
        if folder is None:
            raise Dropped("its folder is gone")
        below = f"{folder}/{operation.place.name}".lstrip("/")
        if wanted.size > uploads.SMALL:
            async with self._room_for_large:
                return await self.wire.send(path, below, wanted)
        return await self.wire.put(below, pieces_of(path, wanted.size), wanted)

    def _seen(self, operation: Upload) -> tuple[Path, Wanted]:
        """Give where a file is, if it is what was seen, and what its upload is bound to."""
        local, over = operation.local, operation.over
        row = self._rows[local.id]
        path = self.disk.checked(self._known_below(local.place))
        self.disk.check_unchanged(path, row)
        return path, Wanted(operation.place.parent, over.etag if over else "", local.digest,
                            row.size, row.mtime_ns)  # fmt: skip

    async def _download(self, operation: Download) -> None:
        remote, over = operation.remote, operation.over
        landed = await self._receiving.take(operation)
        self._done.folders.add(landed.path.parent)
        row = None if over is None else self._rows[over.id]
        kept = self._row(operation.place, landed.it, row, landed.digest)
        pair = operation.pair
        if pair is None:
            pair = pair_of(_local(kept), remote)
        self._done.agreed.append(replace(pair, digest=landed.digest, version=remote.version))

    def _target(self, operation: Download) -> tuple[Path, Row | None]:
        path = self.disk.root / self._known_below(operation.place)
        return path, None if operation.over is None else self._rows[operation.over.id]

    def _path_of(self, remote: Remote) -> str:
        below = path_of(self._remotes, remote.id, self._root)
        if below is None:
            raise Dropped("it is gone")
        return below

    def _row(self, place: Place, it: stat_result, over: Row | None, digest: str = "") -> Row:
        is_folder = not digest
        node_id = str(self._next) if over is None else over.id
        self._next += over is None
        row = Row(node_id, place.parent, place.name, is_folder, it.st_ino,
                  0 if is_folder else it.st_size, 0 if is_folder else it.st_mtime_ns,
                  0 if is_folder else it.st_ctime_ns, digest)  # fmt: skip
        self._done.rows.append(row)
        return row

    def _known_below(self, place: Place) -> str:
        below = self._below(place)
        if below is None:
            raise Dropped("its folder is gone")
        return below

    def _below(self, place: Place) -> str | None:
        names, parent = [place.name], place.parent
        while parent != LOCAL_ROOT:
            row = self._rows.get(parent)
            if row is None:
                return None
            names.append(row.name)
            parent = row.parent
        return "/".join(reversed(names))


def _intent(one: Upload) -> Intent:
    return Intent(one.local.id, one.over.id if one.over else "", one.place, one.local.digest)


def _local(row: Row) -> Local:
    return Local(id=row.id, place=Place(row.parent, row.name), is_folder=row.is_folder,
                 digest=row.digest)  # fmt: skip
