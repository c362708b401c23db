"""One's own account by REST: what is seen, and that what is ended is ended, and nothing else."""

import io
import json
import zipfile
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.own.calls import CALLS, PREFIX

from ...conftest import Browser, add_client
from ..tokens import make, sign_in
from .desk import Desk, Json


class Own:
    """Somebody with a token of their own sign-in."""

    def __init__(self, http: httpx2.AsyncClient, token: str) -> None:
        self.http = http
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, **query: str) -> httpx2.Response:
        return await self.http.request(
            method, PREFIX + path, params=query or None, headers=self.headers
        )

    async def done(self, method: str, path: str, **query: str) -> Json:
        response = await self.ask(method, path, **query)
        assert response.status_code == 200, response.text
        found: Json = response.json()
        return found


@pytest.fixture
async def own(browser: Browser, ann: Account) -> Own:
    return Own(browser.http, await sign_in(browser.http, "ann"))


async def test_what_did_not_come_of_a_sign_in_gets_nothing(
    browser: Browser, world: World, own: Own
) -> None:
    """What leaked must not look around: no personal token, none of an application."""
    personal = await make(browser.http, own.headers["Authorization"][7:])
    made = await add_client(world, scope="openid profile")
    response = await browser.exchange(made, await browser.code(made, scope="openid profile"))
    for path, methods in CALLS.items():
        for method in methods:
            address = path.replace("{", "x").replace("}", "x")
            assert (await browser.http.request(method, PREFIX + address)).status_code == 401
            for token in (personal, response.json()["access_token"]):
                refused = await Own(browser.http, token).ask(method, address)
                assert refused.status_code == 403, (method, path)


async def test_applications_see_what_the_profile_says_and_lose_it(
    browser: Browser, world: World, own: Own
) -> None:
    scope = "openid email offline_access"
    made = await add_client(world, scope=scope)
    other = await add_client(world, scope=scope)
    client_id = made.client.client_id
    tokens = (await browser.exchange(made, await browser.code(made, scope=scope))).json()
    kept = (await browser.exchange(other, await browser.code(other, scope=scope))).json()
    seen = (await own.done("GET", "profile"))["applications"]
    mine = next(one for one in seen if one["client_id"] == client_id)
    assert mine["claims"]["email"] == "ann@example.org"
    assert "name" not in mine["claims"]
    listed = (await own.done("GET", "applications"))["items"]
    assert {client_id, other.client.client_id} <= {one["client_id"] for one in listed}
    (allowed,) = [one["may"] for one in listed if one["client_id"] == client_id]
    assert allowed[:2] == ["know who you are when you sign in", "see your mail address"]
    await own.done("DELETE", f"applications/{client_id}")
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert (await browser.userinfo(kept["access_token"])).status_code == 200
    assert (await own.ask("DELETE", f"applications/{client_id}")).status_code == 404


async def test_one_session_is_ended_and_the_others_live(
    browser: Browser, world: World, own: Own
) -> None:
    scope = "openid email offline_access"
    made = await add_client(world, scope=scope)
    tokens = (await browser.exchange(made, await browser.code(made, scope=scope))).json()
    listed = (await own.done("GET", "sessions"))["items"]
    (sid,) = [one["id"] for one in listed if one["kind"] == "browser"]
    program = next(
        one for one in listed
        if one["kind"] == "program" and one["client_id"] == made.client.client_id
    )  # fmt: skip
    assert (await browser.http.get("/account/basic")).status_code == 200
    await own.done("DELETE", f"sessions/{sid}")
    assert (await browser.http.get("/account/basic")).status_code == 303
    assert (await browser.userinfo(tokens["access_token"])).status_code == 200
    await own.done("DELETE", f"grants/{program['id']}")
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    for gone in (f"sessions/{sid}", f"grants/{program['id']}"):
        assert (await own.ask("DELETE", gone)).status_code == 404


async def test_all_others_are_ended_and_this_one_lives(browser: Browser, own: Own) -> None:
    other = Own(browser.http, await sign_in(browser.http, "ann"))
    await browser.log_in(await browser.http.get("/oauth2/login"))
    ended = await own.done("DELETE", "sessions")
    assert ended["browsers"] == 1
    assert (await browser.http.get("/account/basic")).status_code == 303
    assert (await own.done("GET", "sessions"))["items"] is not None
    left = (await other.ask("GET", "sessions")).status_code
    assert left == (401 if ended["programs"] else 200)


async def test_nobody_ends_what_is_anothers(browser: Browser, own: Own, bob: Account) -> None:
    bobs = Own(browser.http, await sign_in(browser.http, "bob"))
    await browser.log_in(await browser.http.get("/oauth2/login"))
    listed = (await own.done("GET", "sessions"))["items"]
    for one in listed:
        kind = "sessions" if one["kind"] == "browser" else "grants"
        assert (await bobs.ask("DELETE", f"{kind}/{one['id']}")).status_code == 404
    assert (await bobs.done("GET", "activity"))["items"] is not None
    assert (await browser.http.get("/account/basic")).status_code == 200


async def test_activity_is_ones_own_and_paged(own: Own, world: World, ann: Account) -> None:
    for _ in range(4):
        await sign_in(own.http, "ann")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await own.done("GET", "activity", most="2", **cursor)
        seen += [one["event_id"] for one in page["items"]]
        if page["next"] is None or not page["items"]:
            break
        cursor = {"before": page["next"]}
    assert len(seen) == len(set(seen)) >= 4
    assert (await own.ask("GET", "activity", most="0")).status_code == 400


async def test_new_tokens_of_a_day_are_told_once(own: Own, world: World, ann: Account) -> None:
    """UX-P08: what a program does all day hides nothing, and nothing of it is lost."""
    noon = world.people.clock().replace(hour=12, minute=0)
    for hours, client_id, ip in (
        (0, "app", "1.1.1.1"), (-1, "app", "1.1.1.1"), (-2, "app", "2.2.2.2"),
        (-3, "other", "1.1.1.1"), (-4, "app", "1.1.1.1"), (-24, "app", "1.1.1.1"),
    ):  # fmt: skip
        await world.people.audit.record(
            AuditEvent(at=noon + timedelta(hours=hours), actor=ann.sub, action="grant.refreshed",
                       client_id=client_id, origin=Origin(ip, "curl", ""))
        )  # fmt: skip
    told = [
        one for one in (await own.done("GET", "activity"))["items"]
        if one["action"] == "grant.refreshed"
    ]  # fmt: skip
    assert [(one["client_id"], one["origin"]["ip"], one["times"]) for one in told] == [
        ("app", "1.1.1.1", 3), ("app", "2.2.2.2", 1), ("other", "1.1.1.1", 1),
        ("app", "1.1.1.1", 1),
    ]  # fmt: skip
    assert told[0]["since"] == (noon - timedelta(hours=4)).isoformat()
    first = await own.done("GET", "activity", most="1")
    second = await own.done("GET", "activity", most="1", before=first["next"])
    assert first["items"][0]["event_id"] != second["items"][0]["event_id"]
    kept = (await own.done("GET", "export"))["activity"]
    assert sum(one["action"] == "grant.refreshed" for one in kept) == 6


async def test_ones_own_picture(own: Own, browser: Browser) -> None:
    """UX-P01: kept by what its bytes are, at an address of its own, and taken away again."""
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
    assert await own.done("GET", "picture") == {"address": None}
    sent = await own.http.put(f"{PREFIX}picture", content=png, headers=own.headers)
    address = sent.json()["address"]
    shown = await browser.http.get(address)
    assert (shown.content, shown.headers["content-type"]) == (png, "image/png")
    other = await own.http.put(f"{PREFIX}picture", content=png + b"x", headers=own.headers)
    assert other.json()["address"] != address
    for content, status in ((b"<svg/>", 400), (png + b"x" * 2**19, 413)):
        sent = await own.http.put(f"{PREFIX}picture", content=content, headers=own.headers)
        assert sent.status_code == status, sent.text
    assert (await browser.http.put(f"{PREFIX}picture", content=png)).status_code == 401
    personal = Own(browser.http, await make(browser.http, own.headers["Authorization"][7:]))
    for method in ("GET", "PUT", "DELETE"):
        assert (await personal.ask(method, "picture")).status_code == 403
    assert await own.done("DELETE", "picture") == {"address": None}
    assert (await browser.http.get(address)).status_code == 404


async def test_activity_is_told_in_the_readers_language(own: Own, desk: Desk) -> None:
    """UX-P08: what was done is told to the person; who else did it is not named."""
    await desk.done("PUT", "users/ann", name="Ann")
    told = {}
    for language in ("en", "es"):
        own.http.headers["Accept-Language"] = language
        seen = (await own.done("GET", "activity"))["items"]
        (told[language],) = [one for one in seen if one["action"] == "account.changed"]
    assert told["en"]["sentence"] == "Account changed: ann"
    assert told["es"]["sentence"] == "Cuenta cambiada: ann"
    assert {**told["es"], "sentence": ""} == {**told["en"], "sentence": ""}
    assert not told["en"]["is_own"]
    assert "root" not in str(told)


async def test_everything_is_exported_and_counted(own: Own, browser: Browser) -> None:
    await make(browser.http, own.headers["Authorization"][7:])
    found = await own.done("GET", "export")
    assert found["profile"]["login"] == "ann"
    assert [one["label"] for one in found["tokens"]] == ["backup"]
    nothing: Json = {
        "picture": None,
        "letters_off": [],
        "links": [],
        "bookmarks": [],
        "comments": [],
    }
    assert found.items() >= nothing.items()
    assert found["profile"].pop("has_password") is True
    assert "password" not in str(found["profile"]).lower()
    counted = await own.done("GET", "security")
    assert (counted["tokens"], counted["old_tokens"], counted["has_email"]) == (1, 0, True)
    assert (counted["factors"], counted["few_recovery_codes"]) == (0, False)


async def test_everything_is_taken_along_with_the_files(own: Own) -> None:
    put = await own.http.put(
        "/dav/personal-files/letter.txt", content=b"Dear diary", headers=own.headers
    )
    assert put.status_code == 201
    response = await own.ask("GET", "export.zip")
    assert response.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert json.loads(archive.read("account.json"))["profile"]["login"] == "ann"
        assert archive.read("personal-files/letter.txt") == b"Dear diary"
