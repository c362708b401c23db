"""Following the server's feed: everything once, then what changed. See decisions/0031."""

import json
from collections.abc import Mapping
from typing import Any

from keycell.sync.errors import Dropped, RootGone
from keycell.sync.kept import Kept
from keycell.sync.state import State
from keycell.sync.trees import DEEPEST, Place, Remote
from keycell.sync.wire import CursorGone, Wire

_NEW = "new folders"
"""Told of, and not yet looked into; kept with the page that told of them."""


async def follow(wire: Wire, state: State) -> bool:
    """Bring what is known of the server up to date; tell whether anything is new."""
    try:
        is_new = await _drain(wire, state)
    except CursorGone:
        await _everything(wire, state)
        return True
    if new := json.loads(state.said(_NEW, "[]")):
        if await _brought_unseen(wire, state, new):
            await _everything(wire, state)
            return True
        with state.change():
            state.say(_NEW, "[]")
    return is_new


async def _brought_unseen(wire: Wire, state: State, folders: list[str]) -> bool:
    """Tell whether a folder came from elsewhere, and brought what was never told of."""
    known = Kept(state.remote)
    for folder in folders:
        path = path_of(known, folder, state.said("root"))
        if path is None:
            continue
        try:
            if not all(map(state.has_remote, await wire.children(path))):
                return True
        except Dropped:
            # It went on meanwhile, and will be told of as a folder that is known.
            return True
    return False


async def _everything(wire: Wire, state: State) -> None:
    with state.change():
        state.forget_remotes()
        state.say("cursor", "0")
        state.say("until", "0")
        state.say(_NEW, "[]")
    await _drain(wire, state)


async def _drain(wire: Wire, state: State) -> bool:
    cursor = kept = int(state.said("cursor", "0"))
    began, more = cursor, True
    until = int(state.said("until", "0"))
    while more:
        told = await wire.changes(cursor, until=until)
        _check_root(state, told["root"])
        if not cursor:
            until = told.get("until", 0)
        here = [_read(one) for one in told["changes"] if not one["deleted"]]
        # What was never seen here may go: most of a large space, where one folder is synced.
        gone = [one["id"] for one in told["changes"]
                if one["deleted"] and state.has_remote(one["id"])]  # fmt: skip
        # What lies in those that were there when everything was told is told, too.
        told_in_part = (one for one in here if one.is_folder and one.revision > until)
        new = [one.id for one in told_in_part if not state.has_remote(one.id)]
        cursor, more = told["cursor"], told["more"]
        if here or gone:
            with state.change():
                state.put_remotes(gone, here)
                # Kept with the page: a crash repeats a page, and skips none.
                state.say("cursor", str(cursor))
                state.say("until", str(until))
                state.say("settled", "")
                if new:
                    state.say(_NEW, json.dumps(json.loads(state.said(_NEW, "[]")) + new))
            kept = cursor
    if cursor != kept:
        state.say("cursor", str(cursor))
    return cursor != began


def _check_root(state: State, root: str) -> None:
    kept = state.said("root")
    if kept and kept != root:
        raise RootGone(
            "another folder stands on the server where the synced one was",
            "move it back, or remove this sync and add it anew",
        )
    if not kept:
        state.say("root", root)


def _read(one: dict[str, Any]) -> Remote:
    is_folder = one["type"] == "folder"
    return Remote(
        id=one["id"],
        place=Place(one["parent"] or "", one["name"]),
        is_folder=is_folder,
        digest="" if is_folder else one["sha256"],
        version=one["version"] or "",
        etag=one["etag"] or "",
        revision=one["seq"],
        size=one["size"],
        mtime_ms=one["mtime"],
    )


def path_of(known: Mapping[str, Remote], node_id: str, root: str) -> str | None:
    """Give a node's path below the top; None if it hangs from elsewhere."""
    names: list[str] = []
    while node_id != root:
        node = known.get(node_id)
        if node is None or len(names) > DEEPEST:
            return None
        names.append(node.place.name)
        node_id = node.place.parent
    return "/".join(reversed(names))
