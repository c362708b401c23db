"""How the server stands and with what it was started: for the page, and for whoever helps."""

import re
from dataclasses import replace

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http.setting_risks import RISKS
from keycell.http.setting_words import MEANINGS
from keycell.http.settings_told import redacted, shown, source_of
from keycell.settings import SETTINGS, Settings

from ...conftest import Browser
from ..tokens import make, sign_in
from .desk import Desk


async def test_health_and_settings(desk: Desk) -> None:
    found = (await desk.done("GET", "health"))["items"]
    checks = ["database", "tables", "storage", "mail", "jobs", "keys", "tls", "pages", "version"]
    assert [one["check"] for one in found] == checks
    assert {one["state"] for one in found if one["check"] in ("database", "keys")} == {"good"}
    told = {one["setting"]: one for one in (await desk.done("GET", "settings"))["items"]}
    assert told["public_url"]["source"] == "start"
    assert told["port"] | {} == {
        "setting": "port", "variable": "KEYCELL_PORT", "value": 8080, "default": 8080,
        "source": "default", "risk": None, "meaning": "The port that the server listens on.",
    }  # fmt: skip


def test_every_setting_says_what_it_is_for() -> None:
    """UX-X52."""
    assert RISKS.keys() < MEANINGS.keys()
    assert tuple(MEANINGS) == SETTINGS


async def test_health_is_told_in_the_readers_language(desk: Desk) -> None:
    german = {**desk.headers, "Accept-Language": "de"}
    found = (await desk.http.get("/a/keycell/admin/health", headers=german)).json()["items"]
    told = {one["check"]: one["detail"] for one in found}
    assert told["storage"] == "ein Ordner dieses Rechners"
    assert told["keys"].startswith("veröffentlichte Schlüssel: ")
    english = {one["check"]: one for one in (await desk.done("GET", "health"))["items"]}
    assert english["storage"]["detail"] == "a folder of this machine"


def test_no_secret_is_among_the_settings() -> None:
    assert shown("sealing_key", "AAAA") == "set"
    assert shown("database", "postgresql://k:s3cret@db/k?password=x") == "postgresql://k:…@db/k"
    assert shown("objects", "s3://bucket?secret=x") == "s3://bucket"
    assert "s3cret" not in str(shown("also_at", ("https://a:s3cret@b.example",)))


def test_a_setting_says_where_it_comes_from() -> None:
    """UX-X52: given, it stands fast; a program that Keycell runs inside tells nothing of it."""
    told = Settings(workers=2, sources={"port": "option", "public_url": "environment"})
    found = {name: source_of(told, name) for name in ("port", "public_url", "host", "workers")}
    assert found == {
        "port": "option", "public_url": "environment", "host": "default", "workers": "start",
    }  # fmt: skip


async def test_what_can_break_things_says_what_comes_of_it(desk: Desk) -> None:
    """UX-X52."""
    told = {one["setting"]: one for one in (await desk.done("GET", "settings"))["items"]}
    assert "passkeys" in told["public_url"]["risk"]
    desk.http.headers["Accept-Language"] = "de"
    german = {one["setting"]: one for one in (await desk.done("GET", "settings"))["items"]}
    assert "Passkeys" in german["public_url"]["risk"]
    assert german["public_url"]["risk"] != told["public_url"]["risk"]


async def test_diagnostics_tell_nothing_of_whose_server_it_is(
    desk: Desk, browser: Browser, world: World
) -> None:
    """UX-X51: the states of the page; no secret, no address, nobody's name."""
    await browser.http.post("/oidc/oauth2/token", data={"grant_type": "x"}, auth=("ann", "no"))
    response = await desk.ask("GET", "diagnostics")
    told = response.json()
    health = (await desk.done("GET", "health"))["items"]
    states = {one["check"]: one["state"] for one in health}
    assert {one["check"]: one["state"] for one in told["checks"]} == states
    assert tuple(told["settings"]) == SETTINGS
    assert told["versions"]["keycell"]
    settings = world.settings
    for private in (settings.base_url, str(settings.data), "127.0.0.1", "ann", "root"):
        assert private not in response.text
    assert (await desk.http.get("/a/keycell/admin/diagnostics")).status_code == 401


async def test_probes_tell_administrators_how_everything_stands(desk: Desk) -> None:
    """UX-X51: the states of the page at the probes."""
    health = (await desk.done("GET", "health"))["items"]
    states = {one["check"]: one["state"] for one in health}
    ready = (await desk.http.get("/readyz", headers=desk.headers)).json()
    assert ready == {"status": "ready", "checks": states}
    shown = (await desk.http.get("/metrics", headers=desk.headers)).text
    told = re.findall(r'^keycell_check\{check="(\w+)"\} (1|0\.5|0)$', shown, re.MULTILINE)
    worth = {"good": "1", "warning": "0.5", "bad": "0"}
    assert dict(told) == {name: worth[state] for name, state in states.items()}


async def test_probes_tell_strangers_no_more_than_that_it_answers(desk: Desk) -> None:
    """decisions/0090."""
    ready = (await desk.http.get("/readyz")).json()
    assert ready == {"status": "ready", "checks": {"database": "good"}}
    shown = (await desk.http.get("/metrics")).text
    assert re.findall(r"^keycell_check.*", shown, re.MULTILINE) == [
        'keycell_check{check="database"} 1'
    ]
    for path in ("/readyz", "/metrics"):
        nobody = await desk.http.get(path, headers={"Authorization": "Bearer nobody"})
        assert nobody.status_code == 401
        assert "keycell_check" not in nobody.text


async def test_no_other_token_opens_the_probes(browser: Browser, desk: Desk, ann: Account) -> None:
    """decisions/0090: neither a person's own, nor an administrator's that was narrowed."""
    anns = await sign_in(browser.http, "ann")
    narrow = await make(browser.http, desk.headers["Authorization"][7:], "files.read")
    for token in (anns, narrow):
        for path in ("/readyz", "/metrics"):
            response = await browser.http.get(path, headers={"Authorization": f"Bearer {token}"})
            assert response.status_code == 403
            assert "keycell_check" not in response.text


def test_no_setting_with_a_secret_is_in_diagnostics(settings: Settings) -> None:
    """UX-X51."""
    private = replace(
        settings, sealing_key="AAAA", database="postgresql://k:s3cret@db/k",
        objects="s3://bucket?secret=s3cret", smtp="smtp://post@mail.example",
        also_at=("https://a.example",), registration="open", workers=3,
    )  # fmt: skip
    told = redacted(private)
    for part in ("AAAA", "s3cret", "mail.example", "a.example", "bucket"):
        assert part not in str(told)
    assert told["sealing_key"] == {"source": "start", "value": "set"}
    assert (told["registration"], told["workers"]) == (
        {"source": "start", "value": "open"}, {"source": "start", "value": 3},
    )  # fmt: skip
