"""Showing a token with each request, and a new one before the old one ends.

Any number of processes may do so at once: whoever holds the file's lock refreshes, the others find
what it kept. A lost answer is asked for again with the same token, since the server gives the same
successor (decisions/0005).
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import filelock
import httpx2

from keycell.client.answers import STEP_UP, json_of, refusal
from keycell.client.credentials import Keeper, Tokens
from keycell.client.errors import ClientError, SignInRequired, Unavailable
from keycell.client.folders import lock_of, state_folder
from keycell.client.profiles import Profile
from keycell.client.proofs import proving, shown
from keycell.client.retries import REPEATABLE

MARGIN = 30
"""Seconds before its end in which a token is not begun with any more."""
_UNAUTHORIZED = 401
_OK = 200
_POLLED_EVERY = 0.05
_WAITED_AT_MOST = 90


class TokenAuth(httpx2.Auth):
    """The tokens of one profile, by Bearer, or by DPoP where they are bound to a key."""

    def __init__(self, profile: Profile, keeper: Keeper, token_endpoint: str) -> None:
        self._profile = profile
        self._keeper = keeper
        self._endpoint = token_endpoint
        self._tokens: Tokens | None = None
        self._ended: SignInRequired | None = None
        # One refresh at a time in this process; the file's lock is between processes.
        self._refreshing = asyncio.Lock()

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Show the token; at a refusal, once more with a new one. RFC6750-2.1, RFC6750-3.1."""
        tokens = self.current()
        if is_ending(tokens):
            async with self._one_at_a_time():
                fresh = self._stored()
                if is_ending(fresh):
                    response = yield self._refresh(fresh)
                    fresh = await self._keep(fresh, response)
                self._tokens = tokens = fresh
        response = yield _showing(request, tokens)
        if response.status_code != _UNAUTHORIZED or _wants_sign_in(response):
            return
        if not tokens.refresh_token:
            raise self._refused(response)
        async with self._one_at_a_time():
            fresh = self._stored()
            if fresh.access_token == tokens.access_token:
                response = yield self._refresh(fresh)
                fresh = await self._keep(fresh, response)
            self._tokens = fresh
        yield _showing(request, fresh)

    def current(self) -> Tokens:
        """Give the tokens there are; raise if nobody is signed in."""
        if self._ended is not None:
            raise self._ended
        if self._tokens is None:
            self._tokens = self._stored()
        return self._tokens

    async def fresh(self, http: httpx2.AsyncClient, *, forced: bool = False) -> Tokens:
        """Give tokens that are good for a while; ``forced``, new ones whatever time is left."""
        if not forced and not is_ending(self.current()):
            return self.current()
        async with self._one_at_a_time():
            # Another process may have refreshed while this one waited.
            before = self._stored()
            if not forced and not is_ending(before):
                self._tokens = before
                return before
            if not before.refresh_token:
                raise SignInRequired("this token cannot be refreshed", "it ends by itself")
            self._tokens = await self._keep(
                before, await http.send(self._refresh(before), auth=None)
            )
        return self._tokens

    def _stored(self) -> Tokens:
        found = self._keeper.read(self._profile.name)
        if found is None:
            raise SignInRequired(f"nobody is signed in to {self._profile.server}", self._way_in())
        return found

    def _way_in(self) -> str:
        if self._profile.storage == "environment":
            return "put another token in KEYCELL_TOKEN, or unset it: keycell login keeps its own"
        return f"keycell login {self._profile.server} --profile {self._profile.name}"

    @asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        async with self._refreshing:
            if self._ended is not None:
                raise self._ended
            # Made no earlier: a token that is never refreshed needs no place on this machine.
            lock = lock_of(state_folder() / "locks" / self._profile.name)
            waited = time.monotonic()
            while True:
                try:
                    lock.acquire(timeout=0)
                    break
                except filelock.Timeout:
                    if time.monotonic() - waited > _WAITED_AT_MOST:
                        raise Unavailable(
                            f"another process has refreshed {self._profile.name} for too long",
                            f"end it, or remove {lock.lock_file}",
                        ) from None
                    await asyncio.sleep(_POLLED_EVERY)
            try:
                yield
            finally:
                lock.release()

    def _refresh(self, tokens: Tokens) -> httpx2.Request:
        """Ask for the next tokens. RFC6749-6."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": tokens.refresh_token,
            "client_id": self._profile.client_id,
        }
        # Sent again if its answer is lost: the server gives the same successor.
        extensions = dict(REPEATABLE) | proving(tokens.key)
        return httpx2.Request("POST", self._endpoint, data=form, extensions=extensions)

    async def _keep(self, before: Tokens, response: httpx2.Response) -> Tokens:
        """Keep the next tokens, before anything is done with them."""
        await response.aread()
        if response.status_code == _OK:
            found = read_tokens(json_of(response), time.time(), before.key)
            kept = replace(found, refresh_token=found.refresh_token or before.refresh_token)
            self._keeper.write(self._profile.name, kept)
            return kept
        if not _ends_grant(response):
            raise refusal(response)
        self._keeper.remove(self._profile.name)
        raise self._refused(response)

    def _refused(self, response: httpx2.Response) -> SignInRequired:
        self._ended = SignInRequired(
            f"the sign-in to {self._profile.server} has ended: it was revoked, or is too old",
            self._way_in(),
            request_id=response.headers.get("x-request-id", ""),
            status=response.status_code,
        )
        return self._ended


def _ends_grant(response: httpx2.Response) -> bool:
    """Tell whether a refusal is the server's last word: what is kept is of no use then.

    A gate or a proxy in between may answer anything else, and the grant still stands. RFC6749-5.2.
    """
    try:
        document = response.json()
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("error") == "invalid_grant"


def _wants_sign_in(response: httpx2.Response) -> bool:
    """Tell whether the person is to sign in again: another token is of no use. RFC9470-3."""
    return f'error="{STEP_UP}"' in response.headers.get("www-authenticate", "")


def is_ending(tokens: Tokens) -> bool:
    """Tell whether a token must be refreshed before it is shown."""
    near = tokens.expires_at and tokens.expires_at - time.time() < MARGIN
    return bool(near and tokens.refresh_token)


def _showing(request: httpx2.Request, tokens: Tokens) -> httpx2.Request:
    headers, extensions = shown(tokens.access_token, tokens.key)
    request.headers.update(headers)
    request.extensions.update(extensions)
    return request


def read_tokens(document: object, now: float, key: str = "") -> Tokens:
    """Read the token endpoint's answer to a request that was proven by a key. RFC6749-5.1.

    The token's type says whether the server bound it to that key. RFC9449-5.
    """
    found = document if isinstance(document, dict) else {}
    access, lives = found.get("access_token"), found.get("expires_in", 0)
    refresh, scope = found.get("refresh_token", ""), found.get("scope", "")
    texts = isinstance(access, str) and isinstance(refresh, str) and isinstance(scope, str)
    if not texts or not isinstance(lives, int | float):
        raise ClientError("the server's answer holds no token", "report it to whoever runs it")
    is_bound = str(found.get("token_type", "")).lower() == "dpop"
    ends = now + lives if lives else 0
    return Tokens(str(access), refresh, ends, scope, key if is_bound else "")
