"""What was uploaded, and who still reads it: the file server's rows of the attacks."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from keycell.accounts.administration import disable
from keycell.accounts.audit import NOWHERE
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.errors import BlobMissing
from keycell.files.linking import remove_link
from keycell.files.links import Permission
from keycell.files.names import read_path
from keycell.files.writing import Put, put
from keycell.provider.personal import Wish
from keycell.provider.personal_tokens import By, make_access_key, revoke_access_key
from keycell.provider.register import Made

from ..conftest import BASE, Browser, at_another_time
from ..files.conftest import Home, actor_for, chunks_of
from .test_files_access import node_id, share
from .wires import HOME, Wires, wires_of, with_token

SCRIPT = b"<script>alert(document.domain)</script>"
LARGE = 3 * 2**20


@pytest.fixture
def home(world: World, ann: Account) -> Home:
    return Home(world.files, actor_for(ann))


@pytest.fixture
async def anns(world: World, ann: Account) -> Wires:
    return await wires_of(world, ann)


def blob_files(world: World) -> list[Path]:
    return [path for path in (world.settings.data / "blobs").rglob("*") if path.is_file()]


async def test_attack_files_a_symlink_among_the_bytes_is_not_followed(
    home: Home, anns: Wires, world: World, tmp_path: Path
) -> None:
    """Whoever could place one in the folder of bytes is not served another file by it."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"S" * 50_000)
    await home.put(f"{HOME}/a.bin", os.urandom(50_000))
    (path,) = blob_files(world)
    path.unlink()
    path.symlink_to(outside)
    for target in (f"/io/{HOME}/a.bin", f"/dav/{HOME}/a.bin"):
        with pytest.raises(BlobMissing):
            # A server ends the connection before the length that it told.
            await anns.send("GET", target)


NAMES = [
    ("x.html", "text/html"), ("x.svg", "image/svg+xml"), ("x.xhtml", "application/xhtml+xml"),
    ("x.xml", "text/xml"), ("x.js", "text/javascript"), ("x", "text/html; charset=utf-7"),
    ("x.mht", "message/rfc822"), ("x.pdf.html", "TEXT/HTML"), ("n", "nonsense"),
]  # fmt: skip


def shielded(answer: httpx2.Response) -> None:
    """It is saved, not shown; and shown all the same, it could do nothing."""
    assert answer.status_code in (200, 206), answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox;")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(("name", "kind"), NAMES)
async def test_attack_files_an_upload_never_runs_on_our_origin(
    home: Home, anns: Wires, name: str, kind: str
) -> None:
    """ATTACKS 83, for whole files, parts of them and every wire, whatever the reader asks for."""
    path = f"{HOME}/bad/{name}"
    await put(home.files, home.actor, read_path(path), chunks_of(SCRIPT), Put(content_type=kind))
    link = await share(home, f"{HOME}/bad", Permission.PREVIEW, Permission.DOWNLOAD)
    wanted = "response-content-type=text%2Fhtml&response-content-disposition=inline"
    for target in (f"/io/{path}", f"/io/{path}?{wanted}", f"/dav/{path}", f"/dav/{path}?inline=1",
                   f"/public/{link.hash}/file/{name}", f"/public/{link.hash}/file/{name}?inline=1",
                   f"/public/{link.hash}/zip/"):  # fmt: skip
        shielded(await anns.send("GET", target))
    for target in (f"/io/{path}", f"/dav/{path}", f"/public/{link.hash}/file/{name}"):
        shielded(await anns.send("GET", target, b"", {"Range": "bytes=0-7"}))
    chosen = {"Nodes": [{"Path": path}]}
    selected = await anns.call("POST", "tree/selection", json.dumps(chosen).encode())
    if selected.status_code == 200:
        uuid = selected.json()["SelectionUUID"]
        shielded(await anns.send("GET", f"/a/keycell/zip/{uuid}"))


async def test_attack_files_a_type_that_was_sent_is_no_way_around(home: Home, anns: Wires) -> None:
    """A picture's name and type over a page: the browser is told not to guess."""
    for number, kind in enumerate(("image/png", "text/plain", "application/pdf", "video/mp4")):
        target = f"/io/{HOME}/{number}.html"
        await anns.send("PUT", target, SCRIPT, {"Content-Type": kind})
        for wire in ("io", "dav"):
            shown = await anns.send("GET", target.replace("/io/", f"/{wire}/"))
            assert shown.headers["content-type"].partition(";")[0] == kind
            assert shown.headers["x-content-type-options"] == "nosniff"
            assert shown.headers["content-security-policy"].startswith("sandbox;")


async def reading(wires: Wires, path: str) -> set[int]:
    """Ask for a part of a file on each wire that gives bytes."""
    part = {"Range": "bytes=1-2"}
    return {
        (await wires.send("GET", f"/{wire}/{path}", b"", part)).status_code
        for wire in ("io", "dav")
    }


async def test_attack_files_a_range_after_revocation(
    home: Home, world: World, browser: Browser, app: Made, ann: Account
) -> None:
    """Ended by its refresh token, by itself, by the person's end: the next range is refused."""
    await home.put(f"{HOME}/a.bin", os.urandom(LARGE))
    basic = (app.client.client_id, str(app.secret))
    wires = await wires_of(world, ann)
    for ends in ("refresh_token", "access_token"):
        tokens = await browser.tokens(app, "openid files.read offline_access")
        bearer = with_token(wires, tokens["access_token"])
        assert await reading(bearer, f"{HOME}/a.bin") == {206}
        form = {"token": tokens[ends]}
        assert (
            await browser.http.post("/oidc/oauth2/revoke", data=form, auth=basic)
        ).status_code == 200
        assert await reading(bearer, f"{HOME}/a.bin") == {401}
    link = await share(home, f"{HOME}/a.bin", Permission.PREVIEW, Permission.DOWNLOAD)
    part = {"Range": "bytes=1-2"}
    opened = f"/public/{link.hash}/file/"
    assert (await wires.send("GET", opened, b"", part)).status_code == 206
    await remove_link(home.files, home.actor, link.link_id, NOWHERE)
    assert (await wires.send("GET", opened, b"", part)).status_code == 404
    tokens = await browser.tokens(app, "openid files.read")
    await disable(world.people, ann, "test")
    for token in (tokens["access_token"], wires.token):
        assert await reading(with_token(wires, token), f"{HOME}/a.bin") == {401}


async def test_attack_files_a_download_that_outlives_its_token(
    home: Home, world: World, browser: Browser, app: Made, ann: Account
) -> None:
    """decisions/0036: what was begun may end; whatever is asked after that is refused."""
    content = os.urandom(LARGE)
    await home.put(f"{HOME}/a.bin", content)
    wires = await wires_of(world, ann)
    basic = (app.client.client_id, str(app.secret))
    for wire in ("io", "dav"):
        tokens = await browser.tokens(app, "openid files.read offline_access")
        bearer = with_token(wires, tokens["access_token"])
        ended: list[int] = []

        async def end(token: str = tokens["refresh_token"], told: list[int] = ended) -> None:
            form = {"token": token}
            answer = await browser.http.post("/oidc/oauth2/revoke", data=form, auth=basic)
            told.append(answer.status_code)

        whole = await bearer.send("GET", f"/{wire}/{HOME}/a.bin", meanwhile=end)
        assert ended == [200]
        assert whole.content == content
        assert (await bearer.send("GET", f"/{wire}/{HOME}/a.bin")).status_code == 401
    tokens = await browser.tokens(app, "openid files.read")
    async with at_another_time(world, timedelta(minutes=11)) as later:
        for wire in ("io", "dav"):
            expired = await later.http.get(
                f"/{wire}/{HOME}/a.bin",
                headers={"Authorization": f"Bearer {tokens['access_token']}"},
            )
            assert expired.status_code == 401


async def test_attack_files_a_presigned_url_after_its_key_is_gone(
    home: Home, world: World, browser: Browser, ann: Account
) -> None:
    """A URL stands as long as its key, its hour and its person, whichever ends first."""
    await home.put(f"{HOME}/a.txt", b"hello")
    wish = Wish(label="k", scopes=(), expires_at=datetime.now(UTC) + timedelta(days=1))

    async def presigned() -> tuple[str, str]:
        secret, key = await make_access_key(world.provider, ann, wish, By(ann.sub))
        request = AWSRequest("GET", f"{BASE}/io/{HOME}/a.txt")
        pair = Credentials(key.token_id, secret)
        S3SigV4QueryAuth(pair, "s3", "us-east-1", expires=3600).add_auth(request)
        return str(request.url), key.token_id

    url, key_id = await presigned()
    assert (await browser.http.get(url)).content == b"hello"
    async with at_another_time(world, timedelta(hours=2)) as later:
        assert (await later.http.get(url)).status_code == 403
    assert await revoke_access_key(world.provider, key_id, ann.sub, By(ann.sub))
    assert (await browser.http.get(url)).status_code == 403
    url, _ = await presigned()
    assert (await browser.http.get(url)).content == b"hello"
    await disable(world.people, ann, "test")
    assert (await browser.http.get(url)).status_code == 403


async def test_attack_files_two_writers_with_conditions(anns: Wires) -> None:
    """RFC9110-13.1: of twenty on two wires at once one makes the file, and one replaces it."""
    path = f"{HOME}/a"

    async def write(number: int, **condition: str) -> int:
        wire = (anns.s3, anns.dav)[number % 2]
        return await wire("PUT", path, b"%d" % number, **condition)

    made = await asyncio.gather(*(write(n, If_None_Match="*") for n in range(20)))
    assert sorted(made)[1:] == [412] * 19
    won = next(n for n, status in enumerate(made) if status < 300)
    got = await anns.send("GET", f"/dav/{path}")
    assert got.content == b"%d" % won
    tag = got.headers["etag"]
    replaced = await asyncio.gather(*(write(n + 100, If_Match=tag) for n in range(20)))
    assert sorted(replaced)[1:] == [412] * 19
    won = next(n for n, status in enumerate(replaced) if status < 300)
    assert (await anns.send("GET", f"/io/{path}")).content == b"%d" % (won + 100)


async def test_attack_files_a_token_bound_to_reading_writes_nowhere(
    home: Home, world: World, ann: Account
) -> None:
    """RFC6750-3.1."""
    await home.put(f"{HOME}/a", b"a")
    reads = await wires_of(world, ann, "files.read")
    for status in (
        await reads.s3("PUT", f"{HOME}/a", b"x"), await reads.s3("DELETE", f"{HOME}/a"),
        await reads.dav("PUT", f"{HOME}/a", b"x"), await reads.dav("MKCOL", f"{HOME}/b"),
        await reads.dav("MOVE", f"{HOME}/a", Destination=f"/dav/{HOME}/b"),
    ):  # fmt: skip
        assert status == 403
    node = await node_id(home, f"{HOME}/a")
    link = {"ShareLink": {"RootNodes": [{"Uuid": node}], "Permissions": ["Download"]}}
    assert (await reads.call("PUT", "share/link", json.dumps(link).encode())).status_code == 403
