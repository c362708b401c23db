"""The pages of public links in the reader's language."""

import re

from keycell.files.links import Permission

from ..conftest import Browser
from ..files.conftest import Home
from .test_public import ALL, home, link_to

__all__ = ["home"]

EVERY = ALL | {Permission.EDIT}


async def test_each_page_is_there_in_other_languages(home: Home, browser: Browser) -> None:
    """UX-L16: without a script, and the browser remembers it; a link that is gone says no more."""
    await home.put("personal-files/d/a", b"x")
    folder = await link_to(home, "personal-files/d", permissions=EVERY)
    file = await link_to(home, "personal-files/d/a")
    hashed = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    locked = await link_to(home, "personal-files/d", password_hash=hashed)
    for address in (f"{folder.hash}", f"{folder.hash}/change/a", file.hash, locked.hash, "gone"):
        page = await browser.http.get(f"/public/{address}")
        others = re.findall(r'href="([^"]*)" lang="\w+" hreflang', page.text)
        assert "?lang=ar" in others, address
        told = await browser.http.get(f"/public/{address}?lang=ar")
        assert told.headers["content-language"] == "ar"
        again = await browser.http.get(f"/public/{address}")
        assert '<html lang="ar" dir="rtl">' in again.text, address
        browser.http.cookies.delete("keycell_language")
