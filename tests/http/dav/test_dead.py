"""What clients keep beside files, read for many of them. RFC4918-4."""

from collections.abc import Mapping, Sequence

import pytest

from keycell.files.ports import Files
from keycell.http.dav import propfind
from keycell.http.dav.dead import Dead, dead_of

from .conftest import Dav

MANY = 7
SET = (
    "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><z:own xmlns:z='urn:z'>beside {}"
    "</z:own></D:prop></D:set></D:propertyupdate>"
)


async def test_each_file_has_its_own_and_few_are_held_at_once(
    dav: Dav, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC4918-9.1, attack 89: a page of files may have 32 MB beside them."""
    asked: list[int] = []

    async def counted(files: Files, node_ids: Sequence[str]) -> Mapping[str, Dead]:
        asked.append(len(node_ids))
        return await dead_of(files, node_ids)

    monkeypatch.setattr(propfind, "_AT_ONCE", 3)
    monkeypatch.setattr(propfind, "dead_of", counted)
    await dav("MKCOL", "many")
    for number in range(MANY):
        await dav.put(f"many/{number}.txt")
        kept = await dav("PROPPATCH", f"many/{number}.txt", SET.format(number))
        assert "200 OK" in kept.text
    asked.clear()
    told = (await dav("PROPFIND", "many", Depth="1")).text
    assert asked == [1, 3, 3, 1]
    for number, one in enumerate(told.split("<D:response>")[2:]):
        assert f"{number}.txt" in one
        assert f"beside {number}<" in one
    assert told.count("beside ") == MANY
    names = "<propfind xmlns='DAV:'><prop><getetag/></prop></propfind>"
    asked.clear()
    assert (await dav("PROPFIND", "many", names, Depth="1")).text.count("<D:response>") == MANY + 1
    assert asked == []
