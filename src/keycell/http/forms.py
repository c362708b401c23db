"""Forms that come from our own pages, and from nobody else's."""

import hmac
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from keycell.http.cookies import put_cookie
from keycell.http.edge import Edge
from keycell.http.render import language_of
from keycell.http.wire import form_pairs
from keycell.oauth.errors import InvalidRequest
from keycell.randomness import random_text

BROWSER_COOKIE = "keycell_browser"
_LONGEST_COOKIE = 200
_FRESH = "keycell.browser"
_YEAR = 365 * 24 * 3600


class ForeignForm(Exception):
    """The form was not made by a page of ours in this browser, or cookies are blocked.

    `App` says so on a page, wherever nobody has something better to say.
    """


def browser_of(edge: Edge, request: Request) -> tuple[str, bool]:
    """Give this browser's random name, and whether it is new."""
    known = request.cookies.get(edge.cookie(BROWSER_COOKIE), "")
    if 20 <= len(known) <= _LONGEST_COOKIE:  # noqa: PLR2004
        return known, False
    # One name for all that one answer says.
    fresh: str = request.scope.setdefault(_FRESH, random_text(24))
    return fresh, True


def csrf_for(edge: Edge, browser: str, bound_to: str) -> str:
    """Give the proof that a form was made for this browser, and for what it carries."""
    return edge.provider.sealer.mac("csrf", f"{browser}\0{bound_to}".encode())


def keep_browser(edge: Edge, response: Response, browser: str) -> None:
    """Let the browser keep its random name."""
    set_cookie(edge, response, BROWSER_COOKIE, browser, _YEAR)


def form_page(  # noqa: PLR0913  (what the page is made of)
    edge: Edge,
    request: Request,
    name: str,
    context: Mapping[str, object],
    status: int = 200,
    form_targets: Sequence[str] = (),
    *,
    bound_to: str = "account",
) -> Response:
    """Show a page with a form of ours, and let the browser keep its name."""
    browser, is_new = browser_of(edge, request)
    filled = {"csrf": csrf_for(edge, browser, bound_to), **context}
    response = edge.pages.page(
        language_of(request), name, filled, status=status, form_targets=form_targets
    )
    if is_new:
        keep_browser(edge, response, browser)
    return response


def set_cookie(edge: Edge, response: Response, name: str, value: str, seconds: int | None) -> None:
    """Set a cookie that scripts cannot read and other sites' posts do not carry."""
    put_cookie(response, edge.cookie(name), value, seconds, is_secure=edge.settings.is_secure)


def drop_cookie(edge: Edge, response: Response, name: str) -> None:
    """Let the browser forget a cookie."""
    set_cookie(edge, response, name, "", 0)


async def read_form(edge: Edge, request: Request, *, bound_by: str | None) -> dict[str, str]:
    """Give the fields of one of our own forms; raise ForeignForm for any other.

    ``bound_by`` names the field that the form's proof covers.
    """
    pairs = await form_pairs(request)
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise InvalidRequest(f"{name} is sent more than once")
        fields[name] = value
    if any(len(value) > 32_768 for value in fields.values()):  # noqa: PLR2004
        raise InvalidRequest("a field is too long")
    if any("\x00" in value for value in fields.values()):
        raise InvalidRequest("a field holds a control character")
    if not is_ours(edge, request):
        raise ForeignForm
    browser, is_new = browser_of(edge, request)
    bound_to = fields.get(bound_by, "") if bound_by else "account"
    expected = csrf_for(edge, browser, bound_to)
    if is_new or not hmac.compare_digest(
        expected, fields.get("csrf", "").encode("ascii", "replace").decode()
    ):
        raise ForeignForm
    return fields


def is_ours(edge: Edge, request: Request) -> bool:
    """Tell whether a form was sent by a page of ours, as far as the browser says."""
    origin = request.headers.get("origin")
    if origin is not None and origin != "null" and origin not in edge.settings.origins:
        return False
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
