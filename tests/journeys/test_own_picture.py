"""The picture that somebody gives of themselves on their profile. UX-P01."""

from typing import Literal

from playwright.sync_api import FilePayload, Page, expect

from ..server import Server
from .test_looking_around import context, page
from .test_pages import axe, check_page, keep_picture

__all__ = ["axe", "context", "page"]


def test_a_picture_is_chosen_cut_out_and_removed(page: Page, server: Server, axe: str) -> None:
    page.goto(f"{server.url}/account")
    expect(page.get_by_role("button", name="Choose a picture")).to_be_visible()
    photo = page.screenshot()
    chosen = page.locator("#picture-input")
    chosen.set_input_files(FilePayload(name="me.png", mimeType="image/png", buffer=photo))
    expect(page.get_by_text("Your picture is changed.")).to_be_visible()
    shown = page.get_by_role("img", name="Your picture")
    expect(shown).to_have_js_property("naturalWidth", 256)
    expect(shown).to_have_js_property("naturalHeight", 256)
    for width in (1280, 360):
        scheme: Literal["dark", "light"] = "dark" if width == 360 else "light"
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("w => document.documentElement.scrollWidth <= w", arg=width)
        keep_picture(page, f"spa-own-picture-{width}")
        check_page(page, axe, width)
    chosen.set_input_files(FilePayload(name="me.png", mimeType="image/png", buffer=b"no picture"))
    expect(page.get_by_text("The browser sees no picture in this file.")).to_be_visible()
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.get_by_role("button", name="Choose a picture")).to_be_visible()
    expect(chosen).to_have_value("")
