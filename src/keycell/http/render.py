"""Pages: templates, languages, and the headers that keep a page from doing harm."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import jinja2
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from starlette.requests import Request
from starlette.responses import Response

from keycell.http.wire import NO_STORE

HERE = Path(__file__).parent
LOCALE = HERE.parent / "locale"
LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français"}
LANGUAGE_COOKIE = "keycell_language"
_MOST_TAGS = 20
_YEAR = 365 * 24 * 3600


class Pages:
    """Renders pages in the reader's language."""

    def __init__(self, origins: Sequence[str]) -> None:
        self.locales = tuple(LANGUAGES)
        self._scripts = " ".join(f"{origin}/assets/" for origin in origins)
        self.assets = {
            path.name: path.read_bytes() for path in sorted((HERE / "assets").iterdir())
        }
        self.digest = hashlib.sha256(b"".join(self.assets.values())).hexdigest()[:12]
        self._catalogs = {language: load_translations(language) for language in LANGUAGES}
        self._environments = {
            language: _environment(language, self._catalogs[language], self.digest)
            for language in LANGUAGES
        }

    def translations(self, language: str) -> NullTranslations:
        """Give the catalog of a language, for words that are put together outside a template."""
        return self._catalogs[language]

    def page(
        self,
        language: str,
        name: str,
        context: Mapping[str, object],
        *,
        status: int = 200,
        form_targets: Sequence[str] = (),
    ) -> Response:
        """Render a page; ``form_targets`` are where its forms may end besides ourselves."""
        template = self._environments[language].get_template(f"{name}.html")
        headers = page_headers(self._scripts, form_targets) | {"Content-Language": language}
        return Response(template.render(context), status, headers, media_type="text/html")


def page_headers(scripts: str, form_targets: Sequence[str]) -> dict[str, str]:
    """Give the headers of a page: nothing from elsewhere, no frame around it. CSP3."""
    targets = " ".join(("'self'", *form_targets))
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; "
        "img-src 'self'; connect-src 'self'; base-uri 'none'; "
        f"form-action {targets}; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return {
        **NO_STORE,
        "Content-Security-Policy": policy,
        # Not no-referrer: with it, browsers send `Origin: null` along with our own forms.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }


def language_of(request: Request, ui_locales: str | None = None) -> str:
    """Choose a page's language: what the person chose, the client asked, the browser prefers.

    OIDCC-3.1.2.1.
    """
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
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


def keep_language(request: Request, response: Response, *, is_secure: bool) -> None:
    """Let the browser remember a language that the person has just chosen by a link of ours."""
    if b"lang=" not in request.scope["query_string"]:
        return
    chosen = request.query_params.get("lang", "")
    if chosen in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, chosen, _YEAR, httponly=True, samesite="lax", secure=is_secure
        )


def _environment(language: str, translations: NullTranslations, digest: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(language=language, languages=LANGUAGES, assets=f"/assets/{digest}")
    return environment


def load_translations(language: str) -> NullTranslations:
    """Read a catalog; English is what the templates say themselves."""
    path = LOCALE / language / "LC_MESSAGES" / "keycell.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled, domain="keycell")


def when(moment: datetime, language: str) -> str:
    """Say a moment as people write it."""
    day = format_date(moment, "medium", locale=language)
    return f"{day} {format_time(moment, 'short', locale=language)} UTC"
