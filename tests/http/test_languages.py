"""Pages in the reader's language. OIDCC-3.1.2.1."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import keycell
from keycell.bootstrap import World
from keycell.http.render import LANGUAGES, LOCALE
from keycell.http.words import PARTS, REASONS
from keycell.oauth.clients import redirect_difference
from keycell.provider.register import Made

from ..conftest import CALLBACK, Browser, add_client

SOURCE = Path(keycell.__file__).parent
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "words": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]")


def said() -> set[object]:
    """Everything that templates and code say."""
    found = extract_from_dir(SOURCE, METHODS, keywords=KEYWORDS)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, *_ in found}


def catalog(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "keycell.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_a_catalog_has_every_sentence_and_no_other(language: str) -> None:
    kept = {
        one.id if isinstance(one.id, str) else tuple(one.id): one
        for one in catalog(language)
        if one.id
    }
    assert kept.keys() == said()
    for key, one in kept.items():
        source = [key] if isinstance(key, str) else list(key)
        translated = [one.string] if isinstance(one.string, str) else list(one.string or ())
        assert all(translated), key
        assert not one.fuzzy, key
        for before, after in zip(source, translated, strict=True):
            assert sorted(PLACEHOLDER.findall(before)) == sorted(PLACEHOLDER.findall(after)), key


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, "en"),
        ({"accept": "fr-CA,fr;q=0.9,en;q=0.8"}, "fr"),
        ({"accept": "de, fr;q=0.5"}, "fr"),
        ({"accept": "en", "ui_locales": "de fr"}, "fr"),
        ({"accept": "fr", "ui_locales": "en"}, "en"),
        ({"accept": "x" * 5000}, "en"),
    ],
)
async def test_a_page_speaks_the_language_asked_for(
    browser: Browser, app: Made, asked: dict[str, str], expected: str
) -> None:
    browser.http.headers["Accept-Language"] = asked.get("accept", "")
    page = await browser.authorize(app, ui_locales=asked.get("ui_locales", ""))
    assert page.headers["content-language"] == expected
    assert f'<html lang="{expected}"' in page.text
    assert ("Identifiant" in page.text) == (expected == "fr")


async def test_a_person_chooses_and_the_choice_stays(browser: Browser) -> None:
    page = await browser.http.get("/?lang=fr")
    assert "Voici Keycell" in page.text
    assert "Se connecter" in (await browser.http.get("/oauth2/login")).text


WRONG = {
    "no such client": [("client_id", "nobody")],
    "client_id is missing": [],
    "client_id is sent more than once": [("client_id", "a"), ("client_id", "b")],
    "redirect_uri is missing": None,
    "redirect_uri is sent more than once": [("redirect_uri", "https://a"),
                                            ("redirect_uri", "https://b")],
    "redirect_uri is not one this client registered": [("redirect_uri", "https://evil.example")],
}  # fmt: skip


@pytest.mark.parametrize("reason", sorted(WRONG))
async def test_every_refusal_is_told_in_french(
    world: World, browser: Browser, app: Made, reason: str
) -> None:
    pairs = WRONG[reason]
    if pairs is None:
        two = await add_client(world, redirect_uris=[CALLBACK, f"{CALLBACK}/other"])
        pairs = [("client_id", two.client.client_id)]
    elif pairs and pairs[0][0] == "redirect_uri":
        pairs = [("client_id", app.client.client_id), *pairs]
    url = f"/oidc/oauth2/auth?{urlencode([*pairs, ('response_type', 'code')])}"
    page = await browser.http.get(url, headers={"Accept-Language": "fr"})
    assert page.status_code == 400
    assert "application est mal configurée" in page.text
    told = {message.id: str(message.string) for message in catalog("fr")}
    assert told[REASONS[reason]] in page.text
    assert "location" not in page.headers


def test_every_reason_has_its_words() -> None:
    assert {*WRONG, "the client is disabled"} == REASONS.keys()


@pytest.mark.parametrize(
    "received",
    [
        "https://app.example/callback/", "http://app.example/callback",
        "https://app.example:444/callback", "https://app2.example/callback",
        "https://app.example/callbock", "https://app.example/callback?a=1",
        "https://app.example/callback#a", "https://[app.example/callback",
    ],
)  # fmt: skip
def test_every_difference_has_its_words(received: str) -> None:
    difference = redirect_difference(received, ("https://app.example/callback",))
    assert difference is not None
    assert difference.part in PARTS
