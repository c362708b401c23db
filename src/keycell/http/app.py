"""The web application: every route in one table, and what surrounds each request."""

import time
from collections.abc import Callable, Mapping, Sequence

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from keycell.accounts.ports import NotStorable, StoreUnavailable
from keycell.files.errors import FilesError
from keycell.http import (
    account,
    account_factors,
    account_removal,
    addresses,
    authorize,
    backchannel,
    config_rest,
    csp_reports,
    developers,
    device,
    invitations,
    leaving,
    mail_codes,
    oidc,
    operations,
    par,
    probes,
    public,
    public_edit,
    public_upload,
    recovery,
    registration,
    resource,
    session_frame,
    session_rest,
    signing_in,
    start,
    tokens_rest,
    web,
    web_passing,
)
from keycell.http.administering import ADMINISTRATION
from keycell.http.branding_preview import BRANDING_PREVIEW
from keycell.http.brands import LOGOS
from keycell.http.dav import routes as dav
from keycell.http.edge import Edge, words_of
from keycell.http.errors import headers_of, oauth_error, readable, status_of, unexpected
from keycell.http.exports_rest import EXPORTS
from keycell.http.forms import ForeignForm
from keycell.http.listening import header_lines
from keycell.http.own_account import OWN_ACCOUNT
from keycell.http.refusals import no_such_request, not_understood, only_by_a_form, our_fault
from keycell.http.render import REPORTS_AT, keep_language, note_theme
from keycell.http.rest import config_paths, openapi
from keycell.http.rest.errors import files_refusal
from keycell.http.rest.routes import CALLS
from keycell.http.rows import Endpoint, Row, Rows
from keycell.http.s3 import routes as s3
from keycell.http.trail_events import TRAIL_EVENTS
from keycell.http.watching_rest import WATCHING
from keycell.http.wire import BY_CLIENT, PREFLIGHT, Document, send_marked
from keycell.logs import REQUEST_ID
from keycell.oauth.errors import InvalidRequest, OAuthError, TemporarilyUnavailable
from keycell.oauth.resources import WIRES
from keycell.provider.tickets import TicketRefused
from keycell.randomness import random_bytes

log = structlog.get_logger(__name__)

_JWKS = "/oidc/.well-known/jwks.json"
_REST = "/a/"
_HSTS = (b"strict-transport-security", b"max-age=31536000")
"""Under https alone, and for this host alone: its other names are not ours to speak for."""
_KEPT_BY_NOBODY = (b"cache-control", b"no-store")
"""Under every answer of REST that says nothing else: each is somebody's own. RFC9111-5.2.2.5."""


def _page(path: str, **endpoints: Endpoint) -> Row:
    return Row(path, endpoints, is_page=True)


def _acting(path: str, **endpoints: Endpoint) -> Row:
    return Row(path, endpoints, is_page=True, acts=True)


def _document(path: str, make: Callable[[Edge], Document]) -> Row:
    async def serve(edge: Edge, request: Request) -> Response:
        _note_reader(edge, path, request.scope, time.perf_counter())
        return make(edge)

    return Row(path, {"GET": serve}, any_origin=True, document=make)


def _note_reader(edge: Edge, path: str, scope: Scope, at: float) -> None:
    if path == _JWKS and scope.get("client"):
        edge.keys.readers.fetched(scope["client"][0], at)


async def _api(edge: Edge, _request: Request) -> Response:
    """Describe the calls under /a/."""
    calls = {row.path: row.endpoints for row in ROUTES}
    return edge.documents.answer("openapi", ROUTES, lambda: openapi.document(calls))


async def _reference(edge: Edge, request: Request) -> Response:
    """Show people the same."""
    told = msgspec.json.decode((await _api(edge, request)).body)
    return developers.reference(edge, request, told)


_S3: Mapping[str, Endpoint] = dict.fromkeys(("GET", "PUT", "POST", "DELETE"), s3.s3)
_PASSED: Mapping[str, Endpoint] = dict.fromkeys(
    ("GET", "PUT", "POST", "DELETE"), web_passing.passed
)
_FRONTEND = (
    "/files", "/files/{path:path}", "/shared", "/trash", "/trash/{path:path}", "/search",
    "/starred", "/recent", "/sync", "/links", "/apps", "/account", "/account/{path:path}",
    "/admin", "/admin/{path:path}",
)  # fmt: skip
"""The frontend's pages: one document, which reads the address itself."""

ROUTES: tuple[Row, ...] = (
    _document("/oidc/.well-known/openid-configuration", oidc.metadata),
    _document(_JWKS, oidc.jwks),
    Row("/oidc/oauth2/token", {"POST": oidc.token}, any_origin=True),
    Row("/oidc/oauth2/introspect", {"POST": oidc.introspect}),
    Row("/oidc/oauth2/revoke", {"POST": oidc.revoke}, any_origin=True),
    Row("/oidc/oauth2/device", {"POST": device.authorize}),
    Row("/oidc/oauth2/bc-authorize", {"POST": backchannel.authorize}),
    Row("/oidc/oauth2/par", {"POST": par.push}),
    Row("/oidc/userinfo", {"GET": oidc.userinfo, "POST": oidc.userinfo}, any_origin=True),
    _document("/oidc/.well-known/oauth-authorization-server", oidc.metadata),
    _document("/.well-known/oauth-authorization-server/oidc", oidc.metadata),
    _document("/.well-known/openid-configuration/oidc", oidc.metadata),
    Row("/oidc/register", {"POST": registration.register}),
    Row(
        "/oidc/register/{client_id}",
        {"GET": registration.read, "PUT": registration.update, "DELETE": registration.remove},
    ),
    _acting("/oidc/oauth2/auth", GET=authorize.authorize, POST=authorize.authorize),
    *(_page(path, **endpoints) for path, endpoints in signing_in.PAGES.items()),
    *(_page(path, **endpoints) for path, endpoints in mail_codes.PAGES.items()),
    _page("/oauth2/consent", GET=authorize.consent_page, POST=authorize.consent),
    _page("/oauth2/refused", GET=authorize.consent_page, POST=authorize.refused),
    _page("/oauth2/choose", GET=authorize.consent_page, POST=authorize.choose),
    *(_page(path, **endpoints) for path, endpoints in device.PAGES.items()),
    _page("/oauth2/requests", GET=backchannel.page, POST=backchannel.submit),
    _acting("/oidc/oauth2/sessions/logout", GET=leaving.logout, POST=leaving.logout),
    _page("/oauth2/logout", GET=leaving.ended, POST=leaving.confirm),
    Row("/oidc/session", {"GET": session_frame.frame}),
    _page("/oauth2/oob", GET=leaving.out_of_band),
    _page("/oauth/oob", GET=leaving.out_of_band),
    _page("/oauth2/errors", GET=developers.error_codes),
    _page("/oidc", GET=developers.issuer),
    Row("/llms.txt", {"GET": developers.for_programs}),
    _page("/developers/quickstarts", GET=developers.quickstarts),
    _page("/developers/api", GET=_reference),
    _page("/developers/changelog", GET=developers.changes),
    _page("/account/basic", GET=account.page),
    _page("/account/basic/end-session", POST=account.end_session),
    _page("/account/basic/end-others", POST=account.end_others),
    _page("/account/basic/end-trust", POST=account.end_trusted),
    _page("/account/basic/letters", POST=account.choose_letters),
    _page("/account/basic/end-program", POST=account.end_program),
    _page("/account/basic/revoke", POST=account.revoke),
    _page("/account/basic/make-token", POST=account.make_token),
    _page("/account/basic/end-token", POST=account.end_token),
    _page("/account/basic/password", POST=account.change_password),
    _page("/account/basic/email", POST=account.change_email),
    _page("/account/basic/email-code", POST=account.confirm_email),
    _page(account_removal.HERE, GET=account_removal.page, POST=account_removal.submit),
    _page("/recover", GET=recovery.page, POST=recovery.submit),
    _page("/recover/code", GET=recovery.code_page, POST=recovery.submit_code),
    _page("/recover/link", GET=recovery.link),
    _page("/recover/access", GET=recovery.access),
    _page("/recover/new", POST=recovery.set_password),
    _page("/recover/done", GET=recovery.done),
    _page("/recover/not-me", GET=recovery.not_me_page, POST=recovery.not_me),
    _page("/email/confirm", GET=addresses.confirm_page, POST=addresses.confirm),
    _page("/email/undo", GET=addresses.undo_page, POST=addresses.undo),
    _page("/invitation", GET=invitations.page, POST=invitations.submit),
    _page("/invitation/ask", POST=invitations.ask),
    *(_page(path, **endpoints) for path, endpoints in account_factors.PAGES.items()),
    Row("/oauth2/logo/{client_id}", {"GET": start.logo}),
    Row(f"{LOGOS}/{{name}}", {"GET": start.brand_logo}),
    _page("/setup", GET=start.setup_page, POST=start.setup),
    _page("/", GET=s3.root),
    Row("/assets/web/{name}", {"GET": web.asset}),
    _page("/assets/{digest}/{name}", GET=start.asset),
    _page("/.well-known/change-password", GET=operations.change_password),
    _page("/public/{hash}", GET=public.page, POST=public.unlock),
    _page("/public/{hash}/folder/{path:path}", GET=public.page),
    _page("/public/{hash}/file/{path:path}", GET=public.download),
    _page("/public/{hash}/zip/{path:path}", GET=public.archive),
    _page("/public/{hash}/upload/{path:path}", POST=public_upload.upload),
    _page("/public/{hash}/change/{path:path}", GET=public_edit.page),
    _page("/public/{hash}/rename/{path:path}", POST=public_edit.rename),
    _page("/public/{hash}/replace/{path:path}", POST=public_edit.replace),
    _page("/public/{hash}/delete/{path:path}", POST=public_edit.delete),
    _page("/public/{hash}/new-folder/{path:path}", POST=public_edit.new_folder),
    *(_page(path, GET=web.page) for path in _FRONTEND),
    _page("/web/login", GET=web.login),
    _acting("/web/callback", GET=web.callback),
    Row("/web/logout", {"POST": web.logout}),
    Row("/web/session", {"GET": web.session}),
    Row("/web/a/{path:path}", _PASSED),
    Row("/web/io/{key:path}", _PASSED),
    Row("/io", _S3),
    Row("/io/{key:path}", _S3),
    Row("/dav", dav.METHODS),
    Row("/dav/{path:path}", dav.METHODS),
    Row("/healthz", {"GET": probes.healthz}),
    Row(REPORTS_AT, {"POST": csp_reports.take_report}),
    Row("/readyz", {"GET": probes.readyz}),
    Row("/metrics", {"GET": probes.metrics}),
    Row(resource.PATH, {"GET": resource.metadata}, any_origin=True),
    *(
        Row(f"{resource.PATH}/{wire}", {"GET": resource.metadata}, any_origin=True)
        for wire in WIRES
    ),
    Row(openapi.PATH, {"GET": _api}, any_origin=True),
    Row("/a/frontend/session", {"POST": session_rest.session}),
    Row("/a/auth/token/personal", {"POST": tokens_rest.make_personal}),
    Row("/a/auth/token/impersonate", {"POST": tokens_rest.impersonate}),
    Row("/a/auth/token/document", {"POST": tokens_rest.make_document}),
    Row("/a/auth/token/revoke", {"POST": tokens_rest.revoke}),
    Row("/a/auth/tokens", {"POST": tokens_rest.list_tokens}),
    Row("/a/auth/tokens/{token_id}", {"DELETE": tokens_rest.remove}),
    Row("/a/auth/access-keys", {"GET": tokens_rest.list_keys, "POST": tokens_rest.make_key}),
    Row("/a/auth/access-keys/{access_key_id}", {"DELETE": tokens_rest.remove_key}),
    *(Row(path, endpoints) for path, endpoints in CALLS.items()),
    *(Row(path, endpoints) for path, endpoints in WATCHING.items()),
    *(Row(path, endpoints) for path, endpoints in TRAIL_EVENTS.items()),
    *(Row(path, endpoints) for path, endpoints in {**EXPORTS, **BRANDING_PREVIEW}.items()),
    *(Row(path, endpoints) for path, endpoints in ADMINISTRATION.items()),
    *(Row(path, endpoints) for path, endpoints in OWN_ACCOUNT.items()),
    Row("/a/config/oauth2clients", {"GET": config_rest.list_clients}),
    Row(
        "/a/config/oauth2clients/{client_id}",
        {"PUT": config_rest.put_client, "DELETE": config_rest.remove_client},
    ),
    Row(
        "/a/config/services/pydio.web.oauth/staticClients",
        {"GET": config_rest.read_static, "PUT": config_rest.write_static},
    ),
    # What the other calls below it leave.
    Row(
        "/a/config/{path:path}",
        {"GET": config_paths.read_config, "PUT": config_paths.write_config},
    ),
)


class App:
    """Answers requests: finds the row, calls the endpoint, turns errors into answers."""

    def __init__(self, edge: Edge, telemetry: operations.Telemetry) -> None:
        self._edge = edge
        self._telemetry = telemetry
        self._every_answer = [_HSTS] if edge.settings.is_secure else []
        self._documents = {
            row.path.encode(): (row.path, row.document)
            for row in ROUTES
            if row.document is not None
        }
        self._rows = Rows(ROUTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = time.perf_counter()
        scope["app"] = self
        scope["request_id"] = request_id = random_bytes(8).hex()
        REQUEST_ID.set(request_id)
        row = self._rows.find(scope)
        request = Request(scope, receive)
        if row is not None and row.is_page:
            note_theme(request)
        response = await self._answer(row, request)
        if isinstance(response, web_passing.Passed):
            await response.go(self, receive, send)
            return
        if row is not None and row.is_page:
            keep_language(request, response, is_secure=self._edge.settings.is_secure)
        marked = [*response.raw_headers, (b"x-request-id", request_id.encode())]
        if scope["path"].startswith(_REST) and not _says_how_long(marked):
            marked.append(_KEPT_BY_NOBODY)
        status = await send_marked(response, [*marked, *self._every_answer], scope, receive, send)
        path = row.path if row is not None else "other"
        self._telemetry.seen(scope, path, status, time.perf_counter() - started)

    def answer_at_once(self, scope: Scope, target: bytes) -> bytes | None:
        """Give header lines and body of a document, to a GET without anything special."""
        found = self._documents.get(target)
        if found is None:
            return None
        started = time.perf_counter()
        path, make = found
        document = make(self._edge)
        request_id = random_bytes(8).hex()
        scope.update(method="GET", path=path, request_id=request_id)
        _note_reader(self._edge, path, scope, started)
        marks = header_lines([(b"x-request-id", request_id.encode()), *self._every_answer])
        answer = b"%s%s\r\n%s" % (document.lines, marks, document.body)
        self._telemetry.seen(scope, path, 200, time.perf_counter() - started)
        return answer

    async def _answer(self, row: Row | None, request: Request) -> Response:
        if row is None:
            return self._missing(request)
        method = "GET" if request.method == "HEAD" else request.method
        endpoint = row.endpoints.get(method)
        if endpoint is None or (row.acts and request.method == "HEAD"):
            return _not_this_way(self._edge, row, request)
        return await self._call(endpoint, row, request)

    async def _call(self, endpoint: Endpoint, row: Row, request: Request) -> Response:
        try:
            return await endpoint(self._edge, request)
        except (ForeignForm, TicketRefused):
            return no_such_request(self._edge, request)
        except (OAuthError, NotStorable) as error:
            told = InvalidRequest(str(error)) if isinstance(error, NotStorable) else error
            return self._refuse(row, request, told)
        except FilesError as error:
            return files_refusal(
                error, self._edge.settings.base_url, words_of(self._edge, request)
            )
        except StoreUnavailable as error:
            log.warning("database away", path=row.path, detail=str(error))
            return self._refuse(row, request, TemporarilyUnavailable("try again in a moment"))
        except ClientDisconnect:
            return Response(b"", 400)
        except Exception:
            log.exception("failed", path=row.path)
            return self._failed(row, request)

    def _missing(self, request: Request) -> Response:
        path = request.url.path
        if path.startswith(_REST):
            return config_rest.rest_error(404, "NotFound", f"there is no call {path[:200]!r}")
        if path.startswith(("/oidc/", "/.well-known/", "/io/", "/dav/")):
            return JSONResponse({"error": "not_found", "path": path[:200]}, 404)
        return start.not_found(self._edge, request)

    def _refuse(self, row: Row, request: Request, error: OAuthError) -> Response:
        if row.path.startswith(_REST):
            headers = headers_of(error, self._edge.settings.base_url, "a")
            return config_rest.rest_error(
                status_of(error), error.error, error.description, headers
            )
        if not row.is_page:
            response = oauth_error(request, error, self._edge.settings.base_url)
            return readable(response, any_origin=row.any_origin)
        return not_understood(self._edge, request, error.description, status_of(error))

    def _failed(self, row: Row, request: Request) -> Response:
        if row.path.startswith("/io"):
            return s3.failed(request)
        if row.path.startswith(_REST):
            request_id = request.scope["request_id"]
            return config_rest.rest_error(
                500, "InternalError", f"it is written down as request {request_id}"
            )
        if not row.is_page:
            response = unexpected(request, self._edge.settings.base_url)
            return readable(response, any_origin=row.any_origin)
        return our_fault(self._edge, request)


def _says_how_long(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return any(name == b"cache-control" for name, _ in headers)


def _not_this_way(edge: Edge, row: Row, request: Request) -> Response:
    allowed = ", ".join([*row.endpoints, "OPTIONS"])
    if request.method == "OPTIONS":
        is_shared = row.any_origin or row.path in BY_CLIENT
        return Response(b"", 204, PREFLIGHT if is_shared else {"Allow": allowed})
    if row.is_page and request.method == "GET":
        return only_by_a_form(edge, request, {"Allow": allowed})
    body = {"error": "invalid_request", "error_description": f"allowed here: {allowed}"}
    if row.path.startswith(_REST):
        detail = f"{request.method[:20]} is not for {row.path}: allowed are {allowed}"
        return config_rest.rest_error(405, "MethodNotAllowed", detail, {"Allow": allowed})
    refusal = JSONResponse(body, 405, {"Allow": allowed})
    return readable(refusal, any_origin=row.any_origin)
