"""What goes where: two things to one place, what lies in a bin, names that are long or odd."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from gzip import compress
from io import BytesIO
from pathlib import Path

import httpx2
import pytest

from keycell.cli.login import _free_name
from keycell.cli.output import show
from keycell.cli.reading import write_out
from keycell.cli.serve import _settings
from keycell.client.credentials import EnvironmentKeeper, environment_profile
from keycell.client.discovery import Metadata
from keycell.client.downloads import partial_of
from keycell.client.nodes import Node
from keycell.client.profiles import Profile
from keycell.client.retries import RetryingTransport
from keycell.client.session import bind

from ..server import keycell
from .conftest import Person

P = "personal-files"


def test_two_of_a_name_do_not_take_each_others_place(ann: Person, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.txt").write_text(name)
    ann.types("mkdir", "-p", f":{P}/twice/in")
    sources = [str(tmp_path / name / "same.txt") for name in ("one", "two")]
    assert "same.txt" in ann.types("scp", *sources, f":{P}/twice/", code=2).stderr
    assert ann.types("ls", "-r", f":{P}/twice").stdout == f"{P}/twice/in\n"
    ann.puts(f"{P}/twice/a.txt", b"a")
    ann.puts(f"{P}/twice/in/a.txt", b"b")
    (tmp_path / "got").mkdir()
    ann.types("scp", f":{P}/twice/**/a.txt", str(tmp_path / "got"), code=2)
    assert list((tmp_path / "got").iterdir()) == []


def test_what_a_pattern_means_comes_once(ann: Person, tmp_path: Path) -> None:
    ann.types("mkdir", "-p", f":{P}/once/in")
    ann.puts(f"{P}/once/in/a.txt", b"a")
    ann.types("scp", f":{P}/once/**", str(tmp_path))
    assert [one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*.txt")] == [
        "in/a.txt"
    ]


def test_the_folder_above_has_a_name(ann: Person, tmp_path: Path) -> None:
    (tmp_path / "above" / "here").mkdir(parents=True)
    told = ann.json("scp", "--dry-run", str(tmp_path / "above" / "here" / ".."), f":{P}/")
    assert told["items"][0]["path"] == f"{P}/above"


def test_a_name_that_is_no_utf8_is_told(ann: Person, tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "odd") + b"/\xff.txt")).write_text("x")
    said = ann.types("scp", str(tmp_path / "odd"), f":{P}/", code=2).stderr
    assert "UTF-8" in said
    assert "Traceback" not in said


def test_what_cannot_be_read_is_told_so(ann: Person, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "Traceback" not in ann.types("scp", str(tmp_path / "loop"), f":{P}/", code=3).stderr


@pytest.mark.parametrize("name", ["漢" * 85, "я" * 127, "a" * 255], ids=["han", "ya", "a"])
def test_a_long_name_comes_down(ann: Person, tmp_path: Path, name: str) -> None:
    ann.puts(f"{P}/{name}", b"long")
    ann.types("scp", f":{P}/{name}", str(tmp_path))
    assert (tmp_path / name).read_bytes() == b"long"


def test_two_long_names_have_a_place_each(tmp_path: Path) -> None:
    assert partial_of(tmp_path / ("a" * 250)) != partial_of(tmp_path / ("a" * 251))
    assert len(os.fsencode(partial_of(tmp_path / ("漢" * 85)).name)) <= 255


def test_a_folder_is_no_bin_by_its_name(ann: Person) -> None:
    ann.types("mkdir", "-p", f":{P}/deep/recycle_bin")
    ann.puts(f"{P}/deep/recycle_bin/kept.txt", b"kept")
    ann.types("rm", "-f", f":{P}/deep/recycle_bin/kept.txt")
    ann.types("trash", "restore", f":{P}/deep/recycle_bin/kept.txt")
    assert ann.types("cat", f":{P}/deep/recycle_bin/kept.txt").stdout == "kept"


def test_what_is_deleted_for_good_takes_nothing_else_along(ann: Person) -> None:
    for name in ("gone.txt", "dear.txt"):
        ann.puts(f"{P}/{name}", name.encode())
    ann.types("rm", "-f", f":{P}/gone.txt")
    binned = f":{P}/recycle_bin/gone.txt"
    ann.types("rm", "-f", binned, f":{P}/dear.txt", code=2)
    assert ann.types("cat", f":{P}/dear.txt").stdout == "dear.txt"
    ann.types("rm", "-f", binned)
    ann.types("trash", "restore", f":{P}/gone.txt", code=3)


def test_of_several_the_latest_is_brought_back(ann: Person) -> None:
    for content in (b"first", b"second"):
        ann.puts(f"{P}/again.txt", content)
        ann.types("rm", "-f", f":{P}/again.txt")
    ann.types("trash", "restore", f":{P}/again.txt")
    assert ann.types("cat", f":{P}/again.txt").stdout == "second"


def test_a_link_is_never_open_for_want_of_a_password(ann: Person) -> None:
    ann.puts(f"{P}/secret.txt", b"x")
    before = ann.json("share", "ls")
    ann.types("share", f":{P}/secret.txt", "--password-stdin", code=2)
    assert ann.json("share", "ls") == before
    ann.types("share", "update", "x", "--no-password", "--password-stdin", stdin="abcd", code=2)


def test_a_version_cannot_be_put_where_no_folder_is(ann: Person, tmp_path: Path) -> None:
    ann.puts(f"{P}/placed.txt", b"x")
    (version,) = ann.json("versions", "ls", f":{P}/placed.txt")["items"]
    ann.types("versions", "get", f":{P}/placed.txt", version["version"], "-o",
              str(tmp_path / "none" / "x"), code=3)  # fmt: skip


def test_a_token_of_the_environment_needs_no_place(ann: Person) -> None:
    nowhere = {**ann.environment, "KEYCELL_CONFIG_DIR": "/dev/null/keycell"}
    said = keycell("whoami", environment=nowhere)
    assert said.stdout.startswith("ann@")
    kept = {"KEYCELL_CONFIG_DIR": "/dev/null/keycell"}
    wanted = ("login", ann.server.url, "--with-token", "--insecure-storage")
    said = keycell(*wanted, stdin=ann.environment["KEYCELL_TOKEN"], environment=kept, code=2)
    assert "cannot be" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_server_is_named_as_people_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYCELL_TOKEN", "x")
    monkeypatch.setenv("KEYCELL_SERVER", "localhost:8080")
    profile = environment_profile()
    assert profile is not None
    assert profile.server == "http://localhost:8080"


def test_an_address_that_is_none_is_refused(ann: Person) -> None:
    home = {"KEYCELL_CONFIG_DIR": ann.environment["KEYCELL_CONFIG_DIR"]}
    assert "is no address" in keycell("login", "[::1", environment=home, code=2).stderr


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ("https://files.example", "files.example-2"),
        ("http://[::1]:8080", "server"),
        ("https://a", "server"),
        ("https://other.example:81", "other.example"),
    ],
)
def test_a_new_sign_in_takes_no_others_name(server: str, name: str) -> None:
    assert _free_name(server, {"default", "files.example"}) == name


def test_a_nought_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        _settings({"data": tmp_path, "port": 0})
    assert _settings({"data": tmp_path, "removal_grace": 0, "workers": None}).removal_grace == 0


def test_lines_do_nothing_to_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    show({}, ["a\x1b[2Jb\nc\x9b"], as_json=False)
    assert capfd.readouterr().out == "a\\u001b[2Jb\\u000ac\\u009b\n"


def test_the_time_of_deletion_may_be_missing() -> None:
    assert Node("a", "1", is_folder=False).trashed_at == 0
    now = datetime.now(UTC).timestamp()
    assert Node("a", "1", is_folder=False, meta={"x-keycell-trashed-at": now}).trashed_at == now


class Squeezing(httpx2.AsyncBaseTransport):
    """Compresses what may be compressed, as proxies do."""

    def __init__(self) -> None:
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return response
        body = compress(await response.aread())
        await response.aclose()
        kept = {"content-type": response.headers["content-type"], "content-encoding": "gzip"}
        return httpx2.Response(response.status_code, headers=kept, stream=_Once(body))

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Once(httpx2.AsyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


async def test_bytes_come_as_they_are_kept(ann: Person) -> None:
    ann.puts(f"{P}/plain.txt", b"plain " * 100)
    transport = RetryingTransport(Squeezing())
    profile = Profile("squeezed", ann.server.url, storage="environment")
    metadata = Metadata(f"{ann.server.url}/oidc", {"token_endpoint": "http://x/"})
    keeper, written = EnvironmentKeeper(ann.environment["KEYCELL_TOKEN"]), BytesIO()
    async with httpx2.AsyncClient(base_url=ann.server.url, transport=transport) as http:
        session = bind(profile, keeper, http, metadata, transport)
        await write_out(session, f"{P}/plain.txt", written)
    assert written.getvalue() == b"plain " * 100
