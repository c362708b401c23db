"""The pages for who writes applications. RFC6749-5.2, UX-V01, V02, V04, V05, V09."""

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

import keycell
from keycell.http.changelog import COMING, DEPRECATED, read_releases
from keycell.http.explained import EXPLAINED
from keycell.http.quickstarts import QUICKSTARTS
from keycell.oauth.errors import OAuthError

from ..conftest import BASE, Browser

SOURCE = Path(keycell.__file__).parent
PAGES = (
    "/oidc", "/oauth2/errors", "/developers/quickstarts", "/developers/api",
    "/developers/changelog",
)  # fmt: skip
WRITTEN = re.compile(r'"error": "(\w+_\w+)"')


def shown(page: httpx2.Response) -> str:
    return html.unescape(page.text)


def codes(kind: type[OAuthError] = OAuthError) -> set[str]:
    """Every code that code of ours can raise."""
    found = {kind.error} if "error" in vars(kind) else set()
    return found.union(*(codes(below) for below in kind.__subclasses__()))


def test_every_error_is_explained_and_no_other() -> None:
    assert codes() | {"server_error"} == EXPLAINED.keys()
    for code, one in EXPLAINED.items():
        assert one.meaning, code
        assert one.causes, code
        assert one.mend, code
        assert one.link.startswith("https://"), code


def test_every_error_that_is_written_by_hand_is_explained() -> None:
    files = [path.read_text() for path in (SOURCE / "http").glob("*.py")]
    found = {code for text in files for code in WRITTEN.findall(text)}
    assert {"server_error", "invalid_request"} <= found
    # What is not there is no error of OAuth, and has no error_uri.
    assert found - EXPLAINED.keys() <= {"not_found"}


async def test_programs_that_write_applications_read_the_same(browser: Browser) -> None:
    """UX-V09: what it leads to is there, and it says what the pages say, with our addresses."""
    told = await browser.http.get("/llms.txt")
    assert told.headers["content-type"] == "text/markdown; charset=utf-8"
    assert told.text.startswith(f"# Keycell at {BASE}\n")
    addresses = set(re.findall(r"\]\(([^)#]+)", told.text))
    assert len(addresses) >= 7
    for address in addresses:
        assert (await browser.http.get(address)).status_code == 200, address
    for code, one in EXPLAINED.items():
        assert f"errors#{code}): {one.meaning} {one.mend}" in told.text
    assert all(one.title in told.text for one in QUICKSTARTS)
    assert "@ISSUER@" not in told.text
    assert 'href="/llms.txt"' in (await browser.http.get("/oidc")).text


async def test_what_became_different_is_told_and_what_is_deprecated(browser: Browser) -> None:
    """UX-V09."""
    page = await browser.http.get("/developers/changelog")
    assert "The changelog is not part" not in page.text
    for path in (SOURCE.parents[1] / "changelog.d").glob("*.md"):
        change = path.read_text().strip().replace("`", "")
        assert change in re.sub("</?code>", "", shown(page)), path
    document = (await browser.http.get("/a/openapi.json")).json()
    deprecated = {
        f"{method.upper()} {path}": operation["description"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and "deprecated" in operation
    }
    assert deprecated == {
        call.replace(":path", ""): f"Instead: {instead}." for call, instead in DEPRECATED.items()
    }
    reference = await browser.http.get("/developers/api")
    for call, instead in DEPRECATED.items():
        assert f"<code>{call.replace(':path', '')}</code></dt>" in shown(page)
        assert f"Instead: {instead}." in shown(reference)
        method, _, address = instead.partition(" ")
        if address.startswith("/a/"):
            assert method.lower() in document["paths"][address], call


def test_releases_are_read_as_they_are_put_together(tmp_path: Path) -> None:
    """UX-V09: by towncrier itself, from changes as we write them."""
    (tmp_path / "changelog.d").mkdir()
    for name in ("towncrier.toml", "CHANGELOG.md"):
        (tmp_path / name).write_text((SOURCE.parents[1] / name).read_text())
    for name, said in (("a.added", "One `thing`,\nin two lines."), ("b.fixed", "Another.")):
        (tmp_path / "changelog.d" / f"{name}.md").write_text(said)
    coming = read_releases(tmp_path)
    assert [one.title for one in coming] == [COMING]
    command = [sys.executable, "-m", "towncrier", "build", "--yes", "--version", "1.0"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (release,) = read_releases(tmp_path)
    assert release.title.startswith("1.0 (")
    assert {kind: len(changes) for kind, changes in release.changes.items()} == {
        "added": 1, "fixed": 1,
    }  # fmt: skip
    assert release.changes["added"][0].split() == ["One", "`thing`,", "in", "two", "lines."]


async def test_each_code_has_an_anchor_of_its_name(browser: Browser) -> None:
    page = await browser.http.get("/oauth2/errors")
    for code, one in EXPLAINED.items():
        assert f'<h2 id="{code}">' in page.text
        assert one.meaning in shown(page)
        assert f'href="{one.link}"' in page.text


async def test_the_issuer_page_says_what_the_metadata_says(browser: Browser) -> None:
    page = await browser.http.get("/oidc")
    told = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    keys = (await browser.http.get("/oidc/.well-known/jwks.json")).json()["keys"]
    for name, value in told.items():
        if name not in ("issuer", "scopes_supported", "claims_supported"):
            assert f"<code>{name}</code>" in page.text
        for one in value if isinstance(value, list) else [value]:
            said = {True: "yes", False: "no"}[one] if isinstance(one, bool) else str(one)
            assert said in shown(page), name
    assert all(key["kid"] in page.text for key in keys)


async def test_the_reference_has_every_operation_of_the_document(browser: Browser) -> None:
    page = await browser.http.get("/developers/api")
    document = json.loads((await browser.http.get("/a/openapi.json")).content)
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]
    assert len(operations) > 50
    for title, operation in operations:
        assert f'id="{operation["operationId"]}"' in page.text
        assert f"<code>{title}</code>" in shown(page)
        assert operation["summary"] in shown(page)
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in page.text


async def test_the_readers_own_values_are_filled_in(browser: Browser) -> None:
    page = await browser.http.get("/developers/quickstarts?client_id=my-app")
    assert f"{BASE}/oidc" in page.text
    told = sum(one.text.count("@CLIENT_ID@") for one in QUICKSTARTS)
    assert shown(page).count("my-app") > told
    assert "@CLIENT_ID@" not in page.text
    assert "@ISSUER@" not in page.text
    assert "YOUR_CLIENT_ID" in (await browser.http.get("/developers/quickstarts")).text


@pytest.mark.parametrize("client_id", ["a;b", '"; rm -rf "$HOME', "<script>", "$(id)", "x" * 101])
async def test_nothing_but_a_client_id_is_filled_in(browser: Browser, client_id: str) -> None:
    """Whoever made the link must not have something run where the text is pasted."""
    params = {"client_id": client_id}
    page = await browser.http.get("/developers/quickstarts", params=params)
    assert "This is no client_id of ours" in page.text
    assert all(
        client_id not in html.unescape(one)
        for one in re.findall("<pre.*?</pre>", page.text, re.DOTALL)
    )
    assert "<script>" not in page.text


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_for_developers_runs_no_script_of_others(browser: Browser, path: str) -> None:
    page = await browser.http.get(path)
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    own = re.findall(r'<script src="/assets/[\w.]*/?(\w+)\.js" defer></script>', page.text)
    assert own == (["page", "try"] if path == "/developers/api" else ["page"])
    assert page.text.count("<script") == len(own)
    # Made when the page is asked for: a repeated id would make an anchor lead elsewhere.
    ids = re.findall(r' id="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
