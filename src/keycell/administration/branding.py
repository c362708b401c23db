"""How the installation shows itself: the draft that is worked on, and what is published."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TypedDict

import msgspec

from keycell.accounts import branding as rules
from keycell.accounts.branding import Branding, Brandings, Which, check_branding, colours, remarks
from keycell.accounts.logos import drawn_anew
from keycell.administration.call import Nothing
from keycell.administration.office import Clash, Office


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """What the draft says; what is left out is as Keycell comes. Its logos stay."""

    name: str = rules.USUAL_NAME
    accent: str = ""
    welcome: str = ""
    terms: str = ""
    privacy: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """For which ground a logo is."""

    which: Which


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing(Ground):
    """A logo as a PNG file, in base64."""

    content: bytes


class LogoView(TypedDict):
    """A logo, by the digest that its address has in it, and its size in points."""

    digest: str
    width: int
    height: int


class Look(TypedDict):
    """How an installation shows itself; empty is as Keycell comes."""

    name: str
    accent: str
    welcome: str
    terms: str
    privacy: str
    help: str
    light: LogoView | None
    dark: LogoView | None


class ColoursView(TypedDict):
    """The accent as it can be read, and what is written on it, by light and by dark."""

    light: str
    on_light: str
    dark: str
    on_dark: str
    filled: str


class Looks(TypedDict):
    """What is worked on, what is shown, and what was before; and what is to be said of it."""

    draft: Look
    published: Look
    former: Look | None
    is_published: bool
    colours: ColoursView
    remarks: list[str]


async def shown(office: Office, _asked: Nothing) -> Looks:
    """Show the draft, what is published, and what was before."""
    return _view(office, await office.people.branding.all())


async def drafted(office: Office, asked: Drafting) -> Looks:
    """Change what the draft says: nobody sees it before it is published."""
    said = check_branding(Branding(**asdict(asked)))

    def decide(kept: Brandings) -> Brandings:
        logos = kept.draft
        return replace(kept, draft=replace(said, light=logos.light, dark=logos.dark))

    return await _change(office, decide)


async def drew(office: Office, asked: Drawing) -> Looks:
    """Give the draft a logo: decoded and drawn anew, whatever else was in the file."""
    # Three megabytes of points are packed anew: meanwhile others are answered.
    logo, content = await asyncio.to_thread(drawn_anew, asked.content)
    return await _change(
        office,
        lambda kept: replace(kept, draft=rules.with_logo(kept.draft, asked.which, logo)),
        {logo.digest: content},
    )


async def erased(office: Office, asked: Ground) -> Looks:
    """Take a logo out of the draft."""
    return await _change(
        office, lambda kept: replace(kept, draft=rules.with_logo(kept.draft, asked.which, None))
    )


async def published(office: Office, _asked: Nothing) -> Looks:
    """Show the draft to everybody from now on; what they saw before can be brought back."""
    event = office.event("branding.published", "")
    kept = await office.people.branding.change(rules.published, {}, event)
    return _view(office, kept)


async def undone(office: Office, _asked: Nothing) -> Looks:
    """Show what was shown before once more; undone again, it is the other."""
    if (await office.people.branding.all()).former is None:
        raise Clash("nothing was published yet, so there is nothing to go back to")
    kept = await office.people.branding.change(
        rules.undone, {}, office.event("branding.undone", "")
    )
    return _view(office, kept)


async def _change(
    office: Office, decide: Callable[[Brandings], Brandings], added: dict[str, bytes] | None = None
) -> Looks:
    return _view(office, await office.people.branding.change(decide, added or {}, None))


def _view(office: Office, kept: Brandings) -> Looks:
    fit = colours(kept.draft.accent)
    return {
        "draft": _told(kept.draft),
        "published": _told(kept.published),
        "former": _told(kept.former) if kept.former else None,
        "is_published": kept.draft == kept.published,
        "colours": msgspec.to_builtins(fit),
        "remarks": [one.told(office.words) for one in remarks(kept.draft.accent)],
    }


def _told(branding: Branding) -> Look:
    told: Look = msgspec.to_builtins(branding)
    return told
