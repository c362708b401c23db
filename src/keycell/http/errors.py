"""An error's status, headers and body. Status is transport: it stands here and nowhere else."""

from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response

from keycell.files.errors import TokenReadsOnly
from keycell.http.wire import (
    NO_STORE,
    READABLE,
    ForeignCall,
    TooLarge,
    TooSlow,
    WrongType,
    json_answer,
)
from keycell.oauth.details import WRITE_SCOPE
from keycell.oauth.dpop import ALGORITHMS
from keycell.oauth.errors import (
    AskedTooOften,
    HolderUnproven,
    InsufficientScope,
    InsufficientUserAuthentication,
    InvalidClient,
    InvalidToken,
    OAuthError,
    ProofNonceWanted,
    ProofRefused,
    PushedTooOften,
    RegisteredTooOften,
    TemporarilyUnavailable,
    TokenMissing,
    TokenRefused,
    TooManyGuesses,
    UseDpopNonce,
)

log = structlog.get_logger(__name__)

_STATUS: dict[type[OAuthError], int] = {
    InvalidClient: 401,
    InvalidToken: 401,
    HolderUnproven: 401,
    ProofRefused: 401,
    ProofNonceWanted: 401,
    TokenMissing: 401,
    InsufficientUserAuthentication: 401,
    TooManyGuesses: 429,
    RegisteredTooOften: 429,
    PushedTooOften: 429,
    InsufficientScope: 403,
    AskedTooOften: 403,
    ForeignCall: 403,
    TooSlow: 408,
    TooLarge: 413,
    WrongType: 415,
    TemporarilyUnavailable: 503,
}


def status_of(error: OAuthError) -> int:
    """Give the HTTP status of an error."""
    return _STATUS.get(type(error), 400)


def oauth_error(request: Request, error: OAuthError, base_url: str) -> Response:
    """Answer at the token endpoint and its kin. RFC6749-5.2, RFC7591-3.2.2."""
    status = status_of(error)
    log.info("refused", path=request.url.path, error=error.error, detail=str(error))
    body: dict[str, object] = {
        "error": error.error,
        "error_uri": f"{base_url}/oauth2/errors#{error.error}",
        "status_code": status,
        "request_id": request.scope.get("request_id", ""),
    }
    if error.description:
        body["error_description"] = error.description
    return json_answer(body, status, headers_of(error, base_url))


def unexpected(request: Request, base_url: str) -> Response:
    """Answer where something failed that nobody foresaw; the log has it. RFC6749-4.1.2.1."""
    body = {
        "error": "server_error",
        "error_uri": f"{base_url}/oauth2/errors#server_error",
        "status_code": 500,
        "request_id": request.scope["request_id"],
    }
    return json_answer(body, 500, NO_STORE)


def readable(response: Response, *, any_origin: bool) -> Response:
    """Let scripts read a refusal of what they may call, its nonce and challenge too. RFC9449-8."""
    if any_origin:
        response.headers.update(READABLE)
    return response


def headers_of(error: OAuthError, base_url: str, wire: str = "") -> dict[str, str]:
    """Give the headers that go with an error. RFC6749-5.2, RFC6750-3, RFC9728-5.1.

    ``wire`` is what refuses, where that is a resource of its own: ``a``, ``io`` or ``dav``.
    """
    headers = dict(NO_STORE)
    if isinstance(error, InvalidClient):
        headers["WWW-Authenticate"] = 'Basic realm="keycell"'
    if isinstance(error, TooManyGuesses | RegisteredTooOften | PushedTooOften):
        headers["Retry-After"] = str(error.wait)
    if isinstance(error, TokenRefused):
        headers["WWW-Authenticate"] = challenge(error, base_url, wire)
    if isinstance(error, TemporarilyUnavailable):
        headers["Retry-After"] = "2"
    if isinstance(error, UseDpopNonce | ProofNonceWanted):
        headers["DPoP-Nonce"] = error.nonce
    return headers


def wider_scope(error: Exception, base_url: str, wire: str) -> dict[str, str]:
    """Give the headers of a refusal that a token of a wider scope would not meet. RFC6750-3.1."""
    if not isinstance(error, TokenReadsOnly):
        return {}
    return headers_of(InsufficientScope(WRITE_SCOPE), base_url, wire)


def challenge(error: TokenRefused, base_url: str, wire: str = "") -> str:
    """Say which token is wanted, and where to learn how to get it.

    RFC6750-3, RFC9728-5.1, RFC9449-7.1, RFC9470-3.
    """
    if isinstance(error, TokenMissing):
        return _either(base_url, wire)
    parts = [_DPOP if isinstance(error, HolderUnproven) else _bearer(base_url, wire)]
    parts.append(f'error="{error.error}"')
    if error.description:
        parts.append(f'error_description="{error.description}"')
    if isinstance(error, InsufficientScope):
        parts.append(f'scope="{error.scope}"')
    if isinstance(error, InsufficientUserAuthentication):
        # RFC9470-3
        parts.append(f'max_age="{error.max_age}"')
        if error.acr_values:
            parts.append(f'acr_values="{" ".join(error.acr_values)}"')
    return ", ".join(parts)


_DPOP = f'DPoP algs="{" ".join(ALGORITHMS)}"'


def _either(base_url: str, wire: str = "") -> str:
    """Offer both ways in which a token may come. RFC9449-7.1, RFC9449-7.2."""
    return f"{_bearer(base_url, wire)}, {_DPOP}"


def _bearer(base_url: str, wire: str) -> str:
    # Clients take a document that names what they asked, and not a part or the whole of it.
    metadata = "/".join(filter(None, (f"{base_url}/.well-known/oauth-protected-resource", wire)))
    return f'Bearer realm="keycell", resource_metadata="{metadata}"'


def no_token(base_url: str, headers: Mapping[str, str]) -> Response:
    """Ask for a token where none was sent: without an error, as RFC6750-3.1 has it."""
    return Response(b"", 401, {**headers, "WWW-Authenticate": _either(base_url)})
