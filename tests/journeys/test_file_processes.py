"""Two servers on one database and one folder of bytes agree on every file. decisions/0013."""

import base64
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest

from ..server import Server
from .files import MIB, Programs, grow, same, settle

KEY = {"KEYCELL_SEALING_KEY": base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()}
HOME = "personal-files"
SMALLEST_PART = 5 * MIB
LOCK = (
    "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype>"
    "</lockinfo>"
)


@dataclass(frozen=True)
class Pair:
    """Two servers, and the programs of one person at the first."""

    one: Server
    two: Server
    ann: Programs


Clients = tuple[httpx2.Client, httpx2.Client]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("file-pair")
    if request.param == "sqlite":
        yield from _paired(folder, {})
        return
    with request.getfixturevalue("postgres").database() as url:
        yield from _paired(folder, KEY | {"KEYCELL_DATABASE": url})


def _paired(folder: Path, environment: dict[str, str]) -> Iterator[Pair]:
    one = Server(folder / "data", (), environment)
    one.start()
    two = Server(folder / "data", ("--public-url", one.url), environment)
    two.log = folder / "two.log"
    two.start()
    try:
        ann = settle(one).programs(folder, "openid files.read files.write")
        yield Pair(one, two, ann)
    finally:
        assert [one.stop(), two.stop()] == [0, 0]


@pytest.fixture
def clients(pair: Pair) -> Iterator[Clients]:
    """Ann's, at the one and at the other."""
    bearer = {"Authorization": f"Bearer {pair.ann.token}"}
    with (
        httpx2.Client(base_url=pair.one.url, headers=bearer, timeout=60) as one,
        httpx2.Client(base_url=pair.two.url, headers=bearer, timeout=60) as two,
    ):
        yield one, two


@pytest.fixture
def ann(pair: Pair, tmp_path: Path) -> Programs:
    return replace(pair.ann, folder=tmp_path)


def at_once(ask: Callable[[int], httpx2.Response]) -> list[httpx2.Response]:
    with ThreadPoolExecutor(20) as threads:
        return list(threads.map(ask, range(20)))


def test_what_rclone_brings_to_one_by_s3_it_finds_at_the_other_by_webdav(
    pair: Pair, ann: Programs, tmp_path: Path
) -> None:
    tree = grow(tmp_path / "tree", many=40)
    elsewhere = replace(ann, server=pair.two)
    ann.rclone("copy", tree, f"s3:io/{HOME}/by s3", "--s3-list-version", "2")
    elsewhere.rclone("check", "--download", tree, f"dav:{HOME}/by s3")
    elsewhere.rclone("copy", f"dav:{HOME}/by s3", tmp_path / "back")
    assert same(tree, tmp_path / "back")
    elsewhere.rclone("copy", tree, f"dav:{HOME}/by dav")
    ann.rclone("check", "--download", tree, f"s3:io/{HOME}/by dav")
    elsewhere.rclone("purge", f"dav:{HOME}/by s3")
    assert "many" not in ann.rclone("lsf", f"s3:io/{HOME}/by s3", code=None)


def test_of_twenty_who_make_a_file_at_both_one_wins(clients: Clients) -> None:
    """RFC9110-13.1.2: the others hear 412, on either wire."""

    def put(number: int) -> httpx2.Response:
        wire = "io" if number % 4 < 2 else "dav"
        return clients[number % 2].put(
            f"/{wire}/{HOME}/once.txt", content=str(number), headers={"If-None-Match": "*"}
        )

    answers = at_once(put)
    assert Counter(one.status_code in (200, 201) for one in answers) == {True: 1, False: 19}
    assert {one.status_code for one in answers if one.status_code not in (200, 201)} == {412}
    won = next(number for number, one in enumerate(answers) if one.status_code in (200, 201))
    assert [one.get(f"/io/{HOME}/once.txt").text for one in clients] == [str(won)] * 2


def test_what_twenty_write_at_both_is_all_kept_as_versions(clients: Clients) -> None:
    contents = [os.urandom(20_000 if number % 3 else 100) for number in range(20)]

    def put(number: int) -> httpx2.Response:
        wire = "io" if number % 4 < 2 else "dav"
        return clients[number % 2].put(f"/{wire}/{HOME}/all.bin", content=contents[number])

    assert {one.status_code for one in at_once(put)} <= {200, 201, 204}
    for client in clients:
        node = client.get(f"/a/tree/stat/{HOME}%2Fall.bin").json()["Node"]["Uuid"]
        assert len(client.get(f"/a/keycell/versions/{node}").json()["items"]) == len(contents)
    latest = [one.get(f"/dav/{HOME}/all.bin").content for one in clients]
    assert latest[0] == latest[1]
    assert latest[0] in contents


def test_parts_that_come_to_either_make_one_file(clients: Clients) -> None:
    one, two = clients
    parts = [os.urandom(SMALLEST_PART), os.urandom(SMALLEST_PART), os.urandom(1000)]
    begun = one.post(f"/io/{HOME}/parts.bin?uploads").text
    found = re.search(r"<UploadId>([^<]+)<", begun)
    assert found, begun

    def put(number: int) -> str:
        where = {"partNumber": str(number + 1), "uploadId": found[1]}
        sent = (two, one)[number % 2].put(
            f"/io/{HOME}/parts.bin", params=where, content=parts[number]
        )
        assert sent.status_code == 200, sent.text
        return sent.headers["etag"]

    with ThreadPoolExecutor(3) as threads:
        tags = list(threads.map(put, range(3)))
    told = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
        for number, tag in enumerate(tags, 1)
    )
    done = two.post(
        f"/io/{HOME}/parts.bin", params={"uploadId": found[1]},
        content=f"<CompleteMultipartUpload>{told}</CompleteMultipartUpload>",
    )  # fmt: skip
    assert "CompleteMultipartUploadResult" in done.text
    whole = b"".join(parts)
    assert one.get(f"/io/{HOME}/parts.bin").content == whole
    span = {"Range": f"bytes={SMALLEST_PART - 10}-{SMALLEST_PART + 9}"}
    ranged = two.get(f"/dav/{HOME}/parts.bin", headers=span)
    assert ranged.status_code == 206
    assert ranged.content == whole[SMALLEST_PART - 10 : SMALLEST_PART + 10]


def test_a_lock_that_one_gives_holds_at_the_other(clients: Clients) -> None:
    """RFC4918-6.1, RFC4918-7.5; over S3 a lock is something that passes."""
    one, two = clients
    assert one.put(f"/dav/{HOME}/locked.txt", content="1").status_code == 201
    locked = one.request("LOCK", f"/dav/{HOME}/locked.txt", content=LOCK)
    assert locked.status_code == 200
    for wire, status in (("dav", 423), ("io", 503)):
        refused = two.put(f"/{wire}/{HOME}/locked.txt", content="2")
        assert refused.status_code == status, refused.text
    token = locked.headers["lock-token"]
    shown = two.put(f"/dav/{HOME}/locked.txt", content="3", headers={"If": f"({token})"})
    assert shown.status_code == 204
    ended = two.request("UNLOCK", f"/dav/{HOME}/locked.txt", headers={"Lock-Token": token})
    assert ended.status_code == 204
    assert one.put(f"/dav/{HOME}/locked.txt", content="4").status_code == 204
    assert two.get(f"/io/{HOME}/locked.txt").text == "4"
