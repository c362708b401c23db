"""A request for files: who sends says who they are, is thanked, and sees nothing of others'."""

import pytest

from keycell.files.finding import children, stat
from keycell.files.names import LONGEST_NAME, read_path
from keycell.files.nodes import SENT_BY

from ..conftest import Browser
from ..files.conftest import Home, home
from .test_public import DROP, LOOK, link_to

__all__ = ["home"]

FILE = ("files", ("scan.pdf", b"x", "application/pdf"))


async def names(home: Home) -> dict[str, str]:
    top = await stat(home.files, home.actor, read_path("personal-files/box"))
    found = (await children(home.files, home.actor, top))[0]
    return {one.node.name: one.node.headers.get(SENT_BY, "") for one in found}


async def test_who_sends_files_says_who_they_are(home: Home, browser: Browser) -> None:
    """UX-F22: names go before those of the files, the address beside them; all are thanked."""
    await home.put("personal-files/box/theirs.txt", b"x")
    link = await link_to(home, "personal-files/box", permissions=DROP)
    page = await browser.http.get(f"/public/{link.hash}")
    assert 'name="sender"' in page.text
    assert 'name="mail"' in page.text
    sent = await browser.http.post(
        f"/public/{link.hash}/upload/", files=[FILE, ("files", ("b.txt", b"x"))],
        data={"sender": " Zoë /\u202e  Doe ", "mail": "zoe@example.org"},
    )  # fmt: skip
    assert sent.headers["location"].endswith("?done=2")
    assert await names(home) == {
        "theirs.txt": "", "Zoë Doe - scan.pdf": "zoe@example.org",
        "Zoë Doe - b.txt": "zoe@example.org",
    }  # fmt: skip
    thanks = await browser.http.get(sent.headers["location"])
    assert "Thank you. Your files have arrived: 2." in thanks.text
    assert "theirs.txt" not in thanks.text
    assert 'type="file"' not in thanks.text
    assert "send-more" in thanks.text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"sender": "", "mail": ""}, {"scan.pdf": ""}),
        ({"sender": "..", "mail": "no address"}, {"scan.pdf": ""}),
        ({"sender": "a" * 500, "mail": "é@example.org"}, {"a" * 60 + " - scan.pdf": ""}),
        ({"sender": "\\/:*?\n", "mail": "a@b\r\nX-Evil: 1"}, {"scan.pdf": ""}),
        ({"other": "x" * 5000, "sender": "Al"}, {"Al - scan.pdf": ""}),
        ({"sender": "\u061c\u200b\u2060\ufeff\xad\x85"}, {"scan.pdf": ""}),
    ],
)
async def test_what_cannot_be_kept_of_it_is_left_out(
    home: Home, browser: Browser, said: dict[str, str], kept: dict[str, str]
) -> None:
    """UX-F22."""
    await home.put("personal-files/box/x", b"x")
    link = await link_to(home, "personal-files/box", permissions=DROP)
    sent = await browser.http.post(f"/public/{link.hash}/upload/", files=[FILE], data=said)
    assert sent.status_code == 303
    assert await names(home) == {"x": "", **kept}


@pytest.mark.parametrize("sender", ["Al", "é" * 60, "J. R"])
async def test_a_name_that_grows_too_long_is_cut(
    home: Home, browser: Browser, sender: str
) -> None:
    """UX-F22: who sends is not refused for what was put before the name."""
    await home.put("personal-files/box/x", b"x")
    link = await link_to(home, "personal-files/box", permissions=DROP)
    long = ("files", ("a" * (LONGEST_NAME - 4) + ".pdf", b"x", "application/pdf"))
    sent = await browser.http.post(
        f"/public/{link.hash}/upload/", files=[long, long], data={"sender": sender}
    )
    assert sent.headers.get("location", "").endswith("?done=2")
    found = (await names(home)).keys() - {"x"}
    assert len(found) == 2
    assert all(one.startswith(f"{sender} - ") and one.endswith(".pdf") for one in found)


async def test_of_who_sees_what_is_there_nothing_is_asked(home: Home, browser: Browser) -> None:
    """UX-F22: it is a shared folder, and no request."""
    await home.put("personal-files/box/x", b"x")
    link = await link_to(home, "personal-files/box", permissions=DROP | LOOK)
    page = await browser.http.get(f"/public/{link.hash}")
    assert 'name="sender"' not in page.text
    sent = await browser.http.post(
        f"/public/{link.hash}/upload/", files=[FILE], data={"sender": "Zoë"}
    )
    assert sent.status_code == 303
    assert await names(home) == {"x": "", "scan.pdf": ""}
