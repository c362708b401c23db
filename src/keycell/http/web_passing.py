"""`/web/a/…` and `/web/io/…`: the same calls as `/a` and `/io`, with the browser's cookie.

The request goes through the same application once more, with the session's access token in the
place of the cookie: one flow, one set of rules, and bytes that stream both ways as they come.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keycell.http.edge import Edge
from keycell.http.render import language_of
from keycell.http.web import check_site, check_write, tokens_of
from keycell.oauth.errors import TokenMissing
from keycell.provider.web_sessions import WebTokens, prove

PREFIX = "/web"
_READS = ("GET", "HEAD")
_KEPT_BACK = frozenset({b"cookie", b"authorization", b"dpop", b"origin", b"x-requested-with",
                        b"accept-language"})  # fmt: skip


class Passed(Response):
    """An answer that the application gives to the request it was made into."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self._scope = scope

    async def go(self, app: ASGIApp, receive: Receive, send: Send) -> None:
        """Let the application answer, to this browser alone."""

        async def send_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        await app(self._scope, receive, send_private)


async def passed(edge: Edge, request: Request) -> Response:
    """Pass a call on with the session's token; raise TokenMissing if there is none."""
    if request.method in _READS:
        check_site(request)
    else:
        check_write(edge, request)
    tokens = await tokens_of(edge, request)
    if tokens is None:
        raise TokenMissing("nobody is signed in here; go to /web/login")
    return Passed(_inner(edge, request.scope, tokens, language_of(request)))


def _inner(edge: Edge, scope: Scope, tokens: WebTokens, language: str) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name not in _KEPT_BACK]
    raw_path = scope["raw_path"].removeprefix(PREFIX.encode())
    shown = {"authorization": f"Bearer {tokens.access_token}"}
    if tokens.key:
        url = f"{edge.settings.base_url}{raw_path.decode('latin-1')}"
        proof = prove(edge.provider, tokens.key, scope["method"], url, tokens.access_token)
        shown = {"authorization": f"DPoP {tokens.access_token}", "dpop": proof}
    # A link or a picture says nothing of itself: the cookie that stays here told its language.
    shown["accept-language"] = language
    headers += [(name.encode(), value.encode()) for name, value in shown.items()]
    inner = {
        name: value
        for name, value in scope.items()
        if name in ("type", "asgi", "http_version", "method", "scheme", "query_string",
                    "root_path", "client", "server", "extensions", "state")
    }  # fmt: skip
    inner |= {
        "path": scope["path"].removeprefix(PREFIX),
        "raw_path": raw_path,
        "headers": headers,
    }
    return inner
