"""Following the server's feed: nothing is skipped, whenever it is cut off. decisions/0031."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from keycell.files.finding import stat
from keycell.files.moving import move, trash
from keycell.files.names import read_path
from keycell.files.writing import make_folder
from keycell.sync.errors import Away, Dropped, RootGone
from keycell.sync.remote import follow, path_of
from keycell.sync.state import State
from keycell.sync.trees import Place, Remote
from keycell.sync.wire import Wire

from .inside import Inside


def known(state: State) -> set[str | None]:
    """Give the paths of all that the server told of."""
    told, root = state.remotes(), state.said("root")
    return {path_of(told, one, root) for one in told if one != root}


async def moves(inside: Inside, path: str, to: str) -> None:
    home = inside.home
    located = await stat(home.files, home.actor, read_path(path))
    await move(home.files, home.actor, located, read_path(to))


async def test_everything_is_told_once_and_then_what_changes(inside: Inside) -> None:
    await inside.home.put("personal-files/d/a.txt", b"a")
    with inside.state() as state:
        async with inside.wire() as wire:
            assert await follow(wire, state)
            assert known(state) >= {"d", "d/a.txt"}
            assert not await follow(wire, state)
            await inside.home.put("personal-files/d/b.txt", b"b")
            located = await stat(inside.home.files, inside.home.actor,
                                 read_path("personal-files/d/a.txt"))  # fmt: skip
            await trash(inside.home.files, inside.home.actor, located)
            assert await follow(wire, state)
            assert "d/b.txt" in known(state)
            assert "d/a.txt" not in known(state)


async def test_pages_are_kept_one_by_one(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keycell.sync.wire._MOST", 1)
    for name in ("a", "b", "c"):
        await inside.home.put(f"personal-files/{name}", b"x")
    changes, asked = Wire.changes, list[int]()

    async def cut(self: Wire, cursor: int, wait: int = 0, until: int = 0) -> dict[str, Any]:
        asked.append(cursor)
        if len(asked) == 4:
            raise Away("cut off")
        return await changes(self, cursor, wait, until)

    monkeypatch.setattr(Wire, "changes", cut)
    with inside.state() as state:
        state.say("settled", "yes")
        async with inside.wire() as wire:
            with pytest.raises(Away):
                await follow(wire, state)
            # It goes on behind the last page that was kept, whose nodes are known.
            assert int(state.said("cursor")) == asked[3] > asked[2] > asked[1] > 0
            assert len(known(state)) == 1
            assert state.said("settled") == ""
            await follow(wire, state)
            assert asked[4] == asked[3]
            assert known(state) >= {"a", "b", "c"}


async def test_a_cursor_is_kept_with_what_it_stands_for_alone(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await inside.home.put("personal-files/a", b"x")
    say = State.say

    def dying(self: State, name: str, value: str) -> None:
        say(self, name, value)
        if name == "cursor":
            raise KeyboardInterrupt

    def dies(self: State, gone: Iterable[str], nodes: Sequence[Remote]) -> None:
        raise KeyboardInterrupt

    with inside.state() as state:
        async with inside.wire() as wire:
            for name, broken in (("say", dying), ("put_remotes", dies)):
                monkeypatch.setattr(State, name, broken)
                with pytest.raises(KeyboardInterrupt):
                    await follow(wire, state)
                monkeypatch.undo()
                assert state.said("cursor", "0") == "0"
                assert state.remotes() == {}


async def test_a_cursor_that_the_feed_reaches_no_more_means_everything_anew(
    inside: Inside,
) -> None:
    await inside.home.put("personal-files/a", b"x")
    with inside.state() as state:
        async with inside.wire() as wire:
            await follow(wire, state)
            state.put_remotes((), [Remote(id="gone", place=Place(state.said("root"), "gone"),
                                          is_folder=False)])  # fmt: skip
            state.say("cursor", "1000000")
            state.say("new folders", '["gone"]')
            assert await follow(wire, state)
            assert "a" in known(state)
            assert "gone" not in known(state)
            assert int(state.said("cursor")) < 1000
            assert state.said("new folders") == "[]"


async def test_what_changes_beside_the_synced_folder_is_nothing_new(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is planned for it, and it is asked for once."""
    home, inside.top = inside.home, "personal-files/work"
    monkeypatch.setattr("keycell.sync.wire._MOST", 1)
    for name in ("work/a", "else/b", "else/c"):
        await home.put(f"personal-files/{name}", b"x")
    with inside.state() as state:
        async with inside.wire() as wire:
            await follow(wire, state)
            assert known(state) == {"a"}
            cursor, root = int(state.said("cursor")), state.said("root")
            assert (await wire.changes(cursor))["changes"] == []
            state.say("settled", "yes")
            await home.put("personal-files/else/d", b"x")
            await moves(inside, "personal-files/else/b", "personal-files/else/e")
            assert await follow(wire, state)
            assert (state.said("settled"), state.remotes().keys() & {root}) == ("yes", {root})
            assert int(state.said("cursor")) > cursor
            assert not await follow(wire, state)
            await moves(inside, "personal-files/work/a", "personal-files/else/a")
            assert await follow(wire, state)
            assert (state.said("settled"), known(state)) == ("", set())


async def test_of_a_large_space_one_folder_is_asked_for_alone(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, inside.top = inside.home, "personal-files/work"
    monkeypatch.setattr("keycell.sync.wire._MOST", 4)
    for number in range(12):
        await home.put(f"personal-files/else/{number}", b"x")
    for name in ("work/a", "work/d/b", "work/d/c"):
        await home.put(f"personal-files/{name}", b"x")
    changes, asked = Wire.changes, list[int]()

    async def counted(self: Wire, cursor: int, wait: int = 0, until: int = 0) -> dict[str, Any]:
        asked.append(cursor)
        return await changes(self, cursor, wait, until)

    monkeypatch.setattr(Wire, "changes", counted)
    with inside.state() as state:
        async with inside.wire() as wire:
            await follow(wire, state)
            assert known(state) == {"a", "d", "d/b", "d/c"}
            assert len(asked) == 2, "of twenty nodes in the space, five at four a page"
            assert (await wire.changes(int(state.said("cursor"))))["changes"] == []


async def test_what_comes_while_everything_is_told_is_looked_into(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in it was passed over before it came, and is told of by no other page."""
    home, inside.top = inside.home, "personal-files/work"
    monkeypatch.setattr("keycell.sync.wire._MOST", 1)
    for name in ("d/e/b", "work/a", "work/c"):
        await home.put(f"personal-files/{name}", b"x")
    changes, asked = Wire.changes, list[int]()

    async def moving(self: Wire, cursor: int, wait: int = 0, until: int = 0) -> dict[str, Any]:
        asked.append(cursor)
        if len(asked) == 3:
            await moves(inside, "personal-files/d", "personal-files/work/d")
        return await changes(self, cursor, wait, until)

    monkeypatch.setattr(Wire, "changes", moving)
    with inside.state() as state:
        async with inside.wire() as wire:
            await follow(wire, state)
            await follow(wire, state)
            assert known(state) == {"a", "c", "d", "d/e", "d/e/b"}


async def test_another_folder_in_the_place_of_the_synced_one_is_told(inside: Inside) -> None:
    home, inside.top = inside.home, "personal-files/work"
    await home.put("personal-files/work/a", b"x")
    with inside.state() as state:
        async with inside.wire() as wire:
            await follow(wire, state)
            await moves(inside, "personal-files/work", "personal-files/elsewhere")
            await make_folder(home.files, home.actor, read_path("personal-files/work"))
            with pytest.raises(RootGone):
                await follow(wire, state)
            assert known(state) == {"a"}


async def brought(inside: Inside, state: State, wire: Wire) -> None:
    """Have two folders come into the synced one, which the feed tells of by name alone."""
    inside.top = "personal-files/work"
    for name in ("work/a", "d/e/b", "f/c"):
        await inside.home.put(f"personal-files/{name}", b"x")
    await follow(wire, state)
    await moves(inside, "personal-files/d", "personal-files/work/d")
    await moves(inside, "personal-files/f", "personal-files/work/f")


async def test_folders_from_elsewhere_are_looked_into(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each on a page of its own: what one of them told of new folders outlasts the next.
    inside.top = "personal-files/work"
    children, looked = Wire.children, list[str]()

    async def looking(self: Wire, path: str) -> set[str]:
        looked.append(path)
        if len(looked) == 1:
            raise Away("cut off")
        return await children(self, path)

    with inside.state() as state:
        async with inside.wire() as wire:
            await brought(inside, state, wire)
            monkeypatch.setattr("keycell.sync.wire._MOST", 1)
            monkeypatch.setattr(Wire, "children", looking)
            with pytest.raises(Away):
                await follow(wire, state)
            assert state.said("new folders").count(",") == 1
            await follow(wire, state)
            assert known(state) == {"a", "d", "d/e", "d/e/b", "f", "f/c"}
            assert looked[0] == looked[1]
            assert not await follow(wire, state)
            assert len(looked) == 2


async def test_a_folder_from_elsewhere_that_goes_on_is_told_of_anew(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.top = "personal-files/work"

    async def went_on(self: Wire, path: str) -> set[str]:
        raise Dropped(path)

    with inside.state() as state:
        async with inside.wire() as wire:
            await brought(inside, state, wire)
            monkeypatch.setattr(Wire, "children", went_on)
            await follow(wire, state)
            assert known(state) == {"a", "d", "d/e", "d/e/b", "f", "f/c"}


async def test_a_new_folder_is_looked_into_once_and_not_where_it_left(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.top = "personal-files/work"
    looked = list[str]()
    children = Wire.children

    async def looking(self: Wire, path: str) -> set[str]:
        looked.append(path)
        return await children(self, path)

    monkeypatch.setattr(Wire, "children", looking)
    with inside.state() as state:
        async with inside.wire() as wire:
            await inside.home.put("personal-files/work/a", b"x")
            await follow(wire, state)
            await inside.home.put("personal-files/work/new/b", b"x")
            state.say("new folders", '["left"]')
            assert await follow(wire, state)
            assert looked == ["new"]
            await inside.home.put("personal-files/work/new/c", b"x")
            await moves(inside, "personal-files/work/new", "personal-files/work/known")
            await follow(wire, state)
            assert looked == ["new"]
            assert known(state) == {"a", "known", "known/b", "known/c"}


def test_a_path_leads_to_the_top_or_nowhere() -> None:
    def node(node_id: str, parent: str) -> Remote:
        return Remote(id=node_id, place=Place(parent, node_id), is_folder=True)

    told = {one.id: one for one in (node("a", "top"), node("b", "a"), node("c", "d"),
                                    node("d", "c"), node("e", "nowhere"))}  # fmt: skip
    found = {one: path_of(told, one, "top") for one in ("top", *told, "unknown")}
    assert found == {"top": "", "a": "a", "b": "a/b", "c": None, "d": None, "e": None,
                     "unknown": None}  # fmt: skip
