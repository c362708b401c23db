"""Applications registered from their presets, by REST."""

from keycell.administration.preset_table import PRESETS

from ...conftest import Browser
from .desk import Desk


async def test_one_address_registers_and_configures(desk: Desk, browser: Browser) -> None:
    listed = (await desk.done("GET", "presets"))["items"]
    assert [one["preset_id"] for one in listed] == list(PRESETS)
    seen = await desk.done("GET", "presets/grafana", base="https://g.example/graphs/")
    assert seen["metadata"]["redirect_uris"] == ["https://g.example/graphs/login/generic_oauth"]
    assert "<client_secret>" in seen["block"]
    made = await desk.done(
        "POST", "presets/grafana", base="https://g.example/graphs/", client_id="g"
    )
    assert made["redirect_uris"] == seen["metadata"]["redirect_uris"]
    assert made["require_pkce"]
    assert f"client_secret = {made['client_secret']}\n" in made["block"]
    assert "client_id = g\n" in made["block"]
    told = (await desk.done("GET", "audit", most=1))["items"][0]
    assert told["sentence"] == "root registered the client Grafana"
    tried = await browser.http.post(
        "/oidc/oauth2/introspect", auth=("g", made["client_secret"]), data={"token": "x"}
    )
    assert tried.json() == {"active": False}
    kept = await desk.done("GET", "clients/g")
    assert (kept["client_name"], kept["client_uri"]) == ("Grafana", "https://g.example/graphs")


async def test_each_is_registered_as_it_is(desk: Desk) -> None:
    for preset in PRESETS.values():
        made = await desk.done(
            "POST", f"presets/{preset.preset_id}", base=preset.example, client_name="Ours"
        )
        assert made["require_pkce"] is preset.has_pkce
        assert made["client_name"] == "Ours"
        assert ("client_secret" in made) is not preset.is_public


async def test_what_cannot_be_registered_so(desk: Desk) -> None:
    assert (await desk.ask("GET", "presets/nothing")).status_code == 404
    for said in (
        {}, {"base": "grafana"}, {"base": "https://g.example", "client_id": "a'b"},
        {"base": "http://g.example"},
    ):  # fmt: skip
        response = await desk.ask("POST", "presets/grafana", **said)
        assert response.status_code == 400, said
    wrong = {"base": "https://g.example", "name": "../x"}
    assert (await desk.ask("POST", "presets/gitea", **wrong)).status_code == 400
    await desk.done("POST", "presets/gitea", base="https://g.example", client_id="g")
    clash = {"base": "https://g.example", "client_id": "g"}
    assert (await desk.ask("POST", "presets/gitea", **clash)).status_code == 409
