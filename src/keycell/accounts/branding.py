"""How an installation shows itself: its name, logo, accent and welcome, and where its terms are.

An administrator changes a draft, and publishes it. What was published before is kept, so that one
act brings it back. UX-L19, UX-X54.
"""

import colorsys
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from keycell.accounts.errors import Invalid
from keycell.oauth.sentences import Sentence, phrase

State = Literal["draft", "published", "former"]
Which = Literal["light", "dark"]
USUAL_NAME = "Keycell"
READABLE = 4.5
"""The contrast of words with their ground. WCAG22-1.4.3."""
SEEN = 3.0
"""The contrast of a button with its ground. WCAG22-1.4.11."""
LIGHT_GROUNDS = ("#ffffff", "#eef1f7")
DARK_GROUNDS = ("#1a2030", "#121724", "#10141d")
"""What words in the accent stand on: the card, its fields and the page."""
_INKS = ("#ffffff", "#0d1430")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LONGEST_NAME = 60
_LONGEST_WELCOME = 300
_LONGEST_LINK = 500
_STEPS = 200
_WORDMARK = 2
"""A picture so many times as wide as it is high has the name in it."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture by its digest, and how large it is."""

    digest: str
    width: int
    height: int

    @property
    def is_wordmark(self) -> bool:
        """It is so wide that the name need not stand beside it."""
        return self.width >= _WORDMARK * self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """How an installation shows itself; empty is as Keycell comes."""

    name: str = USUAL_NAME
    accent: str = ""
    welcome: str = ""
    terms: str = ""
    privacy: str = ""
    help: str = ""
    light: Logo | None = None
    dark: Logo | None = None
    """The logo on dark ground, where it is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brandings:
    """What is worked on, what is shown, and what was shown before."""

    draft: Branding = Branding()
    published: Branding = Branding()
    former: Branding | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown, and the bytes of its logos by their digests."""

    branding: Branding = Branding()
    logos: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Colours:
    """The accent as it can be read, and what is written on it, by light and by dark."""

    light: str
    on_light: str
    dark: str
    on_dark: str
    filled: str
    """What is filled on dark ground, with white words on it."""


USUAL_COLOURS = Colours("#2a4fd0", "#ffffff", "#9db4ff", "#0d1430", "#3557d8")


def check_branding(said: Branding) -> Branding:
    """Give a branding that may be kept, without what surrounds its words; raise Invalid."""
    clean = replace(
        said, name=said.name.strip(), accent=said.accent.strip().lower(),
        welcome=said.welcome.strip(), terms=said.terms.strip(), privacy=said.privacy.strip(),
        help=said.help.strip(),
    )  # fmt: skip
    if not 0 < len(clean.name) <= _LONGEST_NAME or not clean.name.isprintable():
        most = phrase("a name has 1 to %(most)s characters that can be seen", most=_LONGEST_NAME)
        raise Invalid("name", "name", most)
    if len(clean.welcome) > _LONGEST_WELCOME or not clean.welcome.isprintable():
        raise Invalid(
            "welcome", "welcome",
            phrase("expected one line of at most %(most)s characters", most=_LONGEST_WELCOME),
        )  # fmt: skip
    if clean.accent and not _COLOUR.fullmatch(clean.accent):
        raise Invalid("accent", "accent", phrase("expected a colour like #2a4fd0"))
    for name in ("terms", "privacy", "help"):
        _check_link(name, getattr(clean, name))
    return clean


def _check_link(name: str, link: str) -> None:
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    is_web = parts.scheme == "https" and bool(parts.hostname)
    is_mail = name == "help" and parts.scheme == "mailto" and "@" in parts.path
    is_plain = link.isascii() and link.isprintable() and " " not in link
    if link and not (is_plain and len(link) <= _LONGEST_LINK and (is_web or is_mail)):
        expected = (
            phrase("expected an address that begins with https:// or mailto:")
            if name == "help"
            else phrase("expected an address that begins with https://")
        )
        raise Invalid(name, name, expected)


def with_logo(branding: Branding, which: Which, logo: Logo | None) -> Branding:
    """Give the same with another logo, or none."""
    return replace(branding, light=logo) if which == "light" else replace(branding, dark=logo)


def published(kept: Brandings) -> Brandings:
    """Show the draft from now on; what was shown can be brought back.

    Sent twice it is done once, or what was shown before would be lost.
    """
    if kept.draft == kept.published:
        return kept
    return replace(kept, published=kept.draft, former=kept.published)


def undone(kept: Brandings) -> Brandings:
    """Show again what was shown before; the other is what can be brought back then."""
    assert kept.former is not None  # noqa: S101  (whoever asks has looked)
    return replace(kept, published=kept.former, former=kept.published)


def contrast(one: str, other: str) -> float:
    """Say how far two colours stand out from each other, from 1 to 21. WCAG22-1.4.3."""
    higher, lower = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (higher + 0.05) / (lower + 0.05)


def _luminance(colour: str) -> float:
    channels = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for share in _shares(colour)
    ]
    return sum(
        weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), channels, strict=True)
    )


def _shares(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255


def colours(accent: str) -> Colours:
    """Give the accent as it can be read on our grounds: its hue stays, its lightness follows."""
    if not accent:
        return USUAL_COLOURS
    light = _fitted(accent, LIGHT_GROUNDS, darker=True)
    dark = _fitted(accent, DARK_GROUNDS, darker=False)
    filled = _fitted(light, DARK_GROUNDS, darker=False, least=SEEN)
    return Colours(light, _ink(light), dark, _ink(dark), filled)


def _ink(ground: str) -> str:
    return max(_INKS, key=lambda ink: contrast(ink, ground))


def _fitted(accent: str, grounds: Sequence[str], *, darker: bool, least: float = READABLE) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_shares(accent))
    tried = accent
    for step in range(1, _STEPS + 1):
        if _least(tried, grounds) >= least:
            return tried
        share = step / _STEPS
        moved = lightness * (1 - share) if darker else lightness + (1 - lightness) * share
        channels = colorsys.hls_to_rgb(hue, moved, saturation)
        tried = "#" + bytes(round(255 * one) for one in channels).hex()
    return tried


def _least(colour: str, grounds: Sequence[str]) -> float:
    return min(contrast(colour, ground) for ground in grounds)


def remarks(accent: str) -> Sequence[Sentence]:
    """Say in words what becomes of an accent, so that it can be read."""
    if not accent:
        return ()
    fit = colours(accent)
    return (
        _on_light(fit.light, _least(accent, LIGHT_GROUNDS), as_is=fit.light == accent),
        _on_dark(fit.dark, _least(accent, DARK_GROUNDS), as_is=fit.dark == accent),
    )


def _on_light(colour: str, ratio: float, *, as_is: bool) -> Sentence:
    told = f"{ratio:.1f}"
    if as_is:
        return phrase("On light pages the accent is shown as it is: %(ratio)s to 1.", ratio=told)
    return phrase(
        "On light pages the accent is shown as %(colour)s: as chosen it has a contrast of "
        "%(ratio)s to 1, and words need 4.5 to be read.",
        colour=colour, ratio=told,
    )  # fmt: skip


def _on_dark(colour: str, ratio: float, *, as_is: bool) -> Sentence:
    told = f"{ratio:.1f}"
    if as_is:
        return phrase("On dark pages the accent is shown as it is: %(ratio)s to 1.", ratio=told)
    return phrase(
        "On dark pages the accent is shown as %(colour)s: as chosen it has a contrast of "
        "%(ratio)s to 1, and words need 4.5 to be read.",
        colour=colour, ratio=told,
    )  # fmt: skip
