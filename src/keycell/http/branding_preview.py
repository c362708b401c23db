"""The draft of how pages look, on the real pages: to look at and nothing else.

They are at an address of their own. What is there may stand in a frame of our own pages alone,
runs no script, sends no form and cannot be clicked; the pages that are what they seem stay in no
frame at all. So nobody can be led by one to type into the other.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.branding import Branding
from keycell.accounts.letters import Letter, LetterKind
from keycell.files.errors import NotFound
from keycell.http.administering import office_of
from keycell.http.brands import PREVIEWS, address_of, brand_of
from keycell.http.calling import Endpoint
from keycell.http.edge import Edge
from keycell.http.render import REPORTED, language_of, use_theme
from keycell.http.ticket_pages import AT_FIRST
from keycell.http.wire import NO_STORE
from keycell.oauth.scope import Scope
from keycell.own.scopes import told

_SCOPE: Scope = frozenset({"openid", "profile", "email"})
_NOBODY = {"name": "Anna Example", "email": "anna@example.org", "login": "anna"}
_APPLICATION = {
    "name": "Wiki", "host": "wiki.example.org", "is_first_party": False, "logo": None,
    "test_until": None,
    "policy_uri": None, "tos_uri": None,
}  # fmt: skip
_DARK = "@media (prefers-color-scheme: dark)"
_LETTER = {
    "name": _NOBODY["name"], "login": _NOBODY["login"], "code": "1234 5678",
    "link": "/recover/link",
}  # fmt: skip


def _page(text: str, language: str, styles: str) -> Response:
    policy = (
        f"sandbox allow-same-origin; default-src 'none'; style-src {styles}; img-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors 'self'; {REPORTED}"
    )
    headers = {
        **NO_STORE,
        "Content-Security-Policy": policy,
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Content-Language": language,
    }
    return Response(text, 200, headers, media_type="text/html")


async def preview(edge: Edge, request: Request) -> Response:
    """Show the draft of the branding on a page: of signing in, of consent, or as a letter."""
    office = await office_of(edge, request)
    draft = (await office.people.branding.all()).draft
    kind, language = request.path_params["kind"], language_of(request)
    theme = request.query_params.get("theme", "")
    use_theme(theme)
    if kind == "letter":
        text = _in_theme(_letter(edge, draft, language), theme)
        return _page(text, language, "'unsafe-inline'")
    if kind not in ("login", "consent"):
        raise NotFound("there are previews of login, consent and letter")
    context = AT_FIRST if kind == "login" else _consent(edge, language)
    shown = {
        "brand": brand_of(draft, is_draft=True), "client": _APPLICATION, "ticket": "", "csrf": "",
        "switch": lambda code: f"?lang={code}", **context,
    }  # fmt: skip
    text = edge.pages.text(language, kind, shown)
    return _page(text, language, "'self'")


def _consent(edge: Edge, language: str) -> Mapping[str, object]:
    sentences = [(one, False) for one in told(_SCOPE, words=edge.pages.words(language))]
    return {"account": _NOBODY, "confirming": False, "sentences": sentences, "has_old": False}


def _letter(edge: Edge, draft: Branding, language: str) -> str:
    letter = Letter(kind=LetterKind.RESET, to=_NOBODY["email"], language=language, values=_LETTER)
    logo_at = "" if draft.light is None else address_of(draft.light)
    return edge.people.mail.mailer.page(letter, draft, logo_at)


def _in_theme(letter: str, theme: str) -> str:
    # A letter is shown as its reader's system has it; here it is chosen.
    chosen = {"dark": "@media all", "light": "@media not all"}
    return letter.replace(_DARK, chosen.get(theme, _DARK))


BRANDING_PREVIEW: Mapping[str, Mapping[str, Endpoint]] = {PREVIEWS + "{kind}": {"GET": preview}}
