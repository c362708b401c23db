"""Tokens that end in the middle of things, and answers that are lost, of a real sign-in."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page

from keycell.client import files
from keycell.client.credentials import FileKeeper
from keycell.client.discovery import Metadata
from keycell.client.errors import SignInRequired
from keycell.client.profiles import Profile
from keycell.client.session import Session, bind, open_http
from keycell.client.uploads import upload

from ..client.line import Line, line_to
from ..server import Server
from .test_command_line import by_browser, credentials


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("KEYCELL_CONFIG_DIR", str(tmp_path / "home"))
    return {"KEYCELL_CONFIG_DIR": str(tmp_path / "home")}


def change(home: dict[str, str], **said: object) -> dict[str, object]:
    kept = json.loads(credentials(home).read_text())
    kept["default"] |= said
    credentials(home).write_text(json.dumps(kept))
    found: dict[str, object] = kept["default"]
    return found


def over(line: Line, server: Server, work: Callable[[Session], Awaitable[None]]) -> None:
    """Do something with the person's session, over a line that can be cut.

    The line stands where a proxy does: what proves a key names the server's own address.
    """

    async def run() -> None:
        profile = Profile("default", server.url, storage="file")
        token = f"{server.url}/oidc/oauth2/token"
        metadata = Metadata(f"{server.url}/oidc", {"token_endpoint": token})
        async with open_http(server.url) as (http, transport):
            await work(bind(profile, FileKeeper(), http, metadata, transport))

    # The browser's own loop runs in this thread.
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setenv("HTTP_PROXY", line.url)
        pool.submit(asyncio.run, run()).result()


def test_a_refresh_whose_answer_is_lost_is_asked_for_again(
    page: Page, server: Server, home: dict[str, str]
) -> None:
    """decisions/0005."""
    by_browser(page, server, home)
    before = change(home, expires_at=1)

    async def look(session: Session) -> None:
        assert len(await files.spaces(session)) == 2

    with line_to(server.port) as line:
        line.cut("down", after=0)
        over(line, server, look)
        assert line.cuts == 1
        after = change(home)
        assert after["refresh_token"] != before["refresh_token"]
        change(home, expires_at=1)
        over(line, server, look)


def test_a_token_that_ends_in_the_middle_of_a_transfer_is_replaced(
    page: Page, server: Server, home: dict[str, str], tmp_path: Path
) -> None:
    by_browser(page, server, home)
    (tmp_path / "big").write_bytes(os.urandom(70 * 2**20))

    async def send(session: Session) -> None:
        def end(_count: int) -> None:
            # What this process holds is refused from here on, as a revoked token is.
            session.auth._tokens = None  # noqa: SLF001
            change(home, access_token="x" * 40)

        ends = [end]
        sent = await upload(
            session, tmp_path / "big", "personal-files/big",
            progress=lambda count: ends.pop()(count) if ends else None,
        )  # fmt: skip
        assert sent.size == 70 * 2**20

    with line_to(server.port) as line:
        over(line, server, send)
    assert change(home)["access_token"] != "x" * 40


def test_an_ended_sign_in_is_told_once_however_many_ask(
    page: Page, server: Server, home: dict[str, str]
) -> None:
    by_browser(page, server, home)
    change(home, expires_at=1, refresh_token="nonsense")

    async def ask(session: Session) -> None:
        tries = (files.spaces(session) for _ in range(20))
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert {type(one) for one in outcomes} == {SignInRequired}
        assert len({str(one) for one in outcomes}) == 1

    with line_to(server.port) as line:
        over(line, server, ask)
        # One asked, the others heard of it.
        assert line.carried["up"] < 2000
    assert json.loads(credentials(home).read_text()) == {}
