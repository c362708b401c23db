"""A file that somebody holds a lock on over WebDAV, to a program that comes over S3 or REST."""

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World

from ..dav.conftest import Dav, token_for
from .conftest import S3, code, xml
from .test_uploads import begin, complete, part

KEY = "personal-files/a.txt"


@pytest.fixture
async def dav(world: World, ann: Account, s3: S3) -> Dav:
    return Dav(s3.http, await token_for(world, ann))


async def refused(answer: httpx2.Response) -> None:
    """It may pass by itself: a program tries again, and its person reads until when."""
    assert code(answer) == "503 SlowDown"
    assert xml(answer).findtext("Reason") == "Locked"
    assert "it is locked until" in (xml(answer).findtext("Message") or "")
    assert answer.headers["retry-after"]


async def test_a_locked_file_is_told_and_stays_as_it_was(s3: S3, dav: Dav) -> None:
    """RFC4918-7, CELLS-CLIENT.md 4.3."""
    await s3.put(KEY, b"old")
    upload = await begin(s3, key=KEY)
    etag = await part(s3, upload, 1, b"new", key=KEY)
    token = await dav.lock("a.txt")
    await refused(await s3.ask("PUT", KEY, b"new"))
    await refused(await s3.ask("DELETE", KEY))
    await refused(await complete(s3, upload, (1, etag), key=KEY))
    source = {"x-amz-copy-source": f"/io/{KEY}"}
    await refused(
        await s3.ask("PUT", KEY, headers=source | {"x-amz-metadata-directive": "REPLACE"})
    )
    body = {"Nodes": [{"Path": KEY}]}
    bearer = {"Authorization": f"Bearer {dav.token}"}
    rest = await s3.http.post("/a/tree/delete", json=body, headers=bearer)
    assert rest.status_code == 423, rest.text
    assert "it is locked until" in rest.json()["Detail"]
    # Reading and copying from it suffer no harm.
    assert (await s3.ask("GET", KEY)).content == b"old"
    assert (await s3.ask("PUT", "personal-files/b.txt", headers=source)).status_code == 200
    assert (await dav("UNLOCK", "a.txt", Lock_Token=f"<{token}>")).status_code == 204
    assert (await complete(s3, upload, (1, etag), key=KEY)).status_code == 200
    assert (await s3.ask("GET", KEY)).content == b"new"


async def test_many_keys_are_deleted_save_the_locked(s3: S3, dav: Dav) -> None:
    for name in ("a.txt", "b.txt"):
        await s3.put(f"personal-files/{name}")
    await dav.lock("a.txt")
    keys = "".join(
        f"<Object><Key>personal-files/{name}</Key></Object>" for name in ("a.txt", "b.txt")
    )
    answer = await s3.ask("POST", content=f"<Delete>{keys}</Delete>".encode(), delete="")
    root = xml(answer)
    assert [one.text for one in root.iterfind("Deleted/Key")] == ["personal-files/b.txt"]
    assert root.findtext("Error/Code") == "SlowDown"
    assert "it is locked until" in (root.findtext("Error/Message") or "")
