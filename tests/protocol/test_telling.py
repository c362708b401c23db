"""PROTOCOL B and FL: applications are told that a session ended. OIDCBCL-2, OIDCFCL-2."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import httpx2
import pytest
from joserfc import jws

from keycell.accounts.administration import disable
from keycell.accounts.audit import NOWHERE, AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.logout import EVENT, TOLD_FOR, next_try
from keycell.outside.fetch import Fetcher
from keycell.provider.ports import Claims
from keycell.provider.ports_logout import Refusal
from keycell.provider.register import Made
from keycell.provider.telling import tell

from ..conftest import Browser, add_client, answer
from .test_logout import BYE, hint_of, leave

OPEN = Fetcher(["127.0.0.0/8"])


class Application:
    """A real server to which logout tokens are posted; it answers as it is told to."""

    def __init__(self) -> None:
        self.status = 200
        self.heads: list[str] = []
        self.bodies: list[str] = []
        self.port = 0

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/logout"

    def tokens(self) -> list[str]:
        return [parse_qs(body)["logout_token"][0] for body in self.bodies]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whoever tells may be gone before they have said it all.
        gone = contextlib.suppress(ConnectionError, asyncio.IncompleteReadError)
        with contextlib.closing(writer), gone:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"(?i)content-length: (\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            self.heads.append(head)
            self.bodies.append(body.decode())
            writer.write(f"HTTP/1.1 {self.status} x\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    found = Application()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


async def told_of(world: World) -> list[str]:
    """List how telling ended, as the audit trail has it."""
    events = [event for _, event in await world.audit.page(None, 100)]
    return [one.result for one in events if one.action == "client.told_of_logout"]


async def claims_of(world: World, token: str) -> Claims:
    claims = world.keyring.verify(token, "logout+jwt")
    assert claims is not None
    assert world.keyring.verify(token, "JWT") is None, "it is no ID token. RFC8725-3.11"
    return claims


def alg_of(token: str) -> str:
    header = jws.extract_compact(token.encode()).headers()
    return str(header["alg"])


@pytest.fixture
async def listening(world: World, application: Application) -> Made:
    return await add_client(
        world, post_logout_redirect_uris=[BYE], backchannel_logout_uri=application.uri
    )


async def test_b2_the_token_says_whose_session_ended(
    browser: Browser, world: World, listening: Made, application: Application, ann: Account
) -> None:
    """OIDCBCL-2.4, OIDCBCL-2.5, PROTOCOL-B2."""
    hint = await hint_of(browser, listening)
    told = world.keyring.verify(hint, "JWT")
    assert told is not None
    assert await tell(world.provider, OPEN) == 0, "nobody is told while the session stands"
    left = await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert left.headers["location"] == BYE
    assert await tell(world.provider, OPEN) == 1
    (token,) = application.tokens()
    assert "content-type: application/x-www-form-urlencoded" in application.heads[0].lower()
    claims = await claims_of(world, token)
    client_id = listening.client.client_id
    assert {name: claims[name] for name in ("iss", "aud", "sub", "sid", "events")} == {
        "iss": world.provider.issuer, "aud": client_id, "sub": told["sub"],
        "sid": told["sid"], "events": {EVENT: {}},
    }  # fmt: skip
    assert "nonce" not in claims
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 120
    assert await told_of(world) == ["ok"]
    assert await tell(world.provider, OPEN) == 0, "once"
    assert answer(await browser.authorize(listening, prompt="none"))["error"] == "login_required"


async def test_one_session_is_told_to_each_application_once(
    browser: Browser, world: World, listening: Made, application: Application, ann: Account
) -> None:
    """However often they signed in with it; and by the identifier that each knows.

    OIDCC-8, OIDCBCL-2.6, PROTOCOL-B2: each is signed as its ID tokens are.
    """
    pairwise = await add_client(
        world, backchannel_logout_uri=application.uri, subject_type="pairwise",
        id_token_signed_response_alg="ES256",
    )  # fmt: skip
    silent = await add_client(world)
    hint = await hint_of(browser, listening)
    await hint_of(browser, listening)
    known = world.keyring.verify(await hint_of(browser, pairwise), "JWT")
    await hint_of(browser, silent)
    await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    await asyncio.gather(*(tell(world.provider, OPEN) for _ in range(20)))
    claims = [await claims_of(world, token) for token in application.tokens()]
    signed = {one["aud"]: alg_of(token)
              for one, token in zip(claims, application.tokens(), strict=True)}  # fmt: skip
    assert signed == {listening.client.client_id: "RS256", pairwise.client.client_id: "ES256"}
    assert len(claims) == len(signed)
    assert known is not None
    assert known["sub"] in {one["sub"] for one in claims}
    assert known["sub"] != ann.sub


async def test_who_does_not_take_it_is_told_again(
    browser: Browser, world: World, listening: Made, application: Application, ann: Account
) -> None:
    """OIDCBCL-2.5: a lost application costs nobody else anything, and is given up after a day."""
    hint = await hint_of(browser, listening)
    await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    application.status = 503
    assert await tell(world.provider, OPEN) == 1
    assert await tell(world.provider, OPEN) == 0, "not at once"
    later = _ahead(world, timedelta(seconds=6))
    application.status = 204
    assert await tell(later.provider, OPEN) == 1
    first, second = [await claims_of(world, token) for token in application.tokens()]
    assert first["jti"] != second["jti"]
    assert first["sid"] == second["sid"]
    assert await told_of(world) == ["ok"]
    now = world.provider.clock()
    assert next_try(99, now, now) is None
    assert next_try(1, now, now + TOLD_FOR) == now + timedelta(seconds=5)
    assert next_try(99, now, now + TOLD_FOR) == now + timedelta(minutes=15)


def _ahead(world: World, later: timedelta) -> World:
    def clock():  # type: ignore[no-untyped-def]  # noqa: ANN202
        return world.provider.clock() + later

    return replace(world, provider=replace(world.provider, clock=clock))


class Broken(Fetcher):
    """Fails for one address as nobody foresaw."""

    async def post_form(self, url: str, form: dict[str, str]) -> Refusal | None:
        if url == "https://broken.example/":
            raise RuntimeError
        return await OPEN.post_form(url, form)


async def test_one_that_cannot_be_told_keeps_nobody_else_waiting(
    browser: Browser, world: World, listening: Made, application: Application, ann: Account
) -> None:
    other = await add_client(world, backchannel_logout_uri="https://broken.example/")
    await hint_of(browser, other)
    hint = await hint_of(browser, listening)
    await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert await tell(world.provider, Broken()) == 2
    assert len(application.tokens()) == 1
    assert await tell(_ahead(world, timedelta(seconds=6)).provider, Broken()) == 1


async def test_giving_up_is_in_the_trail(
    browser: Browser, world: World, listening: Made, application: Application, ann: Account
) -> None:
    hint = await hint_of(browser, listening)
    await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    application.status = 500
    assert await tell(_ahead(world, TOLD_FOR).provider, OPEN) == 1
    assert await told_of(world) == ["failed"]
    assert await tell(_ahead(world, 2 * TOLD_FOR).provider, OPEN) == 0


@pytest.mark.parametrize("status", [302, 400, 403, 404])
async def test_what_an_application_refuses_it_is_told_once(
    browser: Browser, world: World, listening: Made, application: Application, ann: Account,
    status: int,
) -> None:  # fmt: skip
    """OIDCBCL-2.5, OIDCBCL-2.8: the same token again would be refused again."""
    hint = await hint_of(browser, listening)
    await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    application.status = status
    assert await tell(world.provider, OPEN) == 1
    assert await told_of(world) == ["failed"]
    assert await tell(_ahead(world, timedelta(seconds=6)).provider, OPEN) == 0
    assert len(application.heads) == 1


async def test_who_is_disabled_is_told_of_everywhere(
    browser: Browser, world: World, listening: Made, application: Application, ann: Account
) -> None:
    await hint_of(browser, listening)
    await disable(world.people, ann, "test", NOWHERE)
    assert await tell(world.provider, OPEN) == 1
    (token,) = application.tokens()
    assert (await claims_of(world, token))["aud"] == listening.client.client_id


async def test_no_private_address_is_called(
    browser: Browser, world: World, listening: Made, application: Application, ann: Account
) -> None:
    """Decision 16, ATTACKS: what a client registered does not lead into our network."""
    hint = await hint_of(browser, listening)
    await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert await tell(world.provider, Fetcher()) == 1
    assert not application.heads


async def test_fl_the_browser_loads_what_applications_registered(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCFCL-2, OIDCFCL-3: then it goes on, with JavaScript or without."""
    made = await add_client(
        world, client_name="Wiki <b>", post_logout_redirect_uris=[BYE],
        redirect_uris=["https://wiki.example/callback"],
        frontchannel_logout_uri="https://wiki.example/out?a=1",
    )  # fmt: skip
    hint = await hint_of(browser, made)
    told = world.keyring.verify(hint, "JWT")
    assert told is not None
    page = await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE, state="s")
    assert page.status_code == 200
    framed = re.search(r'<iframe [^>]*src="([^"]+)"', page.text)
    assert framed is not None
    address = httpx2.URL(framed[1].replace("&amp;", "&"))
    assert dict(address.params) == {
        "a": "1", "iss": world.provider.issuer, "sid": str(told["sid"])
    }  # fmt: skip
    assert "frame-src https://wiki.example;" in page.headers["content-security-policy"]
    assert f'content="5; url={BYE}?state=s"' in page.text
    assert "Wiki &lt;b&gt;" in page.text
    assert answer(await browser.authorize(made, prompt="none"))["error"] == "login_required"


async def test_one_that_somebody_signs_out_of_alone_is_told(
    browser: Browser, world: World, listening: Made, application: Application, ann: Account
) -> None:
    """OIDCBCL-2.5, UX-P04: the session itself stands, and its end is told once more."""
    other = await add_client(world, backchannel_logout_uri=application.uri)
    await hint_of(browser, other)
    hint = await hint_of(browser, listening)
    client_id, now = listening.client.client_id, world.provider.clock()
    event = AuditEvent(at=now, actor=ann.sub, action="grant.revoked", client_id=client_id)
    await world.provider.consents.sign_out(ann.sub, client_id, now, event)
    assert await tell(world.provider, OPEN) == 1
    (token,) = application.tokens()
    assert (await claims_of(world, token))["aud"] == client_id
    assert "code" in answer(await browser.authorize(listening, prompt="none"))
    await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert await tell(world.provider, OPEN) == 2
