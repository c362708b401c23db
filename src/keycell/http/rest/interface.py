"""What the old system's web frontend asks to draw itself: words, plugins, the menu.

Our own frontend asks none of it. Programs that were written beside the old one may, and get what
is true here.
"""

from starlette.requests import Request
from starlette.responses import Response

from keycell.catalogs import LANGUAGES, sentences
from keycell.files.errors import Forbidden
from keycell.http.bearer import bearer_access
from keycell.http.edge import Edge
from keycell.http.wire import json_answer
from keycell.oauth.errors import InsufficientScope, InvalidToken, TokenMissing
from keycell.oauth.scope import format_scope

ADMIN_PAGES: tuple[tuple[str, str], ...] = (
    ("/", "Overview"),
    ("/people", "People"),
    ("/groups", "Groups"),
    ("/storage", "Storage"),
    ("/second-factors", "Second factors"),
    ("/applications", "Applications"),
    ("/keys", "Signing keys"),
    ("/audit", "Audit"),
    ("/alerts", "Alerts"),
    ("/webhooks", "Webhooks"),
    ("/inspector", "Token inspector"),
    ("/report", "Report"),
    ("/developers", "For developers"),
    ("/health", "Health"),
    ("/branding", "Branding"),
    ("/settings", "Settings"),
)
"""The menu of the administration, as the web frontend has it below ``/admin``."""


async def messages(_edge: Edge, request: Request) -> Response:
    """Give what the server's pages say, by its English; an unknown language is English."""
    wanted = request.path_params["lang"].partition("-")[0].partition("_")[0].lower()
    return json_answer({"Messages": sentences(wanted if wanted in LANGUAGES else "en")})


async def plugins(_edge: Edge, _request: Request) -> Response:
    """List the plugins of the old frontend, as XML: there are none."""
    body = '<?xml version="1.0" encoding="UTF-8"?>\n<plugins></plugins>'
    return Response(body, media_type="application/xml; charset=utf-8")


async def settings_menu(edge: Edge, request: Request) -> Response:
    """List the pages of the administration, to administrators; to others an empty menu."""
    access = await bearer_access(edge, request)
    standing = access.standing
    if standing is None:
        raise InsufficientScope("openid")
    pages = ADMIN_PAGES if standing.account.is_admin else ()
    children = [
        {"Key": path.strip("/") or "overview", "LABEL": label,
         "METADATA": {"url": f"{edge.settings.base_url}/admin{path.rstrip('/')}"}}
        for path, label in pages
    ]  # fmt: skip
    sections = [{"Key": "admin", "LABEL": "Administration", "CHILDREN": children}]
    menu = {"RootMetadata": {}, "Sections": sections if children else []}
    return json_answer(menu)


async def enroll(edge: Edge, request: Request) -> Response:
    """Refuse: a second factor is added at a page, by who has just signed in."""
    await bearer_access(edge, request)
    raise Forbidden(
        "a token adds no second factor: a passkey or an authenticator app is set up at "
        f"{edge.settings.base_url}/account/basic/factors, after signing in anew"
    )


async def login_connectors(_edge: Edge, _request: Request) -> Response:
    """List by what people sign in: by their account here, and by nothing else."""
    return json_answer({"Connectors": [CONNECTOR]})


async def auth_state(edge: Edge, request: Request) -> Response:
    """Say whether the token of the request stands, whose it is, and until when."""
    try:
        access = await bearer_access(edge, request)
    except (TokenMissing, InvalidToken):
        return json_answer({"IsSignedIn": False})
    told: dict[str, object] = {
        "IsSignedIn": access.standing is not None,
        "ClientID": access.client_id,
        "Scope": format_scope(access.scope),
        "ExpireTime": int(access.expires_at.timestamp()),
    }
    if access.standing is not None:
        how = access.standing.authentication
        told |= {
            "Login": access.standing.account.login,
            "AuthTime": int(how.auth_time.timestamp()),
            "AuthSource": CONNECTOR["id"],
        }
    return json_answer(told)


CONNECTOR = {"id": "keycell", "name": "Keycell", "type": "pydio"}
