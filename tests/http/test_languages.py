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
from keycell.catalogs import LANGUAGES, LOCALE
from keycell.http.words import PARTS, REASONS
from keycell.oauth.clients import redirect_difference
from keycell.provider.client_documents import BAD_DOCUMENT, TEST_OVER
from keycell.provider.register import Made
from keycell.provider.requests import BAD_OBJECT, BAD_REFERENCE
from keycell.provider.signed_answers import NO_KEY

from ..conftest import CALLBACK, Browser, add_client

SOURCE = Path(keycell.__file__).parent
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "phrase": None, "words": None,
            "ngettext": (1, 2)}  # fmt: skip
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
        # Languages have one to six forms of a number; the last of ours holds every placeholder.
        wanted = sorted(PLACEHOLDER.findall(source[-1]))
        assert len(translated) == (1 if len(source) == 1 else catalog(language).num_plurals)
        assert all(sorted(PLACEHOLDER.findall(one)) == wanted for one in translated), key


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, "en"),
        ({"accept": "fr-CA,fr;q=0.9,en;q=0.8"}, "fr"),
        ({"accept": "it, fr;q=0.5"}, "fr"),
        ({"accept": "en", "ui_locales": "it fr"}, "fr"),
        ({"accept": "en", "ui_locales": "de-CH fr"}, "de"),
        ({"accept": "es-MX"}, "es"),
        ({"accept": "ar-EG, en;q=0.5"}, "ar"),
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
    written = "rtl" if expected == "ar" else "ltr"
    assert f'<html lang="{expected}" dir="{written}">' in page.text
    others = set(LANGUAGES) - {expected}
    assert set(re.findall(r'hreflang="(\w+)"', page.text)) == others
    assert ("Identifiant" in page.text) == (expected == "fr")


@pytest.mark.usefixtures("ann")
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
    BAD_REFERENCE: [("request_uri", "urn:ietf:params:oauth:request_uri:none")],
    BAD_OBJECT: [("request", "e30.e30.")],
}  # fmt: skip


@pytest.mark.parametrize("reason", sorted(WRONG))
async def test_every_refusal_is_told_in_french(
    world: World, browser: Browser, app: Made, reason: str
) -> None:
    pairs = WRONG[reason]
    if pairs is None:
        two = await add_client(world, redirect_uris=[CALLBACK, f"{CALLBACK}/other"])
        pairs = [("client_id", two.client.client_id)]
    elif pairs and pairs[0][0] != "client_id":
        pairs = [("client_id", app.client.client_id), *pairs]
    url = f"/oidc/oauth2/auth?{urlencode([*pairs, ('response_type', 'code')])}"
    page = await browser.http.get(url, headers={"Accept-Language": "fr"})
    assert page.status_code == 400
    title = (
        "Impossible de continuer" if reason == BAD_REFERENCE else "application est mal configurée"
    )
    assert title in page.text
    told = {message.id: str(message.string) for message in catalog("fr")}
    assert told[REASONS[reason]] in page.text
    assert "location" not in page.headers


def test_every_reason_has_its_words() -> None:
    assert {*WRONG, "the client is disabled", NO_KEY, BAD_DOCUMENT, TEST_OVER} == REASONS.keys()


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


async def test_an_application_is_named_in_the_readers_language(
    browser: Browser, world: World
) -> None:
    """OIDCR-2.1: as it registered it; in all others as it has no tag."""
    names = {"client_name": "Mill", "client_name#fr": "Moulin", "client_name#de": "Mühle"}
    made = await add_client(
        world, **names, tos_uri="https://app.example/en",
        **{"tos_uri#fr": "https://app.example/fr"},
    )  # fmt: skip
    for asked, name in (("fr-CA en", "Moulin"), ("de", "Mühle"), ("es", "Mill")):
        page = await browser.authorize(made, ui_locales=asked)
        assert f"<bdi>{name}</bdi>" in page.text
        tos = "fr" if name == "Moulin" else "en"
        assert f'href="https://app.example/{tos}"' in page.text
