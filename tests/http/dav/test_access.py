"""Who gets in, with what, and how far."""

import asyncio
import base64
from urllib.parse import quote

import httpx2
import pytest
from starlette.types import Message

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.access import Action, Right
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.server import make_app

from ...conftest import PASSWORD, Browser, add_client
from ...stores.conftest import EVENT
from .conftest import HOME, Dav, token_for
from .test_locks import _actor


def basic(login: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{login}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


async def test_a_personal_access_token_is_a_password(dav: Dav) -> None:
    """RFC7617-2."""
    headers = basic("ann", dav.token)
    response = await dav.http.request("PROPFIND", HOME, headers={**headers, "Depth": "0"})
    assert response.status_code == 207


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("ann", PASSWORD),
        basic("ann", ""),
        basic("ann", "kcp_nonsense"),
        {"Authorization": "Basic"},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Basic " + "A" * 40_000},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Bearer "},
        {"Authorization": "Digest username=ann"},
        {"Cookie": "keycell_session=x"},
    ],
)
async def test_nothing_else_gets_in(dav: Dav, headers: dict[str, str]) -> None:
    """RFC9110-11.6.1, RFC6750-3."""
    for method in ("PROPFIND", "GET", "PUT", "LOCK"):
        response = await dav.http.request(method, f"{HOME}/a.txt", headers=headers)
        assert response.status_code == 401, method
        asked = response.headers.get_list("www-authenticate")
        assert any(one.startswith('Basic realm="keycell"') for one in asked)
        assert any(one.startswith('Bearer realm="keycell"') for one in asked)
    if headers == basic("ann", PASSWORD):
        assert "personal access token" in response.text
        assert "own password" in response.text


async def test_an_applications_token_opens_what_its_scope_says(
    world: World, browser: Browser, dav: Dav
) -> None:
    """RFC6750-3.1."""
    await dav.put("a.txt")
    made = await add_client(world, scope="openid files.read files.write")
    plain = Dav(browser.http, (await browser.tokens(made, "openid"))["access_token"])
    refused = await plain("GET", "a.txt")
    assert refused.status_code == 403
    reads = Dav(browser.http, (await browser.tokens(made, "openid files.read"))["access_token"])
    assert (await reads("GET", "a.txt")).content == b"content"
    for method, headers in (
        ("PUT", {}), ("DELETE", {}), ("MKCOL", {}), ("LOCK", {}), ("PROPPATCH", {}),
        ("MOVE", {"Destination": f"{HOME}/b.txt"}), ("COPY", {"Destination": f"{HOME}/b.txt"}),
    ):  # fmt: skip
        body = b""
        if method == "LOCK":
            body = (b"<lockinfo xmlns='DAV:'><lockscope><shared/></lockscope><locktype><write/>"
                    b"</locktype></lockinfo>")  # fmt: skip
        if method == "PROPPATCH":
            body = (b"<propertyupdate xmlns='DAV:'><set><prop><a/></prop></set>"
                    b"</propertyupdate>")  # fmt: skip
        path = "new" if method == "MKCOL" else "a.txt"
        assert (await reads(method, path, body, **headers)).status_code == 403, method


async def test_a_token_for_one_folder_leads_nowhere_else(
    world: World, ann: Account, dav: Dav, http: httpx2.AsyncClient
) -> None:
    """RFC9396-2."""
    for path in ("In", "Out"):
        await dav("MKCOL", path)
        await dav.put(f"{path}/a.txt", path.encode())
    folder = await stat(world.files, _actor(ann), read_path("personal-files/In"))
    bound = Dav(http, await token_for(world, ann, f"node:{folder.node.node_id}:rw"))
    assert (await bound("GET", "In/a.txt")).content == b"In"
    for path in ("", "Out", "Out/a.txt", "nothing", "/dav/common-files", "In/../Out/a.txt",
                 "In/%2e%2e/Out/a.txt", "In/..%2fOut/a.txt"):  # fmt: skip
        assert (await bound("GET", path)).status_code in (400, 404), path
        assert (await bound("PROPFIND", path, Depth="1")).status_code in (400, 404), path
    for method in ("MOVE", "COPY"):
        for there in ("Out/b.txt", "b.txt", "In/../b.txt", "In/%2e%2e/b.txt", "in/b.txt"):
            response = await bound(method, "In/a.txt", Destination=f"{HOME}/{there}")
            assert response.status_code in (400, 404, 409), (method, there)
        response = await bound(method, "Out/a.txt", Destination=f"{HOME}/In/b.txt")
        assert response.status_code == 404
        response = await bound(method, "In/a.txt", Destination="/dav/common-files/b.txt")
        assert response.status_code == 409
    tagged = f'<{HOME}/Out/a.txt> (["{"0" * 32}"])'
    assert await bound.put("In/b.txt", b"x", If=tagged) == 412
    assert await bound.put("In/b.txt", b"x", If=f"<{HOME}/Out/a.txt> (Not <DAV:no-lock>)") == 201
    assert (await dav("GET", "In/a.txt")).content == b"In"
    assert (await dav("GET", "Out/b.txt")).status_code == 404


async def test_no_spelling_leads_around_a_denial(
    world: World, ann: Account, bob: Account, http: httpx2.AsyncClient, dav: Dav
) -> None:
    """decisions/0029."""
    common = "/dav/common-files"
    await dav("MKCOL", f"{common}/Café")
    await dav.put(f"{common}/Café/secret.txt", b"secret")
    folder = await stat(world.files, _actor(ann), read_path("common-files/Café"))
    denied = Right(folder.node.node_id, bob.sub, Action.DENY)
    assert await world.files.spaces.put_right(denied, EVENT)
    other = Dav(http, await token_for(world, bob))
    assert (await dav("GET", f"{common}/Café/secret.txt")).content == b"secret"
    for name in ("Café", "Cafe\u0301", "CAFÉ", "café", "cafE\u0301"):
        place = f"{common}/{quote(name)}"
        for path in (place, f"{place}/", f"{place}/secret.txt"):
            for method, status in (("GET", 404), ("PROPFIND", 404), ("DELETE", 404)):
                assert (await other(method, path)).status_code == status, (method, path)
        assert await other.put(f"{place}/new.txt") in (404, 409)
        assert (await other("MKCOL", place)).status_code in (404, 405, 409)
        await other.put(f"{common}/x.txt")
        moved = await other("MOVE", f"{common}/x.txt", Destination=place)
        assert moved.status_code in (403, 404, 409), name
    assert "Caf" not in (await other("PROPFIND", common, Depth="infinity")).text
    assert (await other("MOVE", common, Destination=f"{HOME}/all")).status_code == 403
    copied = await other("COPY", common, Destination=f"{HOME}/all")
    assert copied.status_code in (201, 403)
    assert (await other("GET", "all/Café/secret.txt")).status_code == 404


async def test_others_files_are_not_there(
    world: World, bob: Account, http: httpx2.AsyncClient, dav: Dav
) -> None:
    await dav.put("a.txt")
    other = Dav(http, await token_for(world, bob))
    assert (await other("GET", "a.txt")).status_code == 404
    assert (await other("GET", "/dav/nowhere/a.txt")).status_code == 404
    assert await other.put("/dav/nowhere/a.txt") == 404


async def test_attack_89_an_answer_that_grows_is_sent_as_it_is_made(
    dav: Dav, world: World
) -> None:
    """Attack 89: what was asked for of 500 files was put together first, and took 340 MB."""
    for number in range(30):
        assert await dav.put(f"{number}.txt") == 201
    names = "".join(f"<n{number}-{'n' * 70}/>" for number in range(190))
    body = f"<D:propfind xmlns:D='DAV:'><D:prop>{names}</D:prop></D:propfind>".encode()
    sizes: list[int] = []
    is_read = asyncio.Event()

    async def receive() -> Message:
        if is_read.is_set():
            # Whoever listens for the end of the connection waits as long as it takes.
            await asyncio.Event().wait()
        is_read.set()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sizes.append(len(message.get("body", b"")))

    headers = {"authorization": f"Bearer {dav.token}", "depth": "1", "host": "x"}
    scope = {
        "type": "http", "method": "PROPFIND", "path": HOME, "raw_path": HOME.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    await make_app(world)(scope, receive, send)
    assert sum(sizes) > 400_000
    assert max(sizes) < 100_000
