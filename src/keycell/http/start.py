"""The pages without a request behind them: start, first set-up, static files."""

import hashlib
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell import kinds
from keycell.accounts.errors import Invalid, SetupRefused
from keycell.accounts.setup import FirstAdministrator, complete
from keycell.http.brands import accent_sheet
from keycell.http.edge import Edge, visitor_of, words_of
from keycell.http.forms import form_page, read_form
from keycell.http.logos import LOGO_HEADERS, kind_of
from keycell.http.newcomers import sign_in_newcomer
from keycell.http.refusals import Refusal, say_no
from keycell.http.render import language_of
from keycell.http.wire import NO_STORE, origin_of
from keycell.http.words import FIELDS

_DIGEST = re.compile("[0-9a-f]{64}")
_FIELDS = ("secret", "username", "name", "email", "password")


async def home(edge: Edge, request: Request) -> Response:
    """Lead to the first set-up, then to the frontend; where there is none, say what this is."""
    if await edge.people.accounts.is_empty():
        return RedirectResponse("/setup", 303, NO_STORE)
    if edge.frontend is not None:
        return RedirectResponse("/files", 303, NO_STORE)
    visitor = await visitor_of(edge, request)
    account = visitor.account
    context = {
        "account": {"name": account.display_name} if account else None,
        "issuer": edge.provider.issuer,
        "switch": lambda code: f"/?lang={code}",
    }
    return edge.pages.page(language_of(request), "home", context)


async def setup_page(edge: Edge, request: Request) -> Response:
    """Show the form that makes the first administrator; showing it spends nothing."""
    if not await edge.people.accounts.is_empty():
        return RedirectResponse("/", 303, NO_STORE)
    return _setup(edge, request, dict.fromkeys(_FIELDS, ""), "", 200)


async def setup(edge: Edge, request: Request) -> Response:
    """Make the first administrator, and sign them in."""
    fields = await read_form(edge, request, bound_by=None)
    words = words_of(edge, request)
    form = {name: fields.get(name, "") for name in _FIELDS}
    try:
        await complete(edge.people, _administrator(form), origin_of(request))
    except Invalid as error:
        sentence = words(FIELDS.get(error.key, error.sentence))
        return _setup(edge, request, form, sentence, 400)
    except SetupRefused:
        sentence = words(
            "This set-up code is wrong, spent, or older than an hour. The server prints a new one "
            "when it is started again."
        )
        # Its field is hidden while it is filled, and here it is what must be mended.
        return _setup(edge, request, {**form, "secret": ""}, sentence, 403)
    response = RedirectResponse(edge.home("/admin"), 303, NO_STORE)
    await sign_in_newcomer(edge, request, response, form["username"], form["password"])
    return response


def _administrator(form: Mapping[str, str]) -> FirstAdministrator:
    return FirstAdministrator(
        secret=form["secret"],
        login=form["username"],
        name=form["name"],
        email=form["email"],
        password=form["password"],
    )


def _setup(
    edge: Edge, request: Request, form: Mapping[str, str], error: str, status: int
) -> Response:
    context = {
        "secret": form["secret"],
        "form": form,
        "error": error,
        "switch": lambda code: f"/setup?lang={code}",
    }
    return form_page(edge, request, "setup", context, status)


async def asset(edge: Edge, request: Request) -> Response:
    """Serve a static file; its address changes with its content, so it is kept for good."""
    name = request.path_params["name"]
    content = edge.pages.assets.get(name) or accent_sheet(name)
    if content is None:
        return not_found(edge, request)
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(b"", 304, headers)
    kind = kinds.kind_of(name) or kinds.UNKNOWN
    return Response(content, 200, headers, kind)


async def logo(edge: Edge, request: Request) -> Response:
    """Serve the logo that a client registered. OIDCR-2."""
    client = await edge.provider.clients.find(request.path_params["client_id"])
    uri = client.metadata.logo_uri if client is not None and not client.disabled else None
    content = await edge.logos.of(edge.fetcher, uri) if uri is not None else b""
    kind = kind_of(content)
    if kind is None:
        return Response(b"", 404, {**LOGO_HEADERS, "Cache-Control": "max-age=60"})
    return Response(content, 200, {**LOGO_HEADERS, "Cache-Control": "max-age=3600"}, kind)


async def brand_logo(edge: Edge, request: Request) -> Response:
    """Serve a logo of the installation, by its digest: it is kept for good."""
    digest = request.path_params["name"].removesuffix(".png")
    store = edge.people.branding
    content = store.shown.logos.get(digest)
    if content is None and _DIGEST.fullmatch(digest):
        content = await store.logo(digest)
    if content is None:
        return Response(b"", 404, {**LOGO_HEADERS, **NO_STORE})
    headers = {**LOGO_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, 200, headers, "image/png")


def not_found(edge: Edge, request: Request) -> Response:
    """Say that there is nothing at this address."""
    words = words_of(edge, request)
    return say_no(
        edge,
        request,
        Refusal(
            title=words("There is nothing here"),
            sentence=words("The address is mistyped, or what stood here is gone."),
            status=404,
        ),
    )
