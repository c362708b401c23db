"""The token inspector: what the browser reads of a token, whoever made it."""

import base64
import json

from playwright.sync_api import Page, expect

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
    expect(root.get_by_text("It was good until")).to_be_visible()
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
