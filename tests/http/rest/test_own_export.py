"""What one takes along beside one's files: everything that is one's own, and nobody else's."""

from typing import Any

from keycell.bootstrap import World

from .people import Person, alice, bo, root
from .test_about import node_at
from .test_cells import folder, room
from .test_sayings import say

__all__ = ["alice", "bo", "root"]


async def taken(who: Person) -> Any:  # noqa: ANN401  (any JSON)
    return await who.asks("GET", "keycell/account/export")


async def test_links_stars_picture_and_choices_are_taken_along(
    world: World, alice: Person, bo: Person
) -> None:
    """UX-P10."""
    docs = await folder(world, alice)
    await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    node = await node_at(alice, "personal-files/docs/a.txt")
    await alice.asks("PUT", "share/link", {
        "ShareLink": {"RootNodes": [{"Uuid": docs}], "Permissions": ["Preview"], "Label": "Box"},
        "PasswordEnabled": True, "CreatePassword": "correct horse battery",
    })  # fmt: skip
    await say(alice, node, "bookmark", '"true"')
    await world.files.pictures.put("USER", alice.account.sub, "image/png", b"\x89PNG")
    await alice.asks("PUT", "keycell/account/letters", {"off": ["shares"]})
    hers = await taken(alice)
    (link,) = hers["links"]
    assert (link["label"], link["about"], link["has_password"]) == (
        "Box", "personal-files/docs", True,
    )  # fmt: skip
    assert "argon2" not in str(hers)
    assert hers["bookmarks"] == ["personal-files/docs/a.txt"]
    assert hers["picture"] == {"content_type": "image/png", "base64": "iVBORw=="}
    assert hers["letters_off"] == ["shares"]
    his = await taken(bo)
    assert (his["links"], his["bookmarks"], his["picture"]) == ([], [], None)
