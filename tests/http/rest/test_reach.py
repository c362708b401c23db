"""What a token may not do over REST, however little else it asks for."""

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.names import read_path

from ...conftest import Browser
from ...files.conftest import Home, home
from ..tokens import sign_in
from .test_links import token

__all__ = ["home"]

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


async def test_a_picture_is_changed_by_what_may_change_all_files(
    world: World, browser: Browser, ann: Account, home: Home
) -> None:
    await home.put("personal-files/a", b"x")
    node = (await stat(home.files, home.actor, read_path("personal-files/a"))).node
    session = await sign_in(browser.http, ann.login)
    shown = {"Authorization": f"Bearer {session}"}
    address = f"/a/frontend/binaries/USER/{ann.login}"
    made = await browser.http.post(
        "/a/auth/token/personal",
        json={"Label": "x", "Scopes": [f"node:{node.node_id}:rw"], "AutoRefresh": 3600},
        headers=shown,
    )
    narrow = made.json()["AccessToken"]
    reading = await token(world, browser, "files.read")
    for one in (narrow, reading):
        bearer = {"Authorization": f"Bearer {one}"}
        refused = await browser.http.post(address, content=PNG, headers=bearer)
        assert refused.status_code == 403, refused.text
    assert (await browser.http.post(address, content=PNG, headers=shown)).status_code == 200
