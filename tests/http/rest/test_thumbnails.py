"""Small pictures over REST: for whoever may read the file, and for nobody else."""

import httpx2
import pytest

from keycell.bootstrap import World

from ...photographs import gradient, opened, photograph, written
from .people import Person, alice, bo
from .test_about import deny
from .test_cells import folder, room
from .test_workspaces import home_of

__all__ = ["alice", "bo"]

HERE = "personal-files/photo.jpg"


async def put(world: World, who: Person, content: bytes, kind: str = "image/jpeg") -> str:
    """Put a file, and give where its small picture is."""
    placed = await home_of(world, who).put(HERE, content, kind=kind)
    return f"keycell/nodes/{placed.node.node_id}/thumbnail"


async def told(who: Person, at: str, **headers: str) -> httpx2.Response:
    shown = {"Authorization": f"Bearer {who.token}"} | headers
    return await who.http.get(f"/a/{at}", headers=shown)


async def test_f01_a_photograph_is_given_small_and_kept_by_who_asked(
    world: World, alice: Person
) -> None:
    """UX-F01: an address that names the content may be kept; every other asks again."""
    at = await put(world, alice, photograph())
    answer = await told(alice, at)
    assert answer.status_code == 200, answer.text
    assert opened(answer.content).size == (240, 320)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["cache-control"] == "private, no-cache"
    etag = (await alice.asks("GET", f"tree/stat/{HERE}"))["Node"]["Etag"]  # type: ignore[index]
    named = await told(alice, f"{at}?etag={etag}")
    assert named.headers["cache-control"] == "private, max-age=604800, immutable"
    assert named.content == answer.content
    again = await told(alice, f"{at}?etag={etag}", **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    await put(world, alice, written(gradient(64, 64), "JPEG"))
    other = await told(alice, f"{at}?etag={etag}", **{"If-None-Match": answer.headers["etag"]})
    assert other.status_code == 200
    assert other.headers["cache-control"] == "private, no-cache"
    assert opened(other.content).size == (64, 64)


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [(b"<html>", "image/jpeg", "no small picture"), (b"<svg/>", "image/svg+xml", "only JPEG"),
     (photograph(40, 30), "text/plain", "only JPEG"), (b"", "image/png", "no small picture")],
)  # fmt: skip
async def test_what_has_none_is_told_with_the_reason(
    world: World, alice: Person, content: bytes, kind: str, said: str
) -> None:
    at = await put(world, alice, content, kind)
    for _ in range(2):
        answer = await told(alice, at)
        assert answer.status_code == 404
        assert answer.json()["Code"] == "NoThumbnail"
        assert answer.json()["Title"].startswith(said)
    docs = await folder(world, alice)
    await alice.is_told(404, "GET", f"keycell/nodes/{docs}/thumbnail")


async def test_attack_87_small_pictures_are_for_who_may_read_the_file(
    world: World, alice: Person, bo: Person
) -> None:
    """Not even that somebody's is unchanged is told to others; deny wins over what is given."""
    at = await put(world, alice, photograph())
    tag = (await told(alice, at)).headers["etag"]
    for headers in ({}, {"If-None-Match": tag}):
        assert (await told(bo, at, **headers)).status_code == 404
        assert (await bo.http.get(f"/a/{at}", headers=headers)).status_code == 401
    docs = await folder(world, alice)
    home = home_of(world, alice)
    shared = (await home.put("personal-files/docs/b.jpg", photograph(), kind="image/jpeg")).node
    at = f"keycell/nodes/{shared.node_id}/thumbnail"
    await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    assert (await told(bo, at)).content == (await told(alice, at)).content
    await deny(world, shared.node_id, bo)
    assert (await told(bo, at)).status_code == 404
    assert (await told(alice, at)).status_code == 200
