"""A server that is killed while a hundred write: what it said yes to is there, nothing by half."""

import asyncio
import base64
import random
import re
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from ..application import PASSWORD
from ..postgres import Postgres
from ..server import Server, keycell, keycell_json, serving
from .storage import look

UPLOADS = 100
INLINE = 16 * 1024
"""Bytes up to here lie in the row, others in a file."""
SIZES = (0, 1, 1000, INLINE - 1, INLINE, INLINE + 1, 40_000, 300_000, 1_500_000)
SMALLEST_PART = 5 * 2**20
KEY = {"KEYCELL_SEALING_KEY": base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()}
HOME = "personal-files"


@dataclass
class Upload:
    """A file on its way, in one piece or in parts, and how far the server said that it came."""

    path: str
    parts: tuple[bytes, ...]
    in_parts: bool
    upload_id: str = ""
    arrived: dict[int, str] = field(default_factory=dict)
    is_acknowledged: bool = False

    @property
    def content(self) -> bytes:
        return b"".join(self.parts)

    def send(self, http: httpx2.Client) -> None:
        """Send all of it; raises TransportError when the server is gone."""
        if not self.in_parts:
            answer = http.put(f"/io/{self.path}", content=self.content)
            self.is_acknowledged = answer.status_code == 200
            return
        begun = http.post(f"/io/{self.path}?uploads")
        found = re.search(r"<UploadId>([^<]+)</UploadId>", begun.text)
        assert found, begun.text
        self.upload_id = found[1]
        self.go_on(http)

    def go_on(self, http: httpx2.Client) -> None:
        """Send the parts that did not arrive, and complete."""
        for number, part in enumerate(self.parts, 1):
            if number not in self.arrived:
                where = {"partNumber": str(number), "uploadId": self.upload_id}
                answer = http.put(f"/io/{self.path}", params=where, content=part)
                assert answer.status_code == 200, answer.text
                self.arrived[number] = answer.headers["etag"]
        told = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
            for number, etag in sorted(self.arrived.items())
        )
        answer = http.post(
            f"/io/{self.path}", params={"uploadId": self.upload_id},
            content=f"<CompleteMultipartUpload>{told}</CompleteMultipartUpload>",
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        self.is_acknowledged = "CompleteMultipartUploadResult" in answer.text


@dataclass
class History:
    """What was sent to each path, and of that what was acknowledged."""

    chance: random.Random
    current: dict[str, bytes] = field(default_factory=dict)
    acknowledged: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    sent: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def round(self, number: int) -> list[Upload]:
        """Draw a hundred uploads: new and old files, contents of their own and shared ones."""
        shared = [self.chance.randbytes(size) for size in SIZES]
        made = []
        for one in range(UPLOADS):
            is_new = one % 3 or number == 0
            path = f"{HOME}/{'new' if is_new else 'again'} {number if is_new else 0}/{one}.bin"
            size = self.chance.choice(SIZES)
            content = self.chance.choice(shared) if one % 5 == 0 else self.chance.randbytes(size)
            parts: tuple[bytes, ...] = (content,)
            if one % 33 == 1:
                parts = (self.chance.randbytes(SMALLEST_PART), content)
            made.append(Upload(path, parts, in_parts=one % 4 == 1))
        self.chance.shuffle(made)
        return made

    def note(self, upload: Upload, found: bytes | None) -> None:
        """Check what is there after the crash: the new whole, or the old as it was."""
        before = self.current.get(upload.path)
        if upload.is_acknowledged:
            assert found == upload.content, f"{upload.path} was acknowledged"
            self.acknowledged[upload.path].append(upload.content)
        else:
            assert found in (before, upload.content), f"{upload.path} is there by half"
        self.sent[upload.path].append(upload.content)
        if found is not None:
            self.current[upload.path] = found


@contextmanager
def stage(data: Path, **environment: str) -> Iterator[tuple[Server, httpx2.Client]]:
    """A server, and Ann's client."""
    with serving(data, **environment) as server:
        where = ("--data", str(data))
        keycell("admin", "user", "add", "ann", "--password-stdin", *where, stdin=PASSWORD,
                environment=environment)  # fmt: skip
        made = keycell_json("admin", "token", "add", "ann", "--label", "t", "--expires", "1h",
                            *where, environment=environment)  # fmt: skip
        with httpx2.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {made['access_token']}"},
            timeout=60, limits=httpx2.Limits(max_connections=UPLOADS),
        ) as http:  # fmt: skip
            yield server, http


def crash(server: Server, http: httpx2.Client, uploads: list[Upload], after: int) -> None:
    """Send a hundred at once, and kill the server when so many were acknowledged."""
    lock = threading.Lock()
    left = after

    def send(upload: Upload) -> None:
        nonlocal left
        try:
            upload.send(http)
        except httpx2.TransportError:
            return
        assert upload.is_acknowledged
        with lock:
            left -= 1
            if left == 0:
                server.stop(signal.SIGKILL)

    with ThreadPoolExecutor(UPLOADS) as pool:
        list(pool.map(send, uploads))
    assert not server.is_running


def recover(http: httpx2.Client, history: History, uploads: list[Upload]) -> None:
    """Look at everything over the wire, and let the parts that arrived become files."""
    for upload in uploads:
        answer = http.get(f"/io/{upload.path}")
        assert answer.status_code in (200, 404), answer.text
        history.note(upload, answer.content if answer.status_code == 200 else None)
    for upload in uploads:
        if not upload.arrived or upload.is_acknowledged:
            continue
        listed = http.get(f"/io/{upload.path}", params={"uploadId": upload.upload_id})
        if listed.status_code == 404:
            # It was completed, and only the answer was lost.
            assert history.current[upload.path] == upload.content
            continue
        told = dict(re.findall(r"<PartNumber>(\d+)</PartNumber>.*?<ETag>([^<]+)<", listed.text))
        for number, etag in upload.arrived.items():
            assert told[str(number)].replace("&quot;", '"') == etag
        upload.go_on(http)
        history.note(upload, http.get(f"/io/{upload.path}").content)


def crash_again_and_again(data: Path, seed: int, rounds: int, **environment: str) -> None:
    history = History(random.Random(seed))  # noqa: S311
    with stage(data, **environment) as (server, http):
        for number in range(rounds):
            uploads = history.round(number)
            crash(server, http, uploads, history.chance.randrange(1, 80))
            server.start()
            recover(http, history, uploads)
        server.stop()
        seen = asyncio.run(look(server))
    assert {path: versions[0] for path, versions in seen.contents.items()} == history.current
    for path, versions in seen.contents.items():
        assert set(versions) <= set(history.sent[path])
        missing = [one for one in history.acknowledged[path] if one not in versions]
        assert not missing, f"{path} has lost a version that was acknowledged"


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_server_keeps_what_it_acknowledged(tmp_path: Path, seed: int) -> None:
    """Two crashes of each seed; versions, rows, bytes and room are checked at the end."""
    crash_again_and_again(tmp_path / "data", seed, 2)


def test_a_killed_server_keeps_what_it_acknowledged_on_postgresql(
    tmp_path: Path, postgres: Postgres
) -> None:
    with postgres.database() as url:
        crash_again_and_again(tmp_path / "data", 3, 1, KEYCELL_DATABASE=url, **KEY)
