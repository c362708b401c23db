"""Whoever comes from an earlier version finds everything there, and goes on as they were."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pyotp
import pytest

from keycell.bootstrap import World
from keycell.files.finding import by_id
from keycell.files.linking import visit
from keycell.provider.register import Made
from keycell.server import make_app
from keycell.settings import Settings
from keycell.stores.migrate import VERSIONS, is_current, migrate

from ..conftest import BASE, Browser, answer, at_another_time
from ..files.conftest import Home, actor_for
from ..opening import opening
from .released import Release, read_rows, write_release

EARLIER = VERSIONS[:-1]
WITH_FILES = EARLIER[1:]
WITH_TOKENS = EARLIER[2:]
WITH_FACTORS = EARLIER[9:]
WITH_TRUST = EARLIER[19:]


@pytest.fixture(params=EARLIER, scope="module")
def release(request: pytest.FixtureRequest) -> Release:
    return Release.read(request.param)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def brought_up(
    request: pytest.FixtureRequest, release: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The database of a release after the migrations: made once, and copied for each test."""

    async def bring_up(url: str) -> None:
        await write_release(release, url)
        await migrate(url)

    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('release') / 'keycell.db'}"
        else:
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        asyncio.run(bring_up(url))
        yield url


@pytest.fixture
def copied(request: pytest.FixtureRequest, brought_up: str, tmp_path: Path) -> Iterator[str]:
    """One of the test's own."""
    _, _, place = brought_up.partition("sqlite:///")
    if place:
        shutil.copy(place, tmp_path / "keycell.db")
        yield f"sqlite:///{tmp_path / 'keycell.db'}"
        return
    name = brought_up.rpartition("/")[2]
    with request.getfixturevalue("postgres").database(template=name) as url:
        yield url


@contextlib.asynccontextmanager
async def opened_now(release: Release, url: str, data: Path) -> AsyncIterator[World]:
    """The Keycell of today on what an earlier one left."""
    settings = Settings(
        data=data, public_url=BASE, database=url, sealing_key=release.sealing_key,
        trust_browsers=30,
    )  # fmt: skip
    for row in release.rows.get("blobs", ()):
        if row["key"]:
            path = data / "blobs" / str(row["key"])[:2] / str(row["key"])
            path.parent.mkdir(parents=True)
            path.write_bytes(b"keycell " * 4096)
    async with opening(settings) as world:
        yield world


@contextlib.asynccontextmanager
async def browsing(world: World, release: Release, *, signed_in: bool) -> AsyncIterator[Browser]:
    transport = httpx2.ASGITransport(app=make_app(world))
    cookies = dict(release.cookies) if signed_in else {}
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, cookies=cookies) as http:
        yield Browser(world, http)


async def made(world: World, release: Release, name: str) -> Made:
    client = await world.clients.find(release.known[f"{name}_id"])
    assert client is not None
    return Made(client, release.known[f"{name}_secret"])


async def test_every_row_is_kept(release: Release, copied: str) -> None:
    assert await is_current(copied)
    kept = await read_rows(copied)
    for table, rows in release.rows.items():
        names = rows[0].keys()
        of_then = [{name: row[name] for name in names} for row in kept[table]]
        assert sorted(of_then, key=repr) == sorted(rows, key=repr), table


async def test_who_is_signed_in_and_has_consented_is_asked_nothing(
    release: Release, copied: str, tmp_path: Path
) -> None:
    async with (
        opened_now(release, copied, tmp_path / "data") as world,
        browsing(world, release, signed_in=True) as browser,
    ):
        app = await made(world, release, "client")
        told = answer(await browser.authorize(app, scope="openid profile", prompt="none"))
        assert (await browser.exchange(app, told["code"])).status_code == 200
        assert (await browser.http.get("/account/basic")).status_code == 200


async def test_a_person_signs_in_with_the_password_they_had(
    release: Release, copied: str, tmp_path: Path
) -> None:
    async with (
        opened_now(release, copied, tmp_path / "data") as world,
        browsing(world, release, signed_in=False) as browser,
    ):
        tokens = await browser.tokens(await made(world, release, "client"))
        told = (await browser.userinfo(tokens["access_token"])).json()
        assert told["sub"] == release.known["sub"]
        account = await world.people.accounts.find(release.known["sub"])
        assert account is not None
        assert (account.group_path, account.roles) == ("/lab/team", ("editor",))
        assert account.is_admin


async def test_applications_go_on_with_the_tokens_they_hold(
    release: Release, copied: str, tmp_path: Path
) -> None:
    """RFC6749-6, RFC6749-4.1.3, RFC7662-2.2."""
    known = release.known
    # Seen from when that version stopped: a minute later an answer that was lost stays lost.
    ago = release.stopped_at - datetime.now(UTC)
    async with (
        opened_now(release, copied, tmp_path / "data") as world,
        at_another_time(world, ago) as browser,
    ):
        app = await made(world, release, "client")
        refreshed = await browser.refresh(app, known["refresh_token"])
        assert refreshed.status_code == 200, refreshed.text
        again = await browser.refresh(app, refreshed.json()["refresh_token"])
        assert again.status_code == 200, again.text
        # An answer that was lost on the way, before the newer version came.
        repeated = await browser.refresh(app, known["spent_refresh_token"])
        assert repeated.json()["refresh_token"] == known["successor"]
        assert (await browser.exchange(app, known["code"])).status_code == 200
        job = await made(world, release, "opaque_client")
        assert job.secret is not None
        told = await browser.http.post(
            "/oidc/oauth2/introspect",
            data={"token": known["opaque_access_token"]},
            auth=(job.client.client_id, job.secret),
        )
        assert told.json()["active"]


@pytest.mark.parametrize("release", WITH_FILES, indirect=True)
async def test_files_are_what_they_were(release: Release, copied: str, tmp_path: Path) -> None:
    async with opened_now(release, copied, tmp_path / "data") as world:
        files, known = world.files, release.known
        account = await world.people.accounts.find(known["sub"])
        assert account is not None
        home = Home(files, actor_for(account))
        assert await home.get("personal-files/notes/a.txt") == b"second"
        assert await home.get("personal-files/notes/large.txt") == b"keycell " * 4096
        assert await home.get("personal-files/recycle_bin/old.txt") == b"old"
        versions = await files.nodes.versions(known["note"], 10)
        assert [version.content.size for version in versions] == [6, 5]
        note = await by_id(files, home.actor, known["note"])
        assert await files.locks.on_nodes([note.node.node_id], files.clock())
        assert await files.meta.of_nodes([known["note"]]) == {
            known["note"]: {"usermeta-tags": '"red"'}
        }
        shared = await visit(files, "holiday")
        assert shared is not None
        assert shared.link.downloads == 1
        assert [part.number for part in await files.uploads.parts(known["upload"], 0, 9)] == [1]
        assert await files.jobs.of_person(known["sub"], 9)
        await home.put("personal-files/notes/b.txt", b"new")


@pytest.mark.parametrize("release", WITH_TOKENS, indirect=True)
async def test_whoever_made_a_token_is_told_of_its_end_now_too(
    release: Release, copied: str, tmp_path: Path
) -> None:
    async with opened_now(release, copied, tmp_path / "data") as world:
        later = world.provider.clock() + timedelta(days=20)
        found = {one.label for one in await world.provider.ending.due(later, 9)}
        assert found == {"drive", "rclone"}


@pytest.mark.parametrize("release", WITH_FACTORS, indirect=True)
async def test_second_factors_are_asked_for_as_before(
    release: Release, copied: str, tmp_path: Path
) -> None:
    async with (
        opened_now(release, copied, tmp_path / "data") as world,
        browsing(world, release, signed_in=False) as browser,
    ):
        page = await browser.http.get("/oauth2/login")
        asked = await browser.log_in(page, release.known["guarded_login"])
        assert 'name="code"' in asked.text, asked.text
        account = await world.people.accounts.find_by_login(release.known["guarded_login"])
        assert account is not None
        kept = await world.people.factors.of_account(account.sub)
        assert (len(kept.passkeys), len(kept.apps), kept.codes_left) == (1, 1, 10)
        code = pyotp.TOTP(release.known["app_secret"]).now()
        done = await browser.submit(asked, code=code)
        assert 'name="code"' not in done.text, done.text


@pytest.mark.parametrize("release", WITH_TRUST, indirect=True)
async def test_a_browser_that_was_trusted_is_trusted_still(
    release: Release, copied: str, tmp_path: Path
) -> None:
    async with (
        opened_now(release, copied, tmp_path / "data") as world,
        browsing(world, release, signed_in=False) as browser,
    ):
        browser.http.cookies.set("keycell_trusted", release.known["trusted"])
        page = await browser.http.get("/oauth2/login")
        done = await browser.log_in(page, release.known["guarded_login"])
        assert done.url.path == "/account/basic", done.text
        (policy,) = await world.people.policies.all()
        assert (policy.kind, policy.name, policy.skips) == ("role", "guests", 4)
