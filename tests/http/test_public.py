"""Public links, as somebody without an account meets them."""

import asyncio
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from keycell.accounts.administration import disable
from keycell.accounts.audit import NOWHERE, AuditEvent
from keycell.accounts.people import Account
from keycell.accounts.throttle import LOGIN
from keycell.bootstrap import World
from keycell.catalogs import LANGUAGES
from keycell.files.access import Action, Right
from keycell.files.errors import BadRequest, Conflict, Forbidden, NotFound
from keycell.files.finding import children, spaces, stat
from keycell.files.linking import change_link, make_link, remove_link
from keycell.files.links import Link, Permission, check_hash, read_permissions
from keycell.files.moving import trash
from keycell.files.names import read_path
from keycell.files.nodes import Node
from keycell.http.public import size_in_words
from keycell.outside import hashing
from keycell.server import make_app

from ..conftest import BASE, Browser
from ..files.conftest import Home

GONE = "This link leads nowhere"
LOOK = frozenset({Permission.PREVIEW})
ALL = frozenset({Permission.PREVIEW, Permission.DOWNLOAD})
DROP = frozenset({Permission.UPLOAD})
ORIGIN = {"Origin": BASE}


@pytest.fixture
def home(world: World, ann: Account) -> Home:
    from ..files.conftest import actor_for  # noqa: PLC0415

    return Home(world.files, actor_for(ann))


async def node_at(home: Home, path: str) -> Node:
    return (await stat(home.files, home.actor, read_path(path))).node


async def link_to(home: Home, path: str, **said: object) -> Link:
    now = home.files.clock()
    wanted = Link(
        link_id=home.files.mint_id(), hash=f"link{home.files.mint_id()[-8:]}",
        node_id=(await node_at(home, path)).node_id, label="For you", sub="", permissions=ALL,
        created_at=now, changed_at=now,
    )  # fmt: skip
    return await make_link(home.files, home.actor, replace(wanted, **said), NOWHERE)  # type: ignore[arg-type]


def gone(response: httpx2.Response) -> bool:
    return response.status_code == 404 and GONE in response.text


async def test_a_file_is_shown_and_downloaded(home: Home, browser: Browser) -> None:
    """H01."""
    await home.put("personal-files/a <b>.txt", b"hello")
    link = await link_to(home, "personal-files/a <b>.txt")
    page = await browser.http.get(f"/public/{link.hash}")
    assert page.status_code == 200
    assert "a &lt;b&gt;.txt" in page.text
    assert "<script" not in page.text.replace('<script src="/assets', "")
    address = re.search(r'id="download" href="([^"]+)"', page.text)
    assert address
    saved = await browser.http.get(address[1].replace("&amp;", "&"))
    assert saved.content == b"hello"
    assert saved.headers["content-disposition"].startswith("attachment")
    shown = await browser.http.get(f"/public/{link.hash}/file/")
    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    part = await browser.http.get(f"/public/{link.hash}/file/", headers={"Range": "bytes=1-2"})
    assert (part.status_code, part.content) == (206, b"el")


async def test_a_folder_is_listed_and_downloaded_whole(home: Home, browser: Browser) -> None:
    """H02."""
    await home.put("personal-files/dir/a.txt", b"hello")
    await home.put("personal-files/dir/sub/é #1.txt", b"deep")
    await home.put("personal-files/outside", b"secret")
    link = await link_to(home, "personal-files/dir")
    page = await browser.http.get(f"/public/{link.hash}")
    assert "a.txt" in page.text
    assert "outside" not in page.text
    sub = await browser.http.get(f"/public/{link.hash}/folder/sub")
    address = re.search(r'href="([^"]+/file/[^"]+)"', sub.text)
    assert address
    assert (await browser.http.get(address[1])).content == b"deep"
    archive = await browser.http.get(f"/public/{link.hash}/zip/")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as made:
        assert "dir/sub/é #1.txt" in made.namelist()
    for path in ("%2e%2e/outside", "..%2Foutside", "sub/%2e%2e/%2e%2e/outside", "none", "%00"):
        assert gone(await browser.http.get(f"/public/{link.hash}/file/{path}")), path


async def test_a_link_to_a_whole_space_shows_nothing_thrown_away(
    home: Home, browser: Browser
) -> None:
    await home.put("personal-files/kept.txt", b"kept")
    await home.put("personal-files/secret.txt", b"secret")
    secret = await stat(home.files, home.actor, read_path("personal-files/secret.txt"))
    await trash(home.files, home.actor, secret)
    link = await link_to(home, "personal-files")
    page = await browser.http.get(f"/public/{link.hash}")
    assert "kept.txt" in page.text
    assert "recycle_bin" not in page.text
    for below in ("folder/recycle_bin", "zip/recycle_bin", "file/recycle_bin/secret.txt"):
        assert gone(await browser.http.get(f"/public/{link.hash}/{below}")), below
    packed = await browser.http.get(f"/public/{link.hash}/zip/")
    names = zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert any("kept.txt" in name for name in names)
    assert not any("secret" in name or "recycle" in name for name in names)


async def test_what_was_uploaded_never_runs_here(home: Home, browser: Browser) -> None:
    """UX H01; a page, a picture that is a program, and a name that is markup."""
    from keycell.files.writing import Put, put  # noqa: PLC0415

    from ..files.conftest import chunks_of  # noqa: PLC0415

    for name, kind in (("x.html", "text/html"), ("x.svg", "image/svg+xml"), ("x", "nonsense")):
        path = read_path(f"personal-files/bad/{name}")
        wanted = Put(content_type=kind)
        await put(home.files, home.actor, path, chunks_of(b"<script>1</script>"), wanted)
    link = await link_to(home, "personal-files/bad")
    for name in ("x.html", "x.svg", "x"):
        sent = await browser.http.get(f"/public/{link.hash}/file/{name}")
        assert sent.headers["content-disposition"].startswith("attachment")
        assert sent.headers["content-security-policy"].startswith("sandbox")
        assert sent.headers["x-content-type-options"] == "nosniff"


async def test_a_password_is_asked_and_guessing_waits(
    home: Home, browser: Browser, world: World
) -> None:
    """H03; and the downloads ask for it too."""
    await home.put("personal-files/a", b"hello")
    hashed = await world.people.passwords.hash("open sesame")
    link = await link_to(home, "personal-files/a", password_hash=hashed)
    page = await browser.http.get(f"/public/{link.hash}")
    assert 'name="password"' in page.text
    assert gone(await browser.http.get(f"/public/{link.hash}/file/"))
    wrong = await browser.http.post(f"/public/{link.hash}", data={"password": "guess"})
    assert wrong.status_code == 403
    foreign = {"Origin": "https://evil.example"}
    sent = {"password": "open sesame"}
    refused = await browser.http.post(f"/public/{link.hash}", data=sent, headers=foreign)
    assert refused.status_code >= 400
    opened = await browser.http.post(f"/public/{link.hash}", data=sent)
    assert opened.status_code == 303
    assert (await browser.http.get(f"/public/{link.hash}/file/")).content == b"hello"
    other = await world.people.passwords.hash("another one")
    changed = replace(link, password_hash=other)
    await change_link(home.files, home.actor, changed, NOWHERE)
    assert gone(await browser.http.get(f"/public/{link.hash}/file/"))
    for _ in range(5):
        await browser.http.post(f"/public/{link.hash}", data={"password": "guess"})
    waits = await browser.http.post(f"/public/{link.hash}", data={"password": "another one"})
    assert waits.status_code == 429
    assert int(waits.headers["retry-after"]) > 0


async def test_attack_80_a_cookie_of_ones_own_unlocks_no_link(
    home: Home, browser: Browser, world: World
) -> None:
    """Attack 80: nor does it end in an error of ours, whatever its digits are."""
    await home.put("personal-files/a", b"hello")
    hashed = await world.people.passwords.hash("open sesame")
    link = await link_to(home, "personal-files/a", password_hash=hashed)
    for made in (b"\xb2.x", b"99999999999.x", b"9" * 5000 + b".x", b"-1.", b"."):
        cookie = {b"Cookie": f"keycell_link_{link.link_id}=".encode() + made}
        page = await browser.http.get(f"/public/{link.hash}", headers=cookie)
        assert (page.status_code, "hello" in page.text) == (200, False)
        assert gone(await browser.http.get(f"/public/{link.hash}/file/", headers=cookie))


async def test_a_link_at_which_many_networks_guess_gives_each_fewer_attempts(
    home: Home, world: World
) -> None:
    await home.put("personal-files/a", b"hello")
    hashed = await world.people.passwords.hash("open sesame")
    link = await link_to(home, "personal-files/a", password_hash=hashed)

    async def guess(ip: str, sent: str = "no") -> int:
        transport = httpx2.ASGITransport(app=make_app(world), client=(ip, 1))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
            form = {"password": sent}
            return (await http.post(f"/public/{link.hash}", data=form, headers=ORIGIN)).status_code

    assert {await guess(f"198.51.{network}.7") for network in range(LOGIN.free)} == {403}
    # A newcomer who knows the password is let in at once; one who guesses waits after the first.
    assert await guess("203.0.113.7", "open sesame") == 303
    assert [await guess("192.0.2.7"), await guess("192.0.2.7", "open sesame")] == [403, 429]


async def test_whose_password_was_not_looked_at_has_not_guessed(
    home: Home, browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.put("personal-files/a", b"hello")
    hashed = await world.people.passwords.hash("open sesame")
    link = await link_to(home, "personal-files/a", password_hash=hashed)
    sent = {"password": "open sesame"}
    with monkeypatch.context() as busy:
        busy.setattr(hashing, "MOST_WAITING", 0)
        for _ in range(6):
            answer = await browser.http.post(f"/public/{link.hash}", data=sent)
            assert answer.status_code == 503
    assert (await browser.http.post(f"/public/{link.hash}", data=sent)).status_code == 303


async def test_nothing_tells_an_ended_link_from_one_that_never_was(
    home: Home, browser: Browser, world: World, ann: Account
) -> None:
    """H04: expired, used up, revoked, its file deleted, its owner gone: one text."""
    await home.put("personal-files/a", b"x")
    link = await link_to(home, "personal-files/a")
    now = home.files.clock()
    soon = await link_to(home, "personal-files/a", expires_at=now + timedelta(days=1))
    event = AuditEvent(at=now, actor="test", action="link.changed")
    assert await home.files.links.update(replace(soon, expires_at=now), soon.changed_at, event)
    later = await link_to(
        home, "personal-files/a", starts_at=home.files.clock() + timedelta(days=1)
    )
    answers = [await browser.http.get(f"/public/{one}") for one in
               ("never-was", soon.hash, later.hash)]  # fmt: skip
    assert all(gone(one) for one in answers)
    bodies = {re.sub(r"[0-9a-f]{16}", "", one.text).replace(one.request.url.path, "")
              for one in answers}  # fmt: skip
    assert len(bodies) == 1
    assert not gone(await browser.http.get(f"/public/{link.hash}"))
    located = await stat(home.files, home.actor, read_path("personal-files/a"))
    await trash(home.files, home.actor, located)
    assert gone(await browser.http.get(f"/public/{link.hash}"))
    assert gone(await browser.http.get(f"/public/{link.hash}/file/"))
    await home.put("personal-files/b", b"x")
    second = await link_to(home, "personal-files/b")
    await remove_link(home.files, home.actor, second.link_id, NOWHERE)
    assert gone(await browser.http.get(f"/public/{second.hash}/file/"))
    third = await link_to(home, "personal-files/b")
    await disable(world.people, ann, "test")
    assert gone(await browser.http.get(f"/public/{third.hash}/file/"))


async def test_a_link_opens_no_more_than_its_owner_may(home: Home, browser: Browser) -> None:
    await home.put("common-files/team/a", b"x")
    link = await link_to(home, "common-files/team")
    node = await node_at(home, "common-files/team")
    right = Right(node.node_id, home.actor.sub, Action.DENY)
    event = AuditEvent(at=datetime.now(UTC), actor="test", action="space.added")
    await home.files.spaces.put_right(right, event)
    assert gone(await browser.http.get(f"/public/{link.hash}"))
    assert gone(await browser.http.get(f"/public/{link.hash}/file/a"))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_sizes_are_told_in_words(language: str) -> None:
    for size in (0, 1, 56, 12_345, 5 * 10**9):
        assert "digital" not in size_in_words(size, language)


async def test_to_look_at_a_page_uses_no_download_up(home: Home, browser: Browser) -> None:
    """H01: what a page shows would be one, where they are counted."""
    await home.put("personal-files/a.png", b"\x89PNG", kind="image/png")
    free = await link_to(home, "personal-files/a.png")
    assert 'class="preview"' in (await browser.http.get(f"/public/{free.hash}")).text
    counted = await link_to(home, "personal-files/a.png", most_downloads=2)
    page = (await browser.http.get(f"/public/{counted.hash}")).text
    assert 'class="preview"' not in page
    assert "It can be opened or downloaded 2 more times." in page


async def test_of_twenty_at_once_as_many_download_as_may(home: Home, browser: Browser) -> None:
    await home.put("personal-files/a", b"hello")
    link = await link_to(home, "personal-files/a", most_downloads=3)
    address = f"/public/{link.hash}/file/?download=1"
    partial = await browser.http.get(address, headers={"Range": "bytes=1-"})
    assert (partial.status_code, partial.content) == (200, b"hello")
    kept = await home.files.links.by_id(link.link_id)
    assert kept is not None
    assert link.used_at is None
    assert kept.used_at is not None
    sent = await asyncio.gather(*(browser.http.get(address) for _ in range(20)))
    assert sum(one.status_code == 200 for one in sent) == 2
    assert all(gone(one) for one in sent if one.status_code != 200)


async def test_to_ask_for_a_folder_s_headers_is_no_download(home: Home, browser: Browser) -> None:
    """Whoever shows an address in a chat asks by HEAD first."""
    await home.put("personal-files/dir/a.txt", b"hello")
    link = await link_to(home, "personal-files/dir", most_downloads=1)
    head = await browser.http.head(f"/public/{link.hash}/zip/")
    assert (head.status_code, head.content) == (200, b"")
    assert (await browser.http.get(f"/public/{link.hash}/zip/")).status_code == 200
    assert gone(await browser.http.get(f"/public/{link.hash}/zip/"))


async def test_to_look_is_not_to_download(home: Home, browser: Browser) -> None:
    await home.put("personal-files/dir/a.txt", b"hello")
    link = await link_to(home, "personal-files/dir", permissions=LOOK)
    assert (await browser.http.get(f"/public/{link.hash}/file/a.txt")).status_code == 200
    assert gone(await browser.http.get(f"/public/{link.hash}/file/a.txt?download=1"))
    assert gone(await browser.http.get(f"/public/{link.hash}/zip/"))
    page = await browser.http.get(f"/public/{link.hash}")
    assert "download-all" not in page.text


async def test_files_are_dropped_and_replace_nothing(home: Home, browser: Browser) -> None:
    """H05: a plain form; who drops sees nothing of what is there."""
    await home.put("personal-files/box/a.txt", b"mine")
    link = await link_to(home, "personal-files/box", permissions=DROP)
    page = await browser.http.get(f"/public/{link.hash}")
    assert "a.txt" not in page.text
    assert 'enctype="multipart/form-data"' in page.text
    assert gone(await browser.http.get(f"/public/{link.hash}/file/a.txt"))
    page = await browser.http.get(f"/public/{link.hash}/folder/a.txt")
    assert gone(page)
    big = b"b" * 300_000
    sent = await browser.http.post(
        f"/public/{link.hash}/upload/",
        files=[("files", ("a.txt", b"theirs", "text/plain")),
               ("files", ("..\\..\\big.bin", big, "application/octet-stream")),
               ("files", ("", b"", "application/octet-stream"))],
    )  # fmt: skip
    assert sent.status_code == 303
    assert sent.headers["location"].endswith("?done=2")
    assert await home.get("personal-files/box/a.txt") == b"mine"
    assert await home.get("personal-files/box/a-2.txt") == b"theirs"
    assert await home.get("personal-files/box/big.bin") == big
    foreign = await browser.http.post(
        f"/public/{link.hash}/upload/", files={"files": ("c", b"x")},
        headers={"Origin": "https://evil.example"},
    )  # fmt: skip
    assert foreign.status_code >= 400
    look = await link_to(home, "personal-files/box", permissions=LOOK)
    refused = await browser.http.post(f"/public/{look.hash}/upload/", files={"files": ("c", b"x")})
    assert gone(refused)
    top = await stat(home.files, home.actor, read_path("personal-files/box"))
    names = [one.node.name for one in (await children(home.files, home.actor, top))[0]]
    assert names == ["a-2.txt", "a.txt", "big.bin"]


async def test_a_form_that_is_cut_off_leaves_no_half_file(home: Home, browser: Browser) -> None:
    await home.put("personal-files/box/a.txt", b"mine")
    link = await link_to(home, "personal-files/box", permissions=DROP)
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (head % b"cut" + b"half", b"nonsense", b"", (head % b"c")[:20]):
        sent = await browser.http.post(f"/public/{link.hash}/upload/", content=body, headers=kind)
        assert sent.status_code == 400, body
    top = await stat(home.files, home.actor, read_path("personal-files/box"))
    assert [one.node.name for one in (await children(home.files, home.actor, top))[0]] == ["a.txt"]


async def test_who_may_make_a_link(home: Home, bob_home: Home) -> None:
    await home.put("personal-files/a", b"x")
    link = await link_to(home, "personal-files/a")
    with pytest.raises(NotFound):
        await make_link(bob_home.files, bob_home.actor, replace(link, hash="other"), NOWHERE)
    with pytest.raises(NotFound):
        await remove_link(bob_home.files, bob_home.actor, link.link_id, NOWHERE)
    with pytest.raises(Forbidden):
        await link_to(home, "personal-files/a", permissions=DROP)
    with pytest.raises(Conflict, match="is taken"):
        await link_to(home, "personal-files/a", hash=link.hash)
    for wrong in (
        {"hash": "../x"}, {"hash": "ab"}, {"label": ""}, {"most_downloads": 0},
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
    ):  # fmt: skip
        with pytest.raises(BadRequest):
            await link_to(home, "personal-files/a", **wrong)
    with pytest.raises(BadRequest):
        read_permissions(["NoAccess"])
    with pytest.raises(BadRequest):
        read_permissions(["Everything"])
    assert check_hash("my-folder_1") == "my-folder_1"


@pytest.fixture
async def bob_home(world: World) -> Home:
    from keycell.accounts.administration import NewAccount, add_account  # noqa: PLC0415

    from ..files.conftest import actor_for  # noqa: PLC0415

    wanted = NewAccount(login="bob", password="correct horse battery", name="Bob", email=None)
    made = Home(world.files, actor_for(await add_account(world.people, wanted, "test")))
    await spaces(made.files, made.actor)
    return made
