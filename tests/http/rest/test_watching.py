"""What administrators look at: the trail, figures, health, settings, tokens and secrets."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.people import Account
from keycell.administration import trail
from keycell.bootstrap import World
from keycell.catalogs import load_translations
from keycell.http.health import tls_of
from keycell.oauth.report_clients import CLIENT_RULES
from keycell.oauth.report_server import SERVER_RULES
from keycell.settings import Settings

from ...conftest import Browser, add_client
from ...waiting import eventually
from .desk import Desk, Json

WIKI = {"client_name": "Wiki", "redirect_uris": ["https://wiki.example/cb"]}


async def test_the_trail_is_read_page_by_page_and_by_name(desk: Desk, ann: Account) -> None:
    for count in range(5):
        await desk.done("PUT", "users/ann", name=f"Ann {count}")
    first = await desk.done("GET", "audit", most=3, who="ann", action="account.changed")
    assert [one["target_name"] for one in first["items"]] == ["ann"] * 3
    assert {one["actor_name"] for one in first["items"]} == {"root"}
    assert first["items"][0]["sentence"] == "root changed the account ann"
    second = await desk.done(
        "GET", "audit", most=3, who=ann.sub, action="account.changed", before=first["next"]
    )
    assert len(second["items"]) == 2
    assert second["next"] is None
    assert (await desk.done("GET", "audit", result="refused"))["items"] == []


async def test_the_trail_is_told_in_the_readers_language(
    desk: Desk, world: World, ann: Account
) -> None:
    """UX-X41: the event is the same for everybody, its sentence is the reader's."""
    await desk.done("PUT", "users/ann", name="Ann")
    (said,) = (await desk.done("GET", "audit", action="account.changed"))["items"]
    desk.http.headers["Accept-Language"] = "de"
    (told,) = (await desk.done("GET", "audit", action="account.changed"))["items"]
    assert told["sentence"] == "root hat das Konto ann geändert"
    assert {**told, "sentence": ""} == {**said, "sentence": ""}
    ((_, kept),) = await world.people.audit.page(None, 1)
    assert (kept.action, kept.target) == ("account.changed", "ann")


async def test_attack_89_a_search_ends_before_the_trail_does(
    desk: Desk, world: World, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ATTACKS 89: so many events are looked at; the answer says where to go on."""
    monkeypatch.setattr(trail, "LOOKED_AT", 4)
    await desk.done("POST", "users/ann/disable")
    for count in range(9):
        await desk.done("PUT", "roles/editor", label=f"Editor {count}")
    found: list[str] = []
    answers, before = 0, None
    while True:
        cursor = before or "g"
        part = await desk.done("GET", "audit", action="account.disabled", before=cursor)
        found += [one["target"] for one in part["items"]]
        answers, before = answers + 1, part["next"]
        if before is None:
            break
    assert found == ["ann"]
    assert answers > 2
    lines = await desk.ask("GET", "audit.jsonl", action="account.disabled")
    assert len(lines.text.splitlines()) == 1
    assert (await desk.ask("GET", "audit", most="1001")).status_code == 400


async def test_the_trail_is_given_as_lines(desk: Desk, ann: Account) -> None:
    """They are for programs, so in one language."""
    desk.http.headers["Accept-Language"] = "de"
    await desk.done("PUT", "users/ann", name="Ann")
    response = await desk.ask("GET", "audit.jsonl", action="account.changed")
    assert response.headers["content-disposition"].startswith("attachment")
    (line,) = response.text.splitlines()
    assert json.loads(line)["sentence"] == "root changed the account ann"
    assert (await desk.ask("GET", "audit.jsonl", most="x")).status_code == 400


async def test_a_client_is_followed_as_it_signs_people_in(
    desk: Desk, browser: Browser, world: World, ann: Account
) -> None:
    made = await add_client(world)
    client_id = made.client.client_id
    log = await desk.done("GET", f"clients/{client_id}/log")
    await browser.exchange(made, await browser.code(made))
    await asyncio.sleep(0)
    later = await desk.done("GET", f"clients/{client_id}/log", since=log["since"])
    actions = {one["action"] for one in later["items"]}
    assert {"grant.started", "grant.exchanged"} <= actions
    assert {one["client_name"] for one in later["items"]} == {made.client.name}
    again = await desk.done("GET", f"clients/{client_id}/log", since=later["since"])
    assert again["items"] == []
    assert (await desk.ask("GET", "clients/none/log")).status_code == 404


async def test_figures(desk: Desk, browser: Browser, ann: Account) -> None:
    await browser.log_in(await browser.http.get("/oauth2/login"))
    await browser.http.post(
        "/a/frontend/session",
        json={"AuthInfo": {"type": "credentials", "login": "ann", "password": "wrong horse"}},
    )

    async def look() -> Json:
        return await desk.done("GET", "overview", days=7)

    shown = await eventually(look, lambda one: one["failures"])
    assert len(shown["days"]) == 7
    assert shown["days"][-1]["sign_ins"] >= 1
    assert shown["accounts"] == 2
    assert shown["sessions"] == 1
    assert shown["clients"] >= 7
    assert shown["applications"][0]["count"] >= 1
    assert shown["last_day"]["sign_ins"] >= 1
    assert shown["active"] == 1
    refusal = {"action": "session.refused", "result": "refused", "count": 1}
    assert refusal in shown["failures"]
    assert shown["last_day"]["failures"] == 1
    assert (shown["letters"], shown["jobs"], shown["logouts"]) == (0, 0, 0)
    assert shown["keys_change_at"] > shown["days"][-1]["day"]
    assert shown["certificate_ends_at"] is None
    assert (await desk.ask("GET", "overview", days=0)).status_code == 400


async def test_the_report_judges_the_server_and_each_application(desk: Desk) -> None:
    made = await desk.done("POST", "clients", metadata=WIKI)
    told = await desk.done("GET", "report")
    every = [one for part in (told["server"], *told["clients"]) for one in part["findings"]]
    broken = [one for one in every if one["verdict"] == "broken" and one["profile"] != "FAPI 2"]
    assert broken == []
    assert told["ok"]
    wiki = next(one for one in told["clients"] if one["client_id"] == made["client_id"])
    assert not wiki["fapi2"]
    verdicts = {one["rule"]: one["verdict"] for one in wiki["findings"]}
    assert (verdicts["https-redirects"], verdicts["authentication"]) == ("met", "advised")
    await desk.done("PUT", f"clients/{made['client_id']}", is_disabled=True)
    left = (await desk.done("GET", "report"))["clients"]
    assert made["client_id"] not in [one["client_id"] for one in left]


@pytest.mark.parametrize(
    ("asked", "language"),
    [("", "en"), ("fr-CA, en;q=0.5", "fr"), ("de", "de"), ("es", "es"), ("ar", "ar"),
     ("it", "en")],
)  # fmt: skip
async def test_the_report_is_told_in_the_readers_language(
    desk: Desk, asked: str, language: str
) -> None:
    """OIDCC-3.1.2.1."""
    desk.headers["Accept-Language"] = asked
    told = await desk.done("GET", "report")
    words = load_translations(language).gettext
    every = [one for part in (told["server"], *told["clients"]) for one in part["findings"]]
    asks = {one.name: words(one.asks.template) for one in SERVER_RULES}
    asks |= {one.name: words(one.asks.template) for one in CLIENT_RULES}
    assert [one["asks"] for one in every] == [asks[one["rule"]] for one in every]
    assert ("The server" in str(every)) == (language == "en")
    (https,) = [one for one in told["server"]["findings"] if one["rule"] == "https"]
    assert "http://127.0.0.1:8080/oidc" in https["found"]
    assert https["mend"]


async def test_the_list_to_begin_with_looks_at_how_it_is(desk: Desk, ann: Account) -> None:
    async def states() -> dict[str, str]:
        found = (await desk.done("GET", "checklist"))["items"]
        return {one["check"]: one["state"] for one in found}

    before = await states()
    assert before == {
        "issuer": "done", "tls": "todo", "proxy": "done", "mail": "todo", "client": "todo",
        "backup": "todo", "administrators": "todo",
    }  # fmt: skip
    await desk.done("POST", "clients", metadata=WIKI)
    await desk.done("PUT", "users/ann", is_admin=True)
    after = await states()
    assert (after["client"], after["administrators"]) == ("done", "done")
    elsewhere = {**desk.headers, "Host": "elsewhere.example", "X-Forwarded-For": "192.0.2.1"}
    response = await desk.http.get("/a/keycell/admin/checklist", headers=elsewhere)
    found = {one["check"]: one["state"] for one in response.json()["items"]}
    assert (found["issuer"], found["proxy"]) == ("bad", "bad")


def test_tls_is_told_by_where_people_reach_us(settings: Settings) -> None:
    def state(url: str) -> str:
        return tls_of(replace(settings, public_url=url))[0]

    assert state("https://id.example") == "good"
    assert state("http://localhost:8080") == "warning"
    assert state("http://id.example") == "bad"


async def test_what_an_application_would_be_told(desk: Desk, ann: Account) -> None:
    await desk.done(
        "POST", "clients", metadata={**WIKI, "scope": "openid email"}, client_id="wiki"
    )
    found = await desk.done("GET", "clients/wiki/preview", login="ann", scope="openid email phone")
    assert (found["scopes"], found["left_out"]) == (["email", "openid"], ["phone"])
    assert found["userinfo"]["email"] == "ann@example.org"
    assert found["id_token"]["aud"] == "wiki"
    assert found["is_asked"]
    await desk.done("POST", "users/ann/disable")
    refused = await desk.done("GET", "clients/wiki/preview", login="ann")
    assert refused["refusals"] == ["the account is disabled"]
    assert (await desk.ask("GET", "clients/wiki/preview", login="bob")).status_code == 404


async def test_two_secrets_overlap(desk: Desk, browser: Browser, world: World) -> None:
    """UX X27: the old one works until its date, and not a moment longer."""

    async def works(secret: str) -> bool:
        answer = await browser.http.post(
            "/oidc/oauth2/introspect", auth=("wiki", secret), data={"token": "x"}
        )
        return answer.status_code == 200

    first = await desk.done("POST", "clients", metadata=WIKI, client_id="wiki")
    second = await desk.done("POST", "clients/wiki/secret", grace_hours=24)
    assert second["former_secret_until"]
    assert await works(first["client_secret"])
    assert await works(second["client_secret"])
    assert not await works("neither")
    client = await world.clients.find("wiki")
    assert client is not None
    assert client.former_secret is not None
    over = replace(client.former_secret, until=world.provider.clock() - timedelta(seconds=1))
    event = (await world.audit.page(None, 1))[0][1]
    await world.clients.update(
        client.client_id, lambda now: replace(now, former_secret=over), event
    )
    assert not await works(first["client_secret"])
    third = await desk.done("POST", "clients/wiki/secret", grace_hours=1)
    assert not await works(first["client_secret"])
    assert await works(second["client_secret"])
    await desk.done("DELETE", "clients/wiki/secret")
    assert not await works(second["client_secret"])
    assert await works(third["client_secret"])
    assert (await desk.ask("DELETE", "clients/wiki/secret")).status_code == 404
    assert (await desk.ask("POST", "clients/wiki/secret", grace_hours=-1)).status_code == 400


async def test_a_secret_that_signs_ends_at_once(desk: Desk) -> None:
    signing = {**WIKI, "token_endpoint_auth_method": "client_secret_jwt"}
    await desk.done("POST", "clients", metadata=signing, client_id="wiki")
    assert (await desk.ask("POST", "clients/wiki/secret", grace_hours=1)).status_code == 400
    assert (await desk.done("POST", "clients/wiki/secret"))["former_secret_until"] is None
