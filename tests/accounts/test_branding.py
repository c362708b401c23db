"""How an installation shows itself can be read, whatever accent is chosen. UX-L19."""

import re
import struct
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.accounts.branding import (
    DARK_GROUNDS,
    LIGHT_GROUNDS,
    READABLE,
    SEEN,
    Branding,
    Brandings,
    Logo,
    check_branding,
    colours,
    contrast,
    published,
    remarks,
    undone,
    with_logo,
)
from keycell.accounts.errors import Invalid
from keycell.accounts.logos import MOST_ACROSS, MOST_BYTES, drawn_anew

from ..logos import chunk, png

ACME = Branding(name="Acme", accent="#ffcc00", welcome="Hello.", terms="https://acme.example/t")


@given(st.binary(min_size=3, max_size=3).map(lambda one: f"#{one.hex()}"))
def test_whatever_accent_is_chosen_can_be_read(accent: str) -> None:
    """UX-L19, WCAG22-1.4.3: on light and on dark, and so can what is written on it."""
    fit = colours(accent)
    assert min(contrast(fit.light, one) for one in LIGHT_GROUNDS) >= READABLE
    assert min(contrast(fit.dark, one) for one in DARK_GROUNDS) >= READABLE
    assert min(contrast(fit.filled, one) for one in DARK_GROUNDS) >= SEEN
    assert contrast(fit.filled, "#ffffff") >= READABLE
    assert min(contrast(fit.light, fit.on_light), contrast(fit.dark, fit.on_dark)) >= READABLE


def test_keycells_own_colours_can_be_read_too() -> None:
    """WCAG22-1.4.3."""
    fit = colours("")
    assert min(contrast(fit.light, one) for one in LIGHT_GROUNDS) >= READABLE
    assert min(contrast(fit.dark, one) for one in DARK_GROUNDS) >= READABLE
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_what_becomes_of_an_accent_is_said_in_words() -> None:
    """UX-L19."""
    light, dark = (str(one) for one in remarks("#ffcc00"))
    assert "#866b00" in light
    assert "as it is" in dark
    light, dark = (str(one) for one in remarks("#2a4fd0"))
    assert "as it is" in light
    assert re.search(r"#[0-9a-f]{6}", dark)
    assert remarks("") == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("name", "x" * 61), ("name", "a\nb"), ("welcome", "x" * 301),
        ("welcome", "a\u202eb"), ("accent", "red"), ("accent", "#12345"),
        ("accent", "#2a4fd0;}"), ("terms", "http://a.example"), ("terms", "javascript:alert(1)"),
        ("terms", "https://"), ("privacy", "https://a.example/ b"), ("privacy", "mailto:a@b.c"),
        ("terms", "https://[a"), ("help", "mailto:nobody"), ("help", "https://a.example/\u00e9"),
        ("help", "https://a.example/" + "x" * 500),
    ],
)  # fmt: skip
def test_what_may_not_be_kept_is_refused(field: str, value: str) -> None:
    """UX-X54: an address opens nothing but a page, and a colour is nothing but one."""
    with pytest.raises(Invalid) as refused:
        check_branding(replace(ACME, **{field: value}))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_what_may_be_kept_is_made_plain() -> None:
    said = replace(ACME, name=" Acme ", accent="#FFCC00", help="mailto:help@acme.example")
    assert check_branding(said) == replace(ACME, help="mailto:help@acme.example")


def test_what_is_published_can_be_undone_and_that_too() -> None:
    """UX-X54."""
    shown = published(Brandings(draft=ACME))
    assert (shown.published, shown.former) == (ACME, Branding())
    back = undone(shown)
    assert (back.published, back.former, back.draft) == (Branding(), ACME, ACME)
    assert undone(back) == shown


def test_a_logo_has_its_ground() -> None:
    logo = Logo("x", 200, 50)
    assert logo.is_wordmark
    assert with_logo(ACME, "light", logo).light == logo
    assert with_logo(with_logo(ACME, "dark", logo), "dark", None) == ACME


@pytest.mark.parametrize(("kind", "depth"), [(0, 1), (0, 8), (2, 8), (3, 4), (4, 8), (6, 16)])
def test_a_logo_is_drawn_anew_and_nothing_else_of_its_file_is_kept(kind: int, depth: int) -> None:
    """UX-X54: no note, no place, nothing behind its end."""
    note = chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")
    logo, drawn = drawn_anew(png(9, 5, kind=kind, depth=depth, extra=note) + b"<script>")
    assert (logo.width, logo.height) == (9, 5)
    assert b"script" not in drawn
    assert drawn_anew(drawn) == (logo, drawn)


def _head(**changes: int) -> bytes:
    said = {"width": 2, "height": 2, "depth": 8, "kind": 6, "packing": 0, "filtering": 0,
            "interlacing": 0} | changes  # fmt: skip
    whole = png(2, 2)
    return whole[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", *said.values())) + whole[33:]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"GIF89a", b'<svg xmlns="http://www.w3.org/2000/svg"/>', png(2, 2)[:-1],
        png(2, 2)[:40], png(2, 2).replace(b"IHDR", b"IHDX"), _head(width=0),
        _head(width=MOST_ACROSS + 1), _head(width=2**31 - 1, height=2**31 - 1), _head(depth=3),
        _head(kind=5), _head(interlacing=1), _head(height=3), _head(kind=3),
        png(2, 2, points=b"\x09" * 18), png(2, 2, packed=b"no zlib"),
        png(2, 2, extra=chunk(b"PLTE", b"abcd")), png(2, 2, extra=chunk(b"tRNS", b"a" * 300)),
        png(2, 2, extra=chunk(b"PLTE", b"abc") * 2), b"\x89PNG\r\n\x1a\n" + b"\xff" * 12,
        # Little on the way, and a gigabyte unpacked.
        png(2, 2, packed=zlib.compress(bytes(40_000_000))), b"x" * (MOST_BYTES + 1),
    ],
)  # fmt: skip
def test_what_is_no_small_png_is_refused(content: bytes) -> None:
    """UX-X54, ATTACKS 61."""
    with pytest.raises(Invalid):
        drawn_anew(content)
