"""An application as a document, and how long its tokens last."""

from typing import Any

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World

from ...conftest import Browser, add_client
from .desk import Desk

WIKI: dict[str, Any] = {
    "client_name": "Wiki", "redirect_uris": ["https://wiki.example/cb?x=1", "wiki:///cb"],
    "application_type": "native", "grant_types": ["authorization_code", "refresh_token"],
    "scope": "openid email", "client_name#fr": "Le wiki",
}  # fmt: skip
LASTING = {"access_token_seconds": 300, "id_token_seconds": 120, "refresh_token_seconds": 86400}


async def set_up(desk: Desk) -> str:
    """Give the first secret of an application of which all is said that can be."""
    made = await desk.done("POST", "clients", metadata=WIKI, client_id="wiki")
    await desk.done("POST", "groups", path="/staff")
    await desk.done("PUT", "clients/wiki/access", people=["ann"], groups=["/staff"])
    await desk.done("PUT", "clients/wiki/acting", applications=["wiki"], for_people=["ann"])
    await desk.done("PUT", "clients/wiki/suite", suite="acme")
    await desk.done("PUT", "clients/wiki/tokens", access_token_format="opaque", **LASTING)
    await desk.done("PUT", "clients/wiki", is_disabled=True)
    secret: str = made["client_secret"]
    return secret


async def test_an_application_goes_out_and_comes_back_the_same(desk: Desk, ann: Account) -> None:
    """UX-X28: byte for byte, its redirect URIs too; with another secret, for none went out."""
    secret = await set_up(desk)
    document = await desk.done("GET", "clients/wiki/export")
    assert secret not in str(document)
    assert document["metadata"]["redirect_uris"] == WIKI["redirect_uris"]
    assert document["metadata"]["client_name#fr"] == "Le wiki"
    assert document["access"]["people"] == ["ann"]
    shown = await desk.done("GET", "clients/wiki")
    await desk.done("DELETE", "clients/wiki")
    # Who may act is named, and is there again only with it.
    assert (await desk.ask("POST", "client-import", document=document)).status_code == 400
    alone = {**document, "acting": {}}
    looked = await desk.done("POST", "client-import", document=alone, is_dry_run=True)
    assert "client_secret" not in looked
    assert (await desk.ask("GET", "clients/wiki")).status_code == 404
    made = await desk.done("POST", "client-import", document=alone)
    assert made["client_secret"] != secret
    brought = await desk.done("POST", "client-import", document=document, is_replacing=True)
    assert "client_secret" not in brought
    assert await desk.done("GET", "clients/wiki/export") == document
    again = await desk.done("GET", "clients/wiki")
    assert {**again, "created_at": ""} == {**shown, "created_at": ""}


async def test_a_document_replaces_what_is_there_when_told_to(desk: Desk, ann: Account) -> None:
    await set_up(desk)
    document = await desk.done("GET", "clients/wiki/export")
    assert (await desk.ask("POST", "client-import", document=document)).status_code == 409
    changed = {**document, "metadata": {**document["metadata"], "client_name": "Notes"}}
    await desk.done("POST", "client-import", document=changed, is_replacing=True)
    assert (await desk.done("GET", "clients/wiki"))["client_name"] == "Notes"
    signing = {**document["metadata"], "token_endpoint_auth_method": "client_secret_jwt"}
    asked = {"document": {**document, "metadata": signing}, "is_replacing": True}
    assert (await desk.ask("POST", "client-import", **asked)).status_code == 400


@pytest.mark.parametrize(
    "change",
    [{"kind": "other"}, {"format": 2}, {"client_id": "a b"}, {"client_id": "cells-sync"},
     {"metadata": {"redirect_uris": ["ftp://x"]}}, {"tokens": {"access_token_seconds": "x"}},
     {"access": {"groups": ["/none"]}}, {"suite": "No suite"}],
)  # fmt: skip
async def test_what_is_no_application_is_refused(
    desk: Desk, ann: Account, change: dict[str, Any]
) -> None:
    await set_up(desk)
    document = await desk.done("GET", "clients/wiki/export")
    wrong = {**document, "client_id": "other", **change}
    answer = await desk.ask("POST", "client-import", document=wrong, is_replacing=True)
    assert answer.status_code in (400, 403)
    assert (await desk.ask("GET", "clients/other")).status_code == 404


async def test_tokens_last_as_long_as_is_said(
    desk: Desk, world: World, browser: Browser, ann: Account
) -> None:
    """UX-X29: the next tokens of one application; what is not said is the server's."""
    made = await add_client(world)
    at = f"clients/{made.client.client_id}/tokens"
    shown = await desk.done("GET", at)
    assert shown["defaults"]["access_token_seconds"] == 600
    assert shown["access_token_seconds"] is None
    assert shown["rotates"]
    await desk.done("PUT", at, **LASTING)
    tokens = (await browser.exchange(made, await browser.code(made))).json()
    assert tokens["expires_in"] == 300
    told = await desk.done("POST", "tokens/inspect", token=tokens["id_token"])
    assert told["claims"]["exp"] - told["claims"]["iat"] == 120
    await desk.done("PUT", at)
    again = (await browser.exchange(made, await browser.code(made))).json()
    assert again["expires_in"] == 600


async def test_no_token_lasts_longer_than_what_it_comes_of(desk: Desk) -> None:
    await desk.done("POST", "clients", metadata=WIKI, client_id="wiki")

    async def refused(**asked: object) -> httpx2.Response:
        answer = await desk.ask("PUT", "clients/wiki/tokens", **asked)
        assert answer.status_code == 400
        return answer

    await refused(access_token_seconds=59)
    await refused(access_token_seconds=86_401)
    await refused(access_token_seconds=3600, refresh_token_seconds=1800)
    await refused(refresh_token_seconds=300)
    await refused(access_token_format="paper")
    assert (await desk.ask("PUT", "clients/cells-sync/tokens")).status_code == 403


async def test_addresses_are_judged_before_they_are_registered(desk: Desk) -> None:
    """UX-X22, UX-B21: what is registered is said of each, and how it will be matched."""
    good = {
        "https://wiki.example/wp-admin/admin-ajax.php?action=openid-connect-authorize": "web",
        "https://proxmox.example:8006": "web",
        "http://127.0.0.1/cb": "loopback",
        "http://[::1]/cb": "loopback",
        "http://localhost:3000/cb": "localhost",
        "app.immich:///oauth-callback": "own-scheme",
    }
    bad = ["https://*.example/cb", "http://wiki.example/cb", "https://wiki.example/#x", "wiki", ""]
    asked = {"redirect_uris": [*good, *bad], "is_public": True}
    items = (await desk.done("POST", "client-check", **asked))["items"]
    assert {one["redirect_uri"]: one["kind"] for one in items if not one["error"]} == good
    assert [one["redirect_uri"] for one in items if one["error"]] == bad
    asked = {"redirect_uris": ["app.immich:///oauth-callback"]}
    (confidential,) = (await desk.done("POST", "client-check", **asked))["items"]
    assert "only a public client" in confidential["error"]
    desk.http.headers["Accept-Language"] = "de"
    (german,) = (await desk.done("POST", "client-check", **asked))["items"]
    assert "Nur ein öffentlicher Client" in german["error"]
    made = await desk.done("POST", "clients", metadata={**WIKI, "redirect_uris": list(good)})
    assert made["redirect_uris"] == list(good)
