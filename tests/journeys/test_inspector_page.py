"""The token inspector: what the browser reads of a token, whoever made it."""

import base64
import json
import re

import httpx2
from playwright.sync_api import Page, expect

from ..application import CALLBACK, Application, userinfo
from ..server import Server, keycell_json
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def written(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_a_token_of_another_issuer_is_read_and_told_apart(
    root: Page, server: Server, axe: str
) -> None:
    """UX-X40: claims are explained before anything is sent; whose it is is said."""
    claims: dict[str, object] = {"iss": "https://other.example", "sub": "s", "exp": 1_600_000_000}
    root.goto(f"{server.url}/admin/inspector")
    root.get_by_label("Token", exact=True).fill(f"{written({'alg': 'RS256'})}.{written(claims)}.x")
    expect(root.get_by_text("Its issuer is another")).to_be_visible()
    line = root.get_by_role("list", name="Time line").get_by_role("listitem")
    expect(line).to_have_text([re.compile("^Good until here"), re.compile("^Now")])
    expect(root.get_by_text("No key of this server has this name.")).to_be_visible()
    expect(root.get_by_role("row", name="sub")).to_contain_text("of whom it tells")
    root.get_by_role("button", name="Inspect").click()
    expect(root.get_by_text("not ours")).to_be_visible()
    look(root, axe, "inspector")


def test_an_opaque_token_of_ours_is_looked_into(root: Page, server: Server) -> None:
    """UX-X40: what cannot be read is asked for."""
    made = keycell_json("admin", "token", "add", "ann", "--label", "x", "--expires", "1h",
                        "--data", str(server.data))  # fmt: skip
    root.goto(f"{server.url}/admin/inspector")
    root.get_by_label("Token", exact=True).fill(made["access_token"])
    root.get_by_role("button", name="Inspect").click()
    expect(root.get_by_text("opens something")).to_be_visible()
    expect(root.get_by_text("Its issuer is another")).to_have_count(0)


def test_a_token_of_ours_is_ended_where_it_is_found(root: Page, server: Server, axe: str) -> None:
    """UX-X40: time line, key, verified by the server, ended; nothing of it in log or trail."""
    made = keycell_json("admin", "client", "add", "Notes", "--redirect-uri", CALLBACK,
                        "--data", str(server.data))  # fmt: skip
    app = Application(made["client_id"], made["client_secret"])
    with httpx2.Client(base_url=server.url) as person:
        token = app.tokens(server.url, person)["access_token"]
    root.goto(f"{server.url}/admin/inspector")
    root.get_by_label("Token", exact=True).fill(token)
    marks = root.get_by_role("list", name="Time line").get_by_role("listitem")
    expect(marks).to_contain_text(
        ["The person proved who they are", "Made", "Now", "Good until here"]
    )
    expect(root.get_by_text("current: signs")).to_be_visible()
    root.get_by_role("button", name="Inspect").click()
    expect(root.get_by_text("signature verified")).to_be_visible()
    look(root, axe, "inspector-ours")
    root.get_by_role("button", name="End this token").click()
    root.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(root.get_by_text("opens nothing", exact=True)).to_be_visible()
    assert userinfo(server.url, token) == 401
    trail = json.dumps(keycell_json("admin", "audit", "list", "--data", str(server.data)))
    assert "token.ended" in trail
    for part in (token, token.rpartition(".")[2]):
        assert part not in trail
        assert part not in server.log.read_text()
