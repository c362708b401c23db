"""Reading requests within limits, and the few forms in which answers go out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from keycell.accounts.audit import Origin
from keycell.accounts.sessions import LONGEST_AGENT
from keycell.http.listening import IS_WHOLE, SENDS, Headers, SendWhole, header_lines
from keycell.oauth.errors import InvalidRequest, OAuthError
from keycell.oauth.urlencoded import read_urlencoded

LONGEST_QUERY = 32 * 1024
LONGEST_FORM = 64 * 1024
LONGEST_DOCUMENT = 256 * 1024
MOST_FIELDS = 200
BODY_SECONDS = 30.0

_KEPT = "keycell.form"
_ORIGIN = "keycell.origin"
FORM = "application/x-www-form-urlencoded"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
READABLE = {
    **ANY_ORIGIN,
    "Access-Control-Expose-Headers": "DPoP-Nonce, Retry-After, WWW-Authenticate",
}
"""For refusals: a script of another site reads of their headers what we name alone. RFC9449-8."""
DISCOVERED = {"Cache-Control": "public, max-age=300", **ANY_ORIGIN}
PREFLIGHT = {
    **ANY_ORIGIN,
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Access-Control-Max-Age": "86400",
}

BY_CLIENT = ("/oidc/oauth2/par", "/oidc/oauth2/device")
"""What scripts may call whose origin their client registered. See decisions/0085."""
_SHARED = "keycell.shared"
_EXPOSED = READABLE["Access-Control-Expose-Headers"].encode()

Pairs = list[tuple[str, str]]


class TooLarge(OAuthError):
    """What was sent is larger than anything that could be meant. RFC9110-15.5.14."""

    error = "invalid_request"


class WrongType(OAuthError):
    """The body is not of the type expected here. RFC9110-15.5.16."""

    error = "invalid_request"


class TooSlow(OAuthError):
    """The body takes longer to arrive than anything that we take could. RFC9110-15.5.9."""

    error = "invalid_request"


class ForeignCall(OAuthError):
    """What our own pages alone may ask was asked by something else. RFC6749-10.12."""

    error = "access_denied"


def share_with(request: Request, origins: Sequence[str]) -> None:
    """Let the script that asks read the answer, an error too, if it is of one of these origins."""
    origin = header_of(request, b"origin")
    if origin in origins:
        request.scope[_SHARED] = [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", _EXPOSED),
            (b"vary", b"Origin"),
        ]


def query_pairs(request: Request) -> Pairs:
    """Give the query's parameters as sent."""
    query: bytes = request.scope["query_string"]
    if len(query) > LONGEST_QUERY:
        raise TooLarge(f"the query has {len(query)} bytes; at most {LONGEST_QUERY} are taken")
    return _pairs(query)


async def form_pairs(request: Request) -> Pairs:
    """Give a form's parameters as sent. RFC6749-B."""
    kept: Pairs | None = request.scope.get(_KEPT)
    if kept is not None:
        return kept
    kind = _kind_of(request)
    body = await read_body(request, LONGEST_FORM)
    # Nothing at all is of no type: what is missing is then told by name.
    if kind != FORM and (kind or body):
        raise WrongType(f"the body must be {FORM}")
    pairs = _pairs(body)
    request.scope[_KEPT] = pairs
    return pairs


async def json_body(request: Request, most: int = LONGEST_DOCUMENT) -> Any:  # noqa: ANN401
    """Give a body of JSON, which is anything until it is read."""
    if _kind_of(request) != "application/json":
        raise WrongType("the body must be application/json")
    try:
        return msgspec.json.decode(await read_body(request, most))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise InvalidRequest("the body is no JSON") from None


async def read_body(request: Request, most: int) -> bytes:
    """Read a body; stop at once when it is too large."""
    announced = header_of(request, b"content-length")
    if announced.isdigit() and int(announced) > most:
        raise TooLarge(f"the body has {int(announced)} bytes; at most {most} are taken")
    if IS_WHOLE in request.scope:
        return await _whole(request.receive, most)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _whole(request.receive, most)
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {BODY_SECONDS:g} s") from None


async def _whole(receive: Receive, most: int) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > most:
            raise TooLarge(f"the body has more than {most} bytes")
        if not message.get("more_body", False):
            return body


def _pairs(encoded: bytes) -> Pairs:
    try:
        return read_urlencoded(encoded.decode("utf-8"), MOST_FIELDS)
    except ValueError as error:
        if isinstance(error, UnicodeDecodeError):
            raise InvalidRequest("the parameters are not UTF-8") from None
        raise InvalidRequest(f"more than {MOST_FIELDS} parameters are sent") from None


def origin_of(request: Request) -> Origin:
    """Say where a request came from."""
    scope = request.scope
    kept: Origin | None = scope.get(_ORIGIN)
    if kept is None:
        client = scope.get("client")
        kept = scope[_ORIGIN] = Origin(
            ip=client[0] if client else "",
            user_agent=header_of(request, b"user-agent")[:LONGEST_AGENT],
            request_id=scope.get("request_id", ""),
        )
    return kept


def headers_of(request: Request, name: bytes) -> list[str]:
    """Give the values of a header, each as it was sent; its name is in small letters.

    The library's own reading of headers takes several times as long, and every request asks for
    some of them.
    """
    return [value.decode("latin-1") for key, value in request.scope["headers"] if key == name]


def header_of(request: Request, name: bytes) -> str:
    """Give the first value of a header; nothing where it was not sent."""
    for key, value in request.scope["headers"]:
        if key == name:
            found: str = value.decode("latin-1")
            return found
    return ""


def _kind_of(request: Request) -> str:
    return header_of(request, b"content-type").partition(";")[0].strip().lower()


def json_answer(
    body: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer by JSON."""
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


class Prepared(Response):
    """An answer under headers that were written before; its length comes to them."""

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        # Not the library's own, which writes all of them anew for each answer.
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body))]


def prepared(headers: Mapping[str, str], media_type: str | None = None) -> Headers:
    """Write headers once, for many answers. RFC9112-5."""
    return Response(None, 204, headers, media_type).raw_headers


class Document(Response):
    """An answer that is the same for everybody; its header lines are written once."""

    def __init__(self, body: object) -> None:
        encoded = msgspec.json.encode(body)
        super().__init__(encoded, 200, DISCOVERED, "application/json")
        self.lines = header_lines(self.raw_headers)


class Documents:
    """Answers that are the same for everybody: written once, sent as they stand."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[object, Document]] = {}

    def answer(self, name: str, made_of: object, make: Callable[[], object]) -> Document:
        """Give the answer, made anew when what it is made of is another object."""
        kept = self._kept.get(name)
        if kept is None or kept[0] is not made_of:
            kept = self._kept[name] = (made_of, Document(make()))
        return kept[1]


def authorization_of(request: Request) -> str | None:
    """Give the Authorization header; of two, nobody could say which is meant. RFC9110-5.3."""
    sent = headers_of(request, b"authorization")
    if len(sent) > 1:
        raise InvalidRequest("the Authorization header is sent more than once; send it once")
    return sent[0] if sent else None


def bearer_token(request: Request) -> str | None:
    """Give the bare token of an Authorization header. RFC6750-2.1."""
    scheme, token = scheme_and_token(request)
    return token if scheme == "bearer" else None


def scheme_and_token(request: Request) -> tuple[str, str | None]:
    """Give the scheme of an Authorization header, in small letters, and what follows it."""
    header = authorization_of(request)
    if header is None:
        return "", None
    scheme, _, token = header.partition(" ")
    return scheme.lower(), token.strip()


async def send_marked(
    response: Response,
    headers: list[tuple[bytes, bytes]],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> int:
    """Send an answer under these headers; give the status that went out."""
    if _SHARED in scope:
        headers = [*headers, *scope[_SHARED]]
    if type(response).__call__ is Response.__call__ and response.background is None:
        # The whole of it is there; most answers are so.
        status, body = response.status_code, bytes(response.body)
        sends: SendWhole | None = scope.get(SENDS)
        if sends is not None and sends(status, headers, body):
            return status
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return status
    sent = 0

    async def marked(message: Message) -> None:
        nonlocal sent
        if message["type"] == "http.response.start":
            sent = message["status"]
            message["headers"] = headers
        await send(message)

    await response(scope, receive, marked)
    return sent
