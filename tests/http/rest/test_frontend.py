"""Who somebody is, and the pictures of people. CELLS-CLIENT.md 2; ATTACKS.md 83."""

import httpx2
import pytest
from defusedxml import ElementTree

from .conftest import Caller

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
PICTURE = "/a/frontend/binaries/USER/"


async def send(caller: Caller, owner: str, content: bytes) -> httpx2.Response:
    headers = caller.headers | {"Content-Type": "text/html"}
    return await caller.http.post(f"{PICTURE}{owner}", content=content, headers=headers)


async def test_the_first_attribute_of_the_user_is_their_login(ann_calls: Caller) -> None:
    answer = await ann_calls.call("GET", "/a/frontend/state")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    user = ElementTree.fromstring(answer.content).find("user")
    assert user is not None
    assert next(iter(user.attrib.items())) == ("id", "ann")
    slugs = [repo.get("repositorySlug") for repo in user.iter("repo")]
    assert slugs == ["common-files", "personal-files"]
    nobody = await ann_calls.http.get("/a/frontend/state")
    assert nobody.status_code == 401
    assert "<user" not in nobody.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a", "image/gif"),
     (b"RIFF\0\0\0\0WEBP", "image/webp")],
)  # fmt: skip
async def test_a_picture_is_what_its_bytes_are(
    ann_calls: Caller, content: bytes, kind: str
) -> None:
    assert (await ann_calls.http.get(f"{PICTURE}ann")).status_code == 404
    assert (await send(ann_calls, "ann", content)).status_code == 200
    shown = await ann_calls.http.get(f"{PICTURE}ann")
    assert shown.content == content
    assert shown.headers["content-type"] == kind
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("owner", "content", "status"),
    [("ann", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 400), ("ann", b"<html>", 400),
     ("ann", b"", 400), ("ann", b"RIFF\0\0\0\0WAVE", 400), ("ann", PNG + b"x" * 2**19, 413),
     ("bob", PNG, 403), ("%00", PNG, 404)],
)  # fmt: skip
async def test_what_is_no_picture_or_not_ones_own_is_refused(
    ann_calls: Caller, owner: str, content: bytes, status: int
) -> None:
    assert (await send(ann_calls, owner, content)).status_code == status
    assert (await ann_calls.http.post(f"{PICTURE}ann", content=PNG)).status_code == 401
