"""A provider that runs inside the tests' own process, and somebody who signs in at it."""

import asyncio
import contextlib
import html
import re
import socket
import threading
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import uvicorn

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.audit import AuditEvent
from keycell.bootstrap import World
from keycell.oauth.pkce import s256
from keycell.oauth.registration import Policy, read_client_metadata
from keycell.outside.hashing import OF_TESTS, Passwords
from keycell.provider.register import make_client
from keycell.randomness import mint
from keycell.server import Server
from keycell.settings import Settings

CALLBACK = "http://127.0.0.1/callback"
_STARTS_WITHIN = 60.0
_PAGES = 10
"""So many pages at most stand between an application and its answer."""
_FORM = re.compile(r'<form method="post" action="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    sub: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class Application:
    """A registered client; a public one has no secret."""

    client_id: str
    client_secret: str | None
    redirect_uri: str


@dataclass(frozen=True)
class RunningProvider:
    """A provider that answers at a loopback address until the tests end."""

    url: str
    world: World
    loop: asyncio.AbstractEventLoop

    @property
    def issuer(self) -> str:
        """The issuer: discovery begins there."""
        return self.world.settings.issuer

    def add_person(
        self, login: str = "", *, name: str = "", email: str | None = None, is_admin: bool = False
    ) -> Person:
        """Give somebody an account, under a new login where none is said."""
        login, password = login or f"person-{uuid.uuid4().hex[:8]}", mint()
        wanted = NewAccount(
            login=login, password=password, email=email, name=name, is_admin=is_admin
        )
        account = self._in_loop(add_account(self.world.people, wanted, "test"))
        return Person(account.sub, login, password)

    def add_client(
        self, redirect_uri: str = CALLBACK, *, require_pkce: bool = True, **metadata: object
    ) -> Application:
        """Register a client, with whatever else RFC 7591 says of one."""
        document = {
            "client_name": "Application",
            "redirect_uris": [redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
        } | metadata
        checked = read_client_metadata(document, Policy(allows_http=True))
        made = make_client(self.world.provider, checked, "cli")
        client = replace(made.client, require_pkce=require_pkce)
        event = AuditEvent(at=client.created_at, actor="test", action="client.added")
        self._in_loop(self.world.clients.add(client, event))
        return Application(client.client_id, made.secret, redirect_uri)

    def sign_in(self, authorization_url: str, person: Person) -> str:
        """Go where an application sends a browser; give the address that it is sent back to.

        The person signs in and allows what is asked, with no browser.
        """
        with httpx2.Client(base_url=self.url, trust_env=False, timeout=30) as browser:
            response = browser.get(authorization_url)
            for _ in range(_PAGES):
                to = response.headers.get("location")
                if to is None:
                    response = _fill_in(browser, response, person)
                elif to.startswith(("/", f"{self.url}/")):
                    response = browser.get(to)
                else:
                    return str(to)
        raise AssertionError(f"no answer after {_PAGES} pages: {response.text}")

    def decide(self, person: Person, *, allow: bool = True) -> int:
        """Let somebody say yes, or no, to each request from the back; give how many there were.

        It is done on the page where people do it. CIBA-8.
        """
        with httpx2.Client(base_url=self.url, trust_env=False, timeout=30) as browser:
            page = browser.get("/oauth2/requests", follow_redirects=True)
            if 'id="login-submit"' in page.text:
                signed_in = _fill_in(browser, page, person)
                page = browser.get(signed_in.headers["location"])
            decided = 0
            while (form := _FORM.search(page.text)) is not None:
                # The first request of the page, and no other's fields.
                ours = page.text[form.start() : page.text.index("</form>", form.start())]
                fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(ours)}
                fields["action"] = "accept" if allow else "deny"
                page = browser.post(html.unescape(form[1]), data=fields)
                assert page.status_code == 200, page.text  # noqa: S101, PLR2004
                decided += 1
        return decided

    def tokens(
        self, client: Application, person: Person, *, scope: str = "openid", **params: str
    ) -> dict[str, Any]:
        """Give what the token endpoint answers after a whole sign-in."""
        verifier = mint()
        query = {
            "client_id": client.client_id, "redirect_uri": client.redirect_uri, "scope": scope,
            "response_type": "code", "state": mint(),
            "code_challenge": s256(verifier), "code_challenge_method": "S256",
        } | params  # fmt: skip
        back = self.sign_in(f"{self.issuer}/oauth2/auth?{urlencode(query)}", person)
        answer = dict(parse_qsl(urlsplit(back).query))
        assert "code" in answer, answer  # noqa: S101  (a test is told so)
        form = {
            "grant_type": "authorization_code", "code": answer["code"],
            "redirect_uri": client.redirect_uri, "code_verifier": verifier,
            "client_id": client.client_id,
        }  # fmt: skip
        secret = client.client_secret
        basic = None if secret is None else (client.client_id, secret)
        with httpx2.Client(auth=basic, trust_env=False, timeout=30) as http:
            response = http.post(f"{self.issuer}/oauth2/token", data=form)
        assert response.status_code == 200, response.text  # noqa: S101, PLR2004
        found: dict[str, Any] = response.json()
        return found

    def _in_loop(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


@contextlib.contextmanager
def running(data: Path) -> Iterator[RunningProvider]:
    """Serve on a free port from a thread of its own, until the end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = Server(Settings(data=data, public_url=url), Passwords(cost=OF_TESTS))
        config = uvicorn.Config(app, lifespan="off", log_level="warning", ws="none")
        server = uvicorn.Server(config)
        opened: Future[RunningProvider] = Future()

        async def serve() -> None:
            try:
                world = await app.start()
                opened.set_result(RunningProvider(url, world, asyncio.get_running_loop()))
                await server.serve(sockets=[listening])
            finally:
                await app.stop()

        thread = threading.Thread(target=_run, args=(serve(), opened), daemon=True)
        thread.start()
        try:
            yield opened.result(_STARTS_WITHIN)
        finally:
            server.should_exit = True
            thread.join(_STARTS_WITHIN)


def _run(serving: Coroutine[Any, Any, None], opened: Future[RunningProvider]) -> None:
    try:
        asyncio.run(serving)
    except BaseException as error:
        if opened.done():
            raise
        # Whoever waits for the provider is told why there is none.
        opened.set_exception(error)


def _fill_in(browser: httpx2.Client, page: httpx2.Response, person: Person) -> httpx2.Response:
    form = _FORM.search(page.text)
    if form is None:
        raise AssertionError(f"{page.status_code}, and nothing to fill in: {page.text}")
    if page.is_error:
        raise AssertionError(f"{page.status_code}: {person.login} did not get in")
    fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(page.text)}
    if 'id="login-submit"' in page.text:
        fields |= {"username": person.login, "password": person.password}
    elif 'id="consent-accept"' in page.text:
        fields |= {"action": "accept"}
    else:
        raise AssertionError(f"a page that no script knows: {page.text}")
    return browser.post(html.unescape(form[1]), data=fields)
