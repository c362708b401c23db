"""The built web frontend: a page made anew with a nonce each time, and files kept for good.

`make build` puts it in the package's folder; a server without it does everything else.
"""

import gzip
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from keycell.catalogs import N_, direction, load_translations
from keycell.http.brands import PREVIEWS
from keycell.http.render import REPORTED
from keycell.http.wire import NO_STORE
from keycell.kinds import UNKNOWN, kind_of
from keycell.randomness import random_text

FOLDER = Path(__file__).parents[1] / "frontend"
NONCE = "__NONCE__"
SESSION = "__SESSION__"
_ROOT = '<html lang="en" dir="ltr">'
_SCHEME = 'content="light dark"'
"""What the frame of the page is shown by, until its scripts run. CSS-COLOR-ADJUST-1-2.2."""
_WORTH_PACKING = 1024
_WITHOUT_SCRIPTS = {
    "__OLD__": N_(
        "Nothing here yet? This page needs a browser of the last two years: Safari from 17 on, or "
        "a current Chrome, Edge or Firefox."
    ),
    "__SCRIPTS__": N_("This page needs JavaScript."),
    "__PLAIN__": N_("Your account works here too."),
}
"""What the page says where its scripts do not run."""


@dataclass(frozen=True, slots=True)
class Built:
    """A file of the frontend, kept packed where that is worth it."""

    kept: bytes
    is_packed: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Frontend:
    """What was built."""

    index: str
    assets: Mapping[str, Built]
    ahead: Mapping[str, str]
    """Tags for what is loaded beside the shell: the files' pages, and the words of each language.

    ``fr`` names what every page says, ``account-fr`` what the pages of the account say beyond it.
    """


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of a page before its scripts run."""

    place: str
    """The part of the frontend that it belongs to: the first word of its path."""
    session: Mapping[str, object]
    """Who is signed in, so that nobody has to ask."""
    name: str = ""
    """What the installation is called, where it is not Keycell."""


def read_frontend(folder: Path = FOLDER) -> Frontend | None:
    """Read the built frontend; None if there is none."""
    index = folder / "index.html"
    if not index.exists():
        return None
    assets = {path.name: _built(path) for path in sorted((folder / "assets" / "web").iterdir())}
    named = folder / "ahead.json"
    told: dict[str, list[str]] = json.loads(named.read_text("utf-8")) if named.exists() else {}
    ahead = {name: "".join(map(_tag, addresses)) for name, addresses in told.items()}
    return Frontend(index.read_text("utf-8"), assets, ahead)


def _tag(address: str) -> str:
    if address.endswith(".css"):
        return f'<link rel="stylesheet" crossorigin href="/{address}">\n'
    return f'<link rel="modulepreload" crossorigin href="/{address}">\n'


def _built(path: Path) -> Built:
    content = path.read_bytes()
    kind = kind_of(path.name) or UNKNOWN
    is_text = kind.startswith("text/") or kind in ("application/javascript", "image/svg+xml")
    packs = is_text and len(content) > _WORTH_PACKING
    return Built(gzip.compress(content, 9, mtime=0) if packs else content, packs, kind)


def page(frontend: Frontend, origins: tuple[str, ...], language: str, shown: Shown) -> Response:
    """Give the frontend's page: scripts from our own assets alone, styles by nonce. CSP3."""
    nonce = random_text(16)
    scripts = " ".join(f"{origin}/assets/" for origin in origins)
    frames = " ".join(f"{origin}/web{PREVIEWS}" for origin in origins)
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
        f"font-src 'self'; frame-src blob: {frames}; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default; "
        f"{REPORTED}"
    )
    headers = {
        **NO_STORE,
        "Content-Security-Policy": policy,
        "Content-Language": language,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    root = f'<html lang="{language}" dir="{direction(language)}">'
    names = (shown.place, language, f"{shown.place}-{language}")
    early = "".join(frontend.ahead.get(name, "") for name in names)
    text = frontend.index.replace(NONCE, nonce).replace(_ROOT, root)
    text = text.replace("</head>", f"{early}</head>")
    for mark, sentence in _WITHOUT_SCRIPTS.items():
        told = load_translations(language).gettext(sentence)
        text = text.replace(mark, html.escape(told))
    if shown.session.get("theme") in ("light", "dark"):
        text = text.replace(_SCHEME, f'content="{shown.session["theme"]}"')
    # The last: nothing that a person chose is looked through for our marks.
    text = text.replace(SESSION, html.escape(json.dumps(shown.session)))
    if shown.name:
        text = _named(text, html.escape(shown.name))
    return Response(text, 200, headers, media_type="text/html")


def _named(text: str, name: str) -> str:
    for mark in ("<title>{}</title>", ">{}</header>"):
        text = text.replace(mark.format("Keycell"), mark.format(name))
    return text


def asset(built: Built, accepted: str) -> Response:
    """Give a file; its address changes with its content, so it is kept for good."""
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    if built.is_packed and "gzip" in accepted:
        return Response(built.kept, 200, {**headers, "Content-Encoding": "gzip"}, built.kind)
    # Every browser unpacks; programs that do not are rare.
    plain = gzip.decompress(built.kept) if built.is_packed else built.kept
    return Response(plain, 200, headers, built.kind)
