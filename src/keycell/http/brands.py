"""How the installation shows itself on pages: what templates are told of it."""

import re
from dataclasses import dataclass

from keycell.accounts.branding import USUAL_NAME, Branding, Logo, colours
from keycell.administration.calls import PREFIX

LOGOS = "/branding"
PREVIEWS = f"{PREFIX}branding/preview/"
_HEIGHT = 36
_ACCENT = re.compile(r"accent-([0-9a-f]{6})\.css")


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo on a page: where it is on light and on dark ground, and how large it is shown."""

    light: str
    dark: str
    width: int
    height: int
    is_wordmark: bool
    """The name is in it."""
    is_alone: bool
    """It was made for one ground alone, and gets a white one where that is dark."""


@dataclass(frozen=True, slots=True)
class Brand:
    """What templates are told."""

    name: str
    sheet: str
    """The style sheet of the accent; empty for Keycell's own."""
    welcome: str
    terms: str
    privacy: str
    help: str
    logo: Picture | None
    is_draft: bool = False
    """To look at alone: nothing on the page works."""


def brand_of(branding: Branding, *, is_draft: bool = False) -> Brand:
    """Give what templates are told of a branding."""
    return Brand(
        name=branding.name,
        sheet=f"accent-{branding.accent[1:]}.css" if branding.accent else "",
        welcome=branding.welcome,
        terms=branding.terms,
        privacy=branding.privacy,
        help=branding.help,
        logo=picture_of(branding, _HEIGHT),
        is_draft=is_draft,
    )


def picture_of(branding: Branding, height: int) -> Picture | None:
    """Give the logo as it is shown, at most so high and eight times as wide."""
    light = branding.light or branding.dark
    if light is None:
        return None
    share = min(height / light.height, 8 * height / light.width)
    return Picture(
        light=address_of(light),
        dark=address_of(branding.dark or light),
        width=max(1, round(light.width * share)),
        height=max(1, round(light.height * share)),
        is_wordmark=light.is_wordmark,
        is_alone=branding.dark is None,
    )


def address_of(logo: Logo) -> str:
    """Give the address of a logo: another picture is at another."""
    return f"{LOGOS}/{logo.digest}.png"


def told_of(branding: Branding) -> dict[str, object]:
    """Give what the web frontend is told: nothing where it is as Keycell comes."""
    logo = picture_of(branding, 28)
    if branding.name == USUAL_NAME and logo is None and not branding.accent:
        return {}
    told: dict[str, object] = {"name": branding.name}
    if branding.accent:
        fit = colours(branding.accent)
        told["accent"] = {"light": fit.light, "dark": fit.dark, "filled": fit.filled}
    if logo is not None:
        told["logo"] = {
            "light": logo.light, "dark": logo.dark, "width": logo.width, "height": logo.height,
            "is_wordmark": logo.is_wordmark, "is_alone": logo.is_alone,
        }  # fmt: skip
    return told


def accent_sheet(name: str) -> bytes | None:
    """Give the style sheet of this name, which says which accent it is of."""
    found = _ACCENT.fullmatch(name)
    if found is None:
        return None
    fit = colours(f"#{found[1]}")
    return (
        f":root{{--accent:light-dark({fit.light},{fit.dark});"
        f"--on-accent:light-dark({fit.on_light},{fit.on_dark})}}"
    ).encode()
