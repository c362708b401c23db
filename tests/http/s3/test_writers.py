"""Many writers at once, and a server that is killed while they write."""

import asyncio
import hashlib
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx2
import pytest

from keycell.bootstrap import World

from ...conftest import PASSWORD
from ...server import keycell, keycell_json, serving
from .conftest import S3, code

KEY = "personal-files/a"


async def test_of_twenty_that_make_a_file_one_does(s3: S3) -> None:
    """RFC9110-13.1.2."""
    asked = (s3.ask("PUT", KEY, b"%d" % n, headers={"If-None-Match": "*"}) for n in range(20))
    answers = await asyncio.gather(*asked)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [412] * 19
    [won] = [n for n, answer in enumerate(answers) if answer.status_code == 200]
    assert (await s3.ask("GET", KEY)).content == b"%d" % won


async def test_of_twenty_that_replace_one_version_one_does(s3: S3) -> None:
    """RFC9110-13.1.1."""
    tag = (await s3.put(KEY, b"first")).headers["etag"]
    asked = (s3.ask("PUT", KEY, b"%d" % n, headers={"If-Match": tag}) for n in range(20))
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*asked))
    assert statuses == [200] + [412] * 19


async def test_of_twenty_that_replace_or_delete_one_version_one_does(s3: S3) -> None:
    """RFC9110-13.1.1: whoever deletes what they have seen deletes nothing that came after it."""
    headers = {"If-Match": (await s3.put(KEY, b"first")).headers["etag"]}
    asked = [
        s3.ask("DELETE", KEY, headers=headers) if n % 2 else
        s3.ask("PUT", KEY, b"%d" % n, headers=headers)
        for n in range(20)
    ]  # fmt: skip
    answers = [answer.status_code for answer in await asyncio.gather(*asked)]
    kept = await s3.ask("GET", KEY)
    if kept.status_code == 200:
        won = int(kept.content)
        assert answers == [200 if n == won else 412 for n in range(20)]
    else:
        # Who comes after it was deleted finds nothing to delete, which is no error here.
        assert set(answers[::2]) == {412}
        assert 204 in answers[1::2]


async def test_twenty_without_conditions_are_all_kept(s3: S3, world: World) -> None:
    """DESIGN 11: what was overwritten can come back."""
    answers = await asyncio.gather(*(s3.ask("PUT", KEY, b"%d" % n) for n in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    account = await world.people.accounts.find_by_login("ann")
    assert account is not None
    space = await world.files.spaces.find("personal-files", account.sub)
    assert space is not None
    found = await world.files.nodes.resolve(space.root_id, ("a",))
    versions = await world.files.nodes.versions(found.node.node_id, 100)
    tags = {version.content.etag for version in versions}
    wanted = {hashlib.md5(b"%d" % n, usedforsecurity=False).hexdigest() for n in range(20)}
    assert tags == wanted


def _upload(http: httpx2.Client, number: int, content: bytes) -> bool:
    """Upload a file; tell whether the server acknowledged it."""
    try:
        answer = http.put(f"/io/personal-files/killed/{number}", content=content)
    except httpx2.TransportError:
        return False
    return answer.status_code == 200


@pytest.mark.parametrize("after", [0.05, 0.3])
def test_a_killed_server_keeps_what_it_acknowledged_and_no_half(
    tmp_path: Path, after: float
) -> None:
    with serving(tmp_path / "data") as server:
        where = ("--data", str(server.data))
        keycell("admin", "user", "add", "ann", "--password-stdin", *where, stdin=PASSWORD)
        token = keycell_json(
            "admin", "token", "add", "ann", "--label", "t", "--expires", "1h", *where
        )["access_token"]
        contents = [os.urandom(1000 if n % 2 else 700_000) for n in range(100)]
        bearer = {"Authorization": f"Bearer {token}"}
        with httpx2.Client(base_url=server.url, headers=bearer, timeout=60) as http:
            with ThreadPoolExecutor(16) as pool:
                timer = threading.Timer(after, server.stop, (signal.SIGKILL,))
                timer.start()
                told = list(pool.map(partial(_upload, http), range(100), contents))
                timer.join()
            server.start()
            for number, was_told in enumerate(told):
                got = http.get(f"/io/personal-files/killed/{number}")
                if was_told or got.status_code == 200:
                    assert got.content == contents[number]
                else:
                    assert code(got) == "404 NoSuchKey"
