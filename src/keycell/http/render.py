"""Pages: templates, languages, and the headers that keep a page from doing harm."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from babel.dates import format_date, format_time
from babel.support import NullTranslations
from jinja2.bccache import Bucket
from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.branding import Shown
from keycell.accounts.preferences import THEMES
from keycell.catalogs import LANGUAGES, direction, load_translations
from keycell.http.brands import brand_of
from keycell.http.cookies import put_cookie
from keycell.http.wire import NO_STORE
from keycell.oauth.sentences import Words

if TYPE_CHECKING:
    from types import CodeType

HERE = Path(__file__).parent
REPORTS_AT = "/csp-report"
REPORTED = f"report-uri {REPORTS_AT}"
"""Taken by every browser. What is to follow it, report-to, is not yet. CSP3-6.5.1."""
LANGUAGE_COOKIE = "keycell_language"
THEME_COOKIE = "keycell_theme"
USUAL_THEME = "auto"
_THEME: ContextVar[str] = ContextVar("theme", default=USUAL_THEME)
Switch = Callable[[str], str]
"""Gives the address of a page in a language."""
_MOST_TAGS = 20
_YEAR = 365 * 24 * 3600


class _Compiled(jinja2.BytecodeCache):
    """What templates compile to: the same in every language, which is a tenth of a second once."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


class Pages:
    """Renders pages in the reader's language."""

    def __init__(self, origins: Sequence[str], shown: Callable[[], Shown] = Shown) -> None:
        self._shown = shown
        self.locales = tuple(LANGUAGES)
        self._scripts = " ".join(f"{origin}/assets/" for origin in origins)
        self.assets = {
            path.name: path.read_bytes() for path in sorted((HERE / "assets").iterdir())
        }
        self.digest = hashlib.sha256(b"".join(self.assets.values())).hexdigest()[:12]
        self._environments: dict[str, jinja2.Environment] = {}
        """Of the languages that somebody read: catalogs are large, and few are read."""

    def words(self, language: str) -> Words:
        """Give the words of a language, for what is put together outside a template."""
        # Few calls tell anything: the catalog, which is large, is read by those.
        return lambda template: load_translations(language).gettext(template)

    def _environment(self, language: str) -> jinja2.Environment:
        if language not in self._environments:
            words = load_translations(language)
            self._environments[language] = _environment(language, words, self.digest)
        return self._environments[language]

    def page(
        self,
        language: str,
        name: str,
        context: Mapping[str, object],
        *,
        status: int = 200,
        form_targets: Sequence[str] = (),
        frames: Sequence[str] = (),
    ) -> Response:
        """Render a page; its forms may end at ``form_targets`` too, ``frames`` may be in it."""
        headers = page_headers(self._scripts, form_targets, frames) | {
            "Content-Language": language
        }
        text = self.text(language, name, context)
        return Response(text, status, headers, media_type="text/html")

    def text(self, language: str, name: str, context: Mapping[str, object]) -> str:
        """Give a page without its headers, which let nothing else be done with it."""
        template = self._environment(language).get_template(f"{name}.html")
        return template.render({"brand": brand_of(self._shown().branding), **context})

    def frame(self, name: str, context: Mapping[str, object]) -> Response:
        """Render a page that shows nothing, and may be in a page of whoever likes."""
        template = self._environment("en").get_template(f"{name}.html")
        headers = page_headers(self._scripts, (), framed_by="*")
        return Response(template.render(context), 200, headers, media_type="text/html")


def page_headers(
    scripts: str,
    form_targets: Sequence[str],
    frames: Sequence[str] = (),
    framed_by: str = "'none'",
) -> dict[str, str]:
    """Give the headers of a page: nothing from elsewhere, no frame around it. CSP3."""
    framed = f"frame-src {' '.join(sorted(set(frames)))}; " if frames else ""
    targets = " ".join(("'self'", *form_targets))
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; "
        "img-src 'self'; connect-src 'self'; base-uri 'none'; "
        f"{framed}form-action {targets}; frame-ancestors {framed_by}; "
        f"require-trusted-types-for 'script'; trusted-types 'none'; {REPORTED}"
    )
    alone = {"X-Frame-Options": "DENY"} if framed_by == "'none'" else {}
    return {
        **NO_STORE,
        **alone,
        "Content-Security-Policy": policy,
        # Not no-referrer: with it, browsers send `Origin: null` along with our own forms.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }


def language_of(request: Request, ui_locales: str | None = None) -> str:
    """Choose a page's language: what the person chose, the client asked, the browser prefers.

    A page of ours that asks by its scripts says itself in which language it is, whatever was
    chosen in another window meanwhile. OIDCC-3.1.2.1.
    """
    chosen = request.query_params.get("lang")
    if not chosen and "x-requested-with" not in request.headers:
        chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    accepted = [
        part.partition(";")[0].strip()
        for part in request.headers.get("accept-language", "").split(",")[:_MOST_TAGS]
    ]
    for tag in (*(ui_locales or "").split()[:_MOST_TAGS], *accepted):
        language = tag.lower().partition("-")[0]
        if language in LANGUAGES:
            return language
    return "en"


def switch_here(code: str) -> str:
    """Give the address of whatever page is looked at, in a language. RFC3986-5.2.2."""
    return f"?lang={code}"


def keep_language(request: Request, response: Response, *, is_secure: bool) -> None:
    """Let the browser remember a language that the person has just chosen by a link of ours."""
    if b"lang=" not in request.scope["query_string"]:
        return
    chosen = request.query_params.get("lang", "")
    if chosen in LANGUAGES:
        put_cookie(response, LANGUAGE_COOKIE, chosen, _YEAR, is_secure=is_secure)


@dataclass(frozen=True, slots=True)
class Looks:
    """How somebody is shown things, on pages where it is not known who they are too."""

    language: str
    theme: str


def remember(request: Request, response: Response, looks: Looks, *, is_secure: bool) -> None:
    """Have the browser show our pages so from now on, as whoever is signed in to it chose."""
    for name, value, among in (
        (LANGUAGE_COOKIE, looks.language, LANGUAGES), (THEME_COOKIE, looks.theme, THEMES),
    ):  # fmt: skip
        had = request.cookies.get(name, USUAL_THEME if name == THEME_COOKIE else "")
        if value in among and value != had:
            put_cookie(response, name, value, _YEAR, is_secure=is_secure)


def note_theme(request: Request) -> None:
    """Take the theme of the pages that answer this request from its browser."""
    use_theme(request.cookies.get(THEME_COOKIE, USUAL_THEME))


def use_theme(theme: str) -> None:
    """Show the pages that answer this request in a theme; in the system's if there is none."""
    _THEME.set(theme if theme in THEMES else USUAL_THEME)


def _color_scheme() -> str:
    """Give what browsers call the theme. CSS-COLOR-ADJUST-1-2.2."""
    theme = _THEME.get()
    return "light dark" if theme == USUAL_THEME else theme


def _environment(language: str, translations: NullTranslations, digest: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_COMPILED,
    )
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        language=language,
        direction=direction(language),
        languages=LANGUAGES,
        assets=f"/assets/{digest}",
        color_scheme=_color_scheme,
    )
    return environment


def when(moment: datetime, language: str) -> str:
    """Say a moment as people write it."""
    day = format_date(moment, "medium", locale=language)
    return f"{day} {format_time(moment, 'short', locale=language)} UTC"
