"""What cannot be done, told in the reader's language; what programs read is always the same."""

import httpx2
import pytest

from ...conftest import Browser
from ..tokens import sign_in
from .desk import Desk

HEADERS = {"Accept-Language": "de-CH, fr;q=0.5"}


@pytest.mark.usefixtures("ann")
async def test_files_are_refused_in_the_readers_language(browser: Browser) -> None:
    token = {"Authorization": f"Bearer {await sign_in(browser.http, 'ann')}"}

    async def ask(path: str, **headers: str) -> httpx2.Response:
        return await browser.http.post(
            "/a/tree/create",
            json={"Nodes": [{"Path": path, "Type": "COLLECTION"}]},
            headers=token | headers,
        )

    assert (await ask("personal-files/x")).status_code == 200
    (said, told) = (await ask("nowhere/x"), await ask("nowhere/x", **HEADERS))
    assert said.json()["Title"] == "there is no space 'nowhere'"
    assert told.json()["Title"] == told.json()["Detail"] == "es gibt keinen Bereich 'nowhere'"
    assert (told.status_code, told.json()["Code"]) == (said.status_code, said.json()["Code"])
    # On the wire that browsers upload by, too.
    upload = await browser.http.get("/io/nowhere/x.txt", headers=token | HEADERS)
    assert "es gibt keinen Bereich" in upload.text


async def test_administrators_are_refused_in_their_language(desk: Desk) -> None:
    said = await desk.ask("GET", "users/nobody")
    desk.http.headers |= HEADERS
    told = await desk.ask("GET", "users/nobody")
    assert said.json()["Title"] == "there is no account nobody"
    assert told.json()["Title"] == "es gibt kein Konto nobody"
    assert (told.status_code, told.json()["Code"]) == (said.status_code, said.json()["Code"])
    short = await desk.ask("POST", "users", login="eve", password="x")
    assert short.json()["Title"] == "ein Passwort hat mindestens 8 Zeichen"
