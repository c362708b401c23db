"""The recycle bin: where what is deleted goes, and who is shown it."""

import asyncio

from .conftest import HOME, Dav
from .test_methods import find, hrefs


async def test_deleting_is_moving_to_the_recycle_bin(dav: Dav) -> None:
    """RFC4918-9.6."""
    await dav("MKCOL", "Docs")
    await dav.put("Docs/a.txt")
    assert (await dav("DELETE", "Docs", Depth="0")).status_code == 400
    assert (await dav("DELETE", "Docs")).status_code == 204
    assert (await dav("DELETE", "Docs")).status_code == 404
    assert (await dav("GET", "recycle_bin/Docs/a.txt")).status_code == 200
    assert await dav.put("recycle_bin/b.txt") == 403
    moved = await dav("MOVE", "recycle_bin/Docs", Destination=f"{HOME}/Back")
    assert moved.status_code == 403
    assert (await dav("DELETE", "recycle_bin/Docs/a.txt")).status_code == 204
    assert (await dav("GET", "recycle_bin/Docs/a.txt")).status_code == 404
    assert (await dav("DELETE", "recycle_bin")).status_code in (403, 409)
    assert (await dav("DELETE", "")).status_code == 403


async def test_who_mirrors_a_space_does_not_meet_its_recycle_bin(dav: Dav) -> None:
    """A program that makes a space like a folder would take the bin for too much."""
    for name in ("a.txt", "z.txt"):
        await dav.put(name)
    await dav("DELETE", "a.txt")
    seen = [f"{HOME}/", f"{HOME}/z.txt"]
    assert hrefs(await find(dav, "", "D:getetag", depth="1")) == seen
    assert hrefs(await find(dav, "", "D:getetag", depth="infinity")) == seen
    for depth in ("1", "infinity"):
        inside = hrefs(await find(dav, "recycle_bin", "D:getetag", depth=depth))
        assert inside == [f"{HOME}/recycle_bin/", f"{HOME}/recycle_bin/a.txt"]
    await dav("MKCOL", "Docs")
    await dav("MKCOL", "Docs/recycle_bin")
    assert f"{HOME}/Docs/recycle_bin/" in hrefs(await find(dav, "Docs", "D:getetag", depth="1"))
    assert "recycle_bin" in (await dav("GET", "", Accept="text/html")).text


async def test_of_twenty_that_replace_or_delete_one_version_one_does(dav: Dav) -> None:
    """RFC9110-13.1.1."""
    assert await dav.put("a.txt", b"first") == 201
    tag = (await dav("HEAD", "a.txt")).headers["etag"]
    asked = [
        dav("DELETE", "a.txt", If_Match=tag) if n % 2 else
        dav("PUT", "a.txt", b"%d" % n, If_Match=tag)
        for n in range(20)
    ]  # fmt: skip
    answers = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert answers.count(204) == 1
    # Who comes after it was deleted finds nothing to delete.
    assert set(answers) <= {204, 412, 404}
    kept = await dav("GET", "a.txt")
    assert kept.status_code == (404 if answers.index(204) % 2 else 200)
