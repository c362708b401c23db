"""Signing in: by a browser here, by a browser elsewhere and a pasted code, or by a device code.

All of them are the protocol that any application speaks: RFC8252 with PKCE, and RFC8628.
"""

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit
from xml.sax.saxutils import unescape

import httpx2

from keycell.client.answers import check, json_of, refusal
from keycell.client.credentials import Tokens
from keycell.client.discovery import Metadata
from keycell.client.errors import BadUse, ClientError, Conflict, Denied, SignInRequired
from keycell.client.profiles import CLIENT_ID
from keycell.client.proofs import prover_of, proving, shown
from keycell.client.retries import REPEATABLE, unreachable
from keycell.client.tokens import read_tokens

SCOPE = "openid profile email offline_access files.read files.write"
_DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_LONGEST_HEAD = 16_384
_HEAD_WITHIN = 10
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font-family: sans-serif; max-width: 34em; margin: 4em auto"><h1>{title}</h1>
<p>{sentence}</p></body></html>"""
_USER = re.compile(r"<user id=([\"'])(.*?)\1")
_CALLBACK = "http://127.0.0.1/callback"
_HERE = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
_OK = 200
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in under way: what proves that the answer is to it."""

    # Connections that show no token.
    http: httpx2.AsyncClient
    metadata: Metadata
    scope: str = SCOPE
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    client_id: str = CLIENT_ID
    secret: str = ""
    """Of a client that has one; ours is a public client."""
    posts_secret: bool = False
    """Whether the secret goes in the form, as `client_secret_post` has it."""
    nonce: str = ""
    is_again: bool = False
    """The person is to sign in once more, however lately they did. OIDCC-3.1.2.1."""
    key: str = field(default="", repr=False)
    """What the tokens are to be bound to, as a private JWK; "" for none. RFC9449-5."""

    def address(self, redirect_uri: str) -> str:
        """Give where the browser is to go. RFC6749-4.1.1, RFC7636-4.3."""
        hashed = hashlib.sha256(self.verifier.encode("ascii")).digest()
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": self.scope,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode("ascii"),
            "code_challenge_method": "S256",
        }
        query |= {"nonce": self.nonce} if self.nonce else {}
        query |= {"prompt": "login"} if self.is_again else {}
        # The code is of use with our key alone, whoever else reads it. RFC9449-10.
        query |= {"dpop_jkt": prover_of(self.key).jkt} if self.key else {}
        return f"{self.metadata.endpoint('authorization_endpoint')}?{urlencode(query)}"

    def is_answer(self, params: dict[str, str]) -> bool:
        """Tell whether somebody brings the answer to this very request. RFC9207-2.4."""
        is_ours = hmac.compare_digest(params.get("state", "").encode(), self.state.encode())
        return is_ours and params.get("iss", self.metadata.issuer) == self.metadata.issuer

    async def tokens(self, params: dict[str, str], redirect_uri: str) -> Tokens:
        """Exchange the answer's code, and give the tokens."""
        return read_tokens(await self.exchange(params, redirect_uri), time.time(), self.key)

    async def exchange(self, params: dict[str, str], redirect_uri: str) -> dict[str, Any]:
        """Exchange the answer's code, and give all that is answered. RFC6749-4.1.3."""
        if "error" in params:
            said = params.get("error_description") or params["error"]
            raise Denied(f"the sign-in was refused: {said}")
        form = {
            "grant_type": "authorization_code",
            "code": params.get("code", ""),
            "redirect_uri": redirect_uri,
            "client_id": self.client_id,
            "code_verifier": self.verifier,
        }
        response = await self.post("token_endpoint", form)
        if response.status_code != _OK:
            raise SignInRequired(
                f"the code was not taken: {refusal(response)}", "a code is good once, for a minute"
            )
        found: dict[str, Any] = json_of(response)
        return found

    async def post(
        self, endpoint: str, form: dict[str, str], *, repeatable: bool = False
    ) -> httpx2.Response:
        """Ask one of the server's endpoints."""
        address = self.metadata.endpoint(endpoint)
        extensions = dict(REPEATABLE) if repeatable else {}
        if endpoint == "token_endpoint":
            extensions |= proving(self.key)
        auth: httpx2.Auth | Any = httpx2.USE_CLIENT_DEFAULT
        if self.secret and self.posts_secret:
            form = form | {"client_secret": self.secret}
        elif self.secret:
            # Both are written as in a form before they are joined. RFC6749-2.3.1.
            auth = httpx2.BasicAuth(quote_plus(self.client_id), quote_plus(self.secret))
        try:
            return await self.http.post(address, data=form, extensions=extensions, auth=auth)
        except httpx2.RequestError as error:
            raise unreachable(error, self.metadata.issuer) from error


async def by_browser(
    sign_in: SignIn, show: Callable[[str], None], *, within: float = 600
) -> Tokens:
    """Sign in by a browser of this machine."""
    return await sign_in.tokens(*await brought(sign_in, show, within=within))


async def brought(
    sign_in: SignIn, show: Callable[[str], None], *, within: float, at: str = _CALLBACK
) -> tuple[dict[str, str], str]:
    """Wait at a port of this machine for the browser to bring the answer. RFC8252-7.3.

    Give it, and the redirect URI it came to: ``at``, with a port of the moment where it has none.
    Whatever else knocks there is answered 404, and changes nothing.
    """
    answer: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
    place = urlsplit(at)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_WITHIN)
            params = _read_callback(head, place.path)
            is_ours = params is not None and sign_in.is_answer(params) and not answer.done()
            writer.write(_page(params if is_ours else None))
            await writer.drain()
            # Once more: a browser may have brought it twice while the page was on its way.
            if is_ours and params is not None and not answer.done():
                answer.set_result(params)
        writer.close()

    try:
        server = await asyncio.start_server(
            serve, _HERE[place.hostname or ""], place.port or 0, limit=_LONGEST_HEAD
        )
    except OSError as error:
        raise Conflict(
            f"nothing can be waited for at {at}: {error.strerror}", "another program may be there"
        ) from error
    async with server:
        port = server.sockets[0].getsockname()[1]
        there = at if place.port else place._replace(netloc=f"{place.netloc}:{port}").geturl()
        show(sign_in.address(there))
        try:
            return await asyncio.wait_for(answer, within), there
        except TimeoutError:
            raise SignInRequired("nobody signed in within the time", "keycell login") from None


def _read_callback(head: bytes, path: str) -> dict[str, str] | None:
    method, target, *_ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    parts = urlsplit(target)
    if method != "GET" or (parts.path or "/") != (path or "/"):
        return None
    return dict(parse_qsl(parts.query))


def _page(params: dict[str, str] | None) -> bytes:
    if params is None:
        status, title, sentence = "404 Not Found", "Nothing is here", "No sign-in waits for this."
    elif "error" in params:
        status, title, sentence = "200 OK", "Not signed in", "The command line was told no."
    else:
        status, title = "200 OK", "Signed in"
        sentence = "The keycell command on this computer goes on. You may close this page."
    body = _PAGE.format(title=title, sentence=sentence).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
        f"Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
        f"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def by_pasting(
    sign_in: SignIn, server: str, show: Callable[[str], None], ask: Callable[[], Awaitable[str]]
) -> Tokens:
    """Let a browser anywhere show the code, and take what is pasted: it, or the whole address."""
    redirect_uri = f"{server}/oauth2/oob"
    show(sign_in.address(redirect_uri))
    pasted = (await ask()).strip()
    if not pasted:
        raise BadUse("no code was given", "paste what the page shows")
    if "code=" not in pasted and "error=" not in pasted:
        return await sign_in.tokens({"code": pasted}, redirect_uri)
    params = dict(parse_qsl(urlsplit(pasted).query or pasted))
    if not sign_in.is_answer(params):
        raise BadUse("that address is the answer to another sign-in", "use the page just opened")
    return await sign_in.tokens(params, redirect_uri)


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types elsewhere, and where. RFC8628-3.2."""

    user_code: str
    address: str
    whole_address: str
    """With the code in it; "" where there is none."""
    minutes: int


async def by_device(sign_in: SignIn, show: Callable[[DeviceCode], None]) -> Tokens:
    """Wait until a person has allowed it in a browser elsewhere. RFC8628-3.4."""
    form = {
        "client_id": sign_in.client_id,
        "scope": sign_in.scope,
        "device_name": socket.gethostname()[:60],
    }
    form |= {"prompt": "login"} if sign_in.is_again else {}
    response = await sign_in.post("device_authorization_endpoint", form)
    if response.status_code != _OK:
        raise refusal(response)
    found: dict[str, Any] = json_of(response)
    lives, pause = float(found.get("expires_in", 600)), float(found.get("interval", 5))
    show(
        DeviceCode(
            found["user_code"], found["verification_uri"],
            found.get("verification_uri_complete", ""), int(lives // 60),
        )
    )  # fmt: skip
    ends_at = time.monotonic() + lives
    asked = {
        "grant_type": _DEVICE_CODE,
        "device_code": found["device_code"],
        "client_id": sign_in.client_id,
    }
    while time.monotonic() < ends_at:
        await asyncio.sleep(pause)
        response = await sign_in.post("token_endpoint", asked)
        if response.status_code == _OK:
            return read_tokens(json_of(response), time.time(), sign_in.key)
        pause = _pause_after(json_of(response).get("error", ""), response, pause)
    raise SignInRequired("the code has expired before anybody typed it", "keycell login --device")


def _pause_after(error: str, response: httpx2.Response, pause: float) -> float:
    """Give how long to wait before asking again; raise what ends it. RFC8628-3.5."""
    if error == "authorization_pending":
        return pause
    if error == "slow_down":
        return pause + 5
    if error == "access_denied":
        raise Denied("somebody said no to the sign-in")
    if error == "expired_token":
        raise SignInRequired("the code has expired", "keycell login --device")
    raise refusal(response)


async def who(
    http: httpx2.AsyncClient, metadata: Metadata, tokens: Tokens | None = None
) -> dict[str, Any]:
    """Give what the server says of the person a token is of. OIDCC-5.3.

    Without ``tokens`` it is by the one that the connections show. A personal access token opens no
    claims; whose it is stands beside the files that it opens.
    """
    headers, extensions = shown(tokens.access_token, tokens.key) if tokens else ({}, {})
    server = metadata.issuer.rstrip("/").removesuffix("/oidc")
    try:
        response = await http.get(
            metadata.endpoint("userinfo_endpoint"), headers=headers, extensions=extensions
        )
        if response.status_code != _FORBIDDEN:
            check(response)
            claims: dict[str, Any] = json_of(response)
            return claims
        response = check(
            await http.get(f"{server}/a/frontend/state", headers=headers, extensions=extensions)
        )
    except httpx2.RequestError as error:
        raise unreachable(error, metadata.issuer) from error
    found = _USER.search(response.text)
    if found is None:
        raise Denied("this token is of no person")
    return {"preferred_username": unescape(found[2], {"&quot;": '"'})}


async def revoke(http: httpx2.AsyncClient, metadata: Metadata, tokens: Tokens) -> None:
    """End the grant that tokens are of. RFC7009-2.1."""
    await give_up(SignIn(http, metadata), tokens)


async def give_up(sign_in: SignIn, tokens: Tokens) -> None:
    """End what came of a sign-in. RFC7009-2.1."""
    form = {"token": tokens.refresh_token or tokens.access_token, "client_id": sign_in.client_id}
    response = await sign_in.post("revocation_endpoint", form, repeatable=True)
    if response.status_code != _OK:
        raise ClientError(f"the sign-in was not ended: {refusal(response)}")
