"""`keycell cp`, `mv`, `rm`, `mkdir`, `touch`: what lies on the server is changed there."""

from typing import TYPE_CHECKING, Annotated

import typer

from keycell.cli.completion import SeveralOnServer
from keycell.cli.looking import NoGlob
from keycell.cli.output import Exit, fail
from keycell.cli.serving import at_server, places
from keycell.cli.showing import Output, changes
from keycell.cli.talk import confirm, note
from keycell.client.meaning import find, meant
from keycell.client.paths import RemotePath

if TYPE_CHECKING:
    from keycell.client.nodes import Node
    from keycell.client.session import Session

_LEAST = 2


@changes
def cp(out: Output, paths: SeveralOnServer, no_glob: NoGlob = False) -> None:
    """Copy files and folders on the server: the last path is where to.

    keycell cp :personal-files/a.txt :team/
    keycell cp ':team/*.pdf' :personal-files/pdf --dry-run
    keycell cp :team/a.txt :team/b.txt
    """
    _carry(out, "copy", paths, no_glob=no_glob)


@changes
def mv(out: Output, paths: SeveralOnServer, no_glob: NoGlob = False) -> None:
    """Move or rename files and folders on the server: the last path is where to.

    keycell mv :personal-files/a.txt :personal-files/b.txt
    keycell mv ':personal-files/*.pdf' :team/papers/
    keycell mv :team/old :team/archive/ --dry-run
    """
    _carry(out, "move", paths, no_glob=no_glob)


def _carry(out: Output, verb: str, paths: list[str], *, no_glob: bool) -> None:
    if len(paths) < _LEAST:
        fail(f"{verb} what, and where to?", Exit.USAGE, "give two paths at least")
    name, (*sources, target) = places(out.profile, paths)

    async def work(session: "Session") -> list[dict[str, str]]:
        from keycell.client import files

        nodes = await meant(session, sources, globs=not no_glob)
        into = await _is_into(session, nodes, target)
        told = [
            {"from": one.path, "to": str(target.path if not into else f"{target.path}/{one.name}")}
            for one in nodes
        ]
        if not out.dry_run:
            carry = files.copy if verb == "copy" else files.move
            await carry(session, [one.path for one in nodes], target.path, into=into)
        return told

    done = at_server(name, work)
    for one in done if out.dry_run else ():
        note(f"would {verb} {one['from']} to {one['to']}")
    word = {"copy": "copied", "move": "moved"}[verb]
    _told(out, done, word)


async def _is_into(session: "Session", nodes: "list[Node]", target: RemotePath) -> bool:
    from keycell.client.errors import BadUse, Conflict, NotFound
    from keycell.client.files import stat_or_none

    there = await stat_or_none(session, target.path)
    if there is not None and there.is_folder:
        return True
    if there is not None:
        raise Conflict(f"{target} is there already", "give another name, or remove it first")
    if len(nodes) > 1:
        raise BadUse(f"several files go into a folder, and {target} is none",
                     f"keycell mkdir -p {target}")  # fmt: skip
    if target.is_folder:
        raise NotFound(f"there is no folder {target}", f"keycell mkdir -p {target}")
    return False


def _told(out: Output, done: list[dict[str, str]], word: str) -> None:
    count = f"{len(done)} {'item' if len(done) == 1 else 'items'}"
    # As one says it: moved 2 items to the recycle bin.
    verb, _, where = word.partition(" ")
    did = f"{verb} {count} {where}".rstrip()
    out.changed({"items": done}, did, f"{count} would be {word}")


@changes
def rm(
    out: Output,
    paths: SeveralOnServer,
    permanently: Annotated[
        bool, typer.Option("--permanently", "-p", help="For good, not to the recycle bin.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", "-f", help="Do not ask.")] = False,
    no_glob: NoGlob = False,
) -> None:
    """Move to the recycle bin, or delete for good.

    keycell rm :personal-files/a.txt
    keycell rm ':team/*.tmp' --dry-run
    keycell rm -p :personal-files/old --yes
    """
    name, wanted = _unwanted(out.profile, paths, no_glob=no_glob)

    async def look(session: "Session") -> "list[Node]":
        return await meant(session, wanted, globs=not no_glob)

    nodes = at_server(name, look)
    deleted = [one for one in nodes if one.lies_in_bin]
    if deleted and len(deleted) < len(nodes) and not permanently:
        fail("some of these lie in a recycle bin, and would be deleted for good with the others",
             Exit.USAGE, "remove those and these by a command each, or all by -p")  # fmt: skip
    for_good = permanently or bool(deleted)
    done = [{"path": one.path} for one in nodes]
    for one in nodes if out.dry_run else ():
        note(f"would {'delete' if for_good else 'move'} {one.path}"
             f"{' for good' if for_good else ' to the recycle bin'}")  # fmt: skip
    if not out.dry_run:
        _confirm(nodes, for_good=for_good, yes=yes)
        at_server(name, lambda session: _remove(session, nodes, permanently=permanently))
    word = "deleted for good" if for_good else "moved to the recycle bin"
    _told(out, done, word)


def _unwanted(
    profile: str | None, paths: list[str], *, no_glob: bool
) -> "tuple[str, list[RemotePath]]":
    # The old client's way of saying all that lies in a folder.
    texts = [one[:-1] + "*" if one.endswith("/%") and not no_glob else one for one in paths]
    name, wanted = places(profile, texts)
    for top in wanted:
        if len(top.names) < _LEAST:
            fail(f"{top} is a space, not a file or folder", Exit.USAGE,
                 f"keycell rm '{top}/*' removes what lies in it")  # fmt: skip
    return name, wanted


async def _remove(session: "Session", nodes: "list[Node]", *, permanently: bool) -> None:
    from keycell.client import files

    if permanently or any(one.lies_in_bin for one in nodes):
        # What lies in a bin, the server knows: in a cell that name may be a folder's.
        await files.delete(session, [one.path for one in nodes], for_good=permanently)
    else:
        await files.delete_by_id(session, [one.node_id for one in nodes])


def _confirm(nodes: "list[Node]", *, for_good: bool, yes: bool) -> None:
    what = nodes[0].path if len(nodes) == 1 else f"{len(nodes)} files and folders"
    how = "Delete {} for good?" if for_good else "Move {} to the recycle bin?"
    confirm(how.format(what), yes=yes)


@changes
def mkdir(
    out: Output,
    paths: SeveralOnServer,
    parents: Annotated[
        bool, typer.Option("--parents", "-p", help="And those above it; one there is fine.")
    ] = False,
) -> None:
    """Make folders.

    keycell mkdir :personal-files/docs
    keycell mkdir -p :team/2026/november
    keycell mkdir :team/a :team/b --dry-run
    """
    name, wanted = places(out.profile, paths)

    async def work(session: "Session") -> None:
        from keycell.client.errors import Conflict, NotFound
        from keycell.client.files import make_folders, stat_or_none

        for one in wanted if not parents else ():
            if one.parent.names and await stat_or_none(session, one.parent.path) is None:
                raise NotFound(f"there is no folder {one.parent}", f"keycell mkdir -p {one}")
            if await stat_or_none(session, one.path) is not None:
                raise Conflict(f"{one} is there already", "mkdir -p takes that for done")
        if not out.dry_run:
            await make_folders(session, [one.path for one in wanted])

    at_server(name, work)
    _told(out, [{"path": one.path} for one in wanted], "made")


@changes
def touch(out: Output, paths: SeveralOnServer) -> None:
    """Make empty files where nothing is; what is there stays as it is.

    keycell touch :personal-files/todo.txt
    keycell touch :team/a.txt :team/b.txt
    keycell touch :team/a.txt --dry-run
    """
    name, wanted = places(out.profile, paths)

    async def work(session: "Session") -> None:
        from keycell.client.files import make_files

        for one in wanted:
            await find(session, one.parent)
        if not out.dry_run:
            await make_files(session, [one.path for one in wanted])

    at_server(name, work)
    _told(out, [{"path": one.path} for one in wanted], "made")
