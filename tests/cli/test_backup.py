"""`keycell admin backup` and `restore`, on running servers and between the databases."""

import asyncio
import base64
import gzip
import threading
from pathlib import Path

import httpx2
import pytest

from keycell.stores.migrate import VERSIONS

from ..postgres import Postgres
from ..server import Server, keycell, keycell_json, serving
from ..stores.released import Release, write_release
from ..waiting import until

PASSWORD = "correct horse battery"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(folder),
            stdin=PASSWORD)  # fmt: skip
    return folder


def add_client(*where: str) -> tuple[str, str]:
    made = keycell_json("admin", "client", "add", "Load", "--grant-type", "client_credentials",
                        *where)  # fmt: skip
    return made["client_id"], made["client_secret"]


def token(server: Server, client: tuple[str, str]) -> httpx2.Response:
    form = {"grant_type": "client_credentials"}
    return httpx2.post(f"{server.url}/oidc/oauth2/token", data=form, auth=client)


def sign_in(server: Server) -> httpx2.Response:
    with httpx2.Client(base_url=server.url) as http:
        page = http.get("/oauth2/login").text
        fields = {
            name: page.split(f'name="{name}" value="')[1].split('"')[0]
            for name in ("ticket", "csrf")
        }
        form = fields | {"username": "ann", "password": PASSWORD}
        return http.post("/oauth2/login", data=form)


def test_a_backup_under_load_signs_people_in_elsewhere(data: Path, tmp_path: Path) -> None:
    client = add_client("--data", str(data))
    stop = threading.Event()
    failures: list[int] = []
    copy = tmp_path / "copy.backup"
    with serving(data) as server:

        def load() -> None:
            while not stop.is_set():
                status = token(server, client).status_code
                failures.extend([status] if status != 200 else [])

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        keycell("admin", "backup", str(copy), "--data", str(data))
        stop.set()
        for thread in threads:
            thread.join()
        keys = httpx2.get(f"{server.url}/oidc/.well-known/jwks.json").json()
    assert failures == []
    assert copy.stat().st_mode & 0o077 == 0
    elsewhere = tmp_path / "elsewhere"
    keycell("admin", "restore", str(copy), "--data", str(elsewhere))
    with serving(elsewhere) as server:
        assert httpx2.get(f"{server.url}/oidc/.well-known/jwks.json").json() == keys
        assert sign_in(server).status_code == 303
        assert token(server, client).status_code == 200


def test_a_restore_reaches_the_running_server(data: Path, tmp_path: Path) -> None:
    """Its sealing key and its signing keys too; what was there before is saved first."""
    copy = tmp_path / "copy.backup"
    client = add_client("--data", str(data))
    keycell("admin", "backup", str(copy), "--data", str(data))
    other = tmp_path / "other"
    keycell("admin", "user", "add", "bob", "--password-stdin", "--data", str(other),
            stdin=PASSWORD)  # fmt: skip
    with serving(other, "--workers", "2") as server:
        assert token(server, client).status_code == 401
        said = keycell("admin", "restore", str(copy), "--data", str(other)).stderr
        until(lambda: token(server, client).status_code == 200)
        until(lambda: sign_in(server).status_code == 303)
    saved = next(other.glob("before-restore-*.backup"))
    assert str(saved) in said
    keycell("admin", "restore", str(saved), "--data", str(tmp_path / "third"))
    logins = keycell_json("admin", "user", "list", "--data", str(tmp_path / "third"))["items"]
    assert [one["login"] for one in logins] == ["bob"]


def test_a_sealed_backup_opens_with_its_passphrase_alone(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.backup"
    words = "three sealed words"
    keycell("admin", "backup", str(copy), "--passphrase-stdin", "--data", str(data), stdin=words)
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(copy.read_bytes())
    into = ("--data", str(tmp_path / "into"))
    keycell("admin", "restore", str(copy), *into, code=10)
    keycell("admin", "restore", str(copy), "--passphrase-stdin", *into, stdin="wrong", code=10)
    assert not (tmp_path / "into" / "sealing.key").exists()
    keycell("admin", "restore", str(copy), "--passphrase-stdin", *into, stdin=words)
    keycell("admin", "backup", str(copy), "--data", str(data), code=6)
    short = ("--passphrase-stdin", "--data", str(data))
    keycell("admin", "backup", str(tmp_path / "x"), *short, stdin="short", code=2)


def test_a_damaged_backup_changes_nothing(data: Path, tmp_path: Path) -> None:
    copy, cut = tmp_path / "copy.backup", tmp_path / "cut.backup"
    keycell("admin", "backup", str(copy), "--data", str(data))
    before = (data / "sealing.key").read_text()
    whole = copy.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"PK" + whole, b""):
        cut.write_bytes(damaged)
        keycell("admin", "restore", str(cut), "--data", str(data), code=10)
    assert (data / "sealing.key").read_text() == before
    assert keycell_json("admin", "user", "list", "--data", str(data))["items"]
    keycell("admin", "restore", str(tmp_path / "none"), "--data", str(data), code=3)
    keycell("admin", "backup", str(cut), "--data", str(tmp_path / "nothing"), code=3)


def test_a_backup_crosses_from_one_database_to_the_other(
    data: Path, tmp_path: Path, postgres: Postgres
) -> None:
    copy, back = tmp_path / "copy.backup", tmp_path / "back.backup"
    client = add_client("--data", str(data))
    keycell("admin", "backup", str(copy), "--data", str(data))
    key = keycell("admin", "backup-key", str(copy)).stdout.strip()
    assert key == (data / "sealing.key").read_text().strip()
    with postgres.database() as url:
        other_key = base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
        where = ("--database", url, "--data", str(tmp_path / "pg"))
        keycell("admin", "restore", str(copy), *where, code=6,
                environment={"KEYCELL_SEALING_KEY": other_key})  # fmt: skip
        environment = {"KEYCELL_SEALING_KEY": key}
        keycell("admin", "restore", str(copy), *where, environment=environment)
        with serving(tmp_path / "pg", "--database", url, **environment) as server:
            assert sign_in(server).status_code == 303
            assert token(server, client).status_code == 200
        keycell("admin", "backup", str(back), *where, environment=environment)
    keycell("admin", "restore", str(back), "--data", str(tmp_path / "again"))
    with serving(tmp_path / "again") as server:
        assert sign_in(server).status_code == 303


def test_what_an_earlier_version_left_is_not_nothing(tmp_path: Path) -> None:
    release = Release.read(VERSIONS[-2])
    asyncio.run(write_release(release, f"sqlite:///{tmp_path / 'keycell.db'}"))
    copy = tmp_path / "copy.backup"
    done = keycell("admin", "backup", str(copy), "--data", str(tmp_path), code=6)
    assert "earlier version" in done.stderr
    assert "keycell admin migrate" in done.stderr
    assert not copy.exists()
