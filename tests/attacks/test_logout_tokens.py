"""A logout token is taken for nothing else that we sign. RFC8725-3.11."""

import asyncio
import contextlib
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account, disable
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.exchange import TOKEN_EXCHANGE
from keycell.oauth.native_sso import DEVICE_SECRET, ID_TOKEN
from keycell.oauth.token import BACKCHANNEL
from keycell.outside.fetch import Fetcher
from keycell.provider.register import Made
from keycell.provider.telling import tell
from keycell.server import make_app

from ..conftest import BASE, CALLBACK, PASSWORD, Browser, add_client, answer

URI = "https://app.example/out"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Told(Fetcher):
    """Keeps what applications are told."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: dict[str, str] = {}

    async def post_form(self, url: str, form: dict[str, str]) -> None:
        self.tokens[url] = form["logout_token"]


@pytest.fixture
async def made(world: World) -> Made:
    return await add_client(
        world, backchannel_logout_uri=URI, id_token_signed_response_alg="ES256",
        grant_types=["authorization_code", "refresh_token", BACKCHANNEL],
        backchannel_token_delivery_mode="poll",
    )  # fmt: skip


async def logout_token(browser: Browser, world: World, made: Made) -> str:
    tokens = await browser.tokens(made)
    left = {"id_token_hint": tokens["id_token"]}
    assert (await browser.http.get("/oidc/oauth2/sessions/logout", params=left)).status_code == 303
    told = Told()
    assert await tell(world.provider, told) == 1
    return told.tokens[URI]


async def test_attack_45_a_logout_token_is_no_other_token(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """RFC8725-3.11, attack 45: whoever is told of an end gets nothing by what they were told."""
    token = await logout_token(browser, world, made)
    client_id = made.client.client_id
    assert (await browser.userinfo(token)).status_code == 401
    hinted = await browser.authorize(made, prompt="none", id_token_hint=token)
    assert answer(hinted)["error"] == "invalid_request"
    left = {"id_token_hint": token}
    assert (await browser.http.get("/oidc/oauth2/sessions/logout", params=left)).status_code == 400
    assert made.secret is not None
    asked = await browser.http.post(
        "/oidc/oauth2/bc-authorize", auth=(client_id, made.secret),
        data={"scope": "openid", "id_token_hint": token},
    )  # fmt: skip
    assert asked.json()["error"] == "invalid_request"
    for form in (
        {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": ID_TOKEN,
         "actor_token": "x", "actor_token_type": DEVICE_SECRET},
        {"grant_type": "refresh_token", "refresh_token": token},
        {"grant_type": "authorization_code", "code": token, "redirect_uri": CALLBACK},
    ):  # fmt: skip
        refused = await browser.token(made, **form)
        assert refused.status_code == 400, form["grant_type"]
    asserted = {"client_assertion_type": TYPE, "client_assertion": token, "client_id": client_id}
    refused = await browser.http.post(
        "/oidc/oauth2/token", data={"grant_type": "refresh_token", "refresh_token": "x"} | asserted
    )
    assert refused.json()["error"] == "invalid_client"
    told = await browser.http.post(
        "/oidc/oauth2/introspect", data={"token": token}, auth=(client_id, made.secret)
    )
    assert told.json() == {"active": False}


async def test_attack_45_each_logout_token_says_one_thing_once(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """OIDCBCL-2.4: for two minutes, of a type of its own, with no nonce, for one client."""
    first = await logout_token(browser, world, made)
    second = await logout_token(browser, world, made)
    said = [world.keyring.verify(one, "logout+jwt") for one in (first, second)]
    assert None not in said
    jtis, sids = ({str(one[name]) for one in said if one} for name in ("jti", "sid"))
    assert (len(jtis), len(sids)) == (2, 2)
    for one in said:
        assert one is not None
        assert one["iss"] == f"{BASE}/oidc"
        assert one["aud"] == made.client.client_id
        assert int(str(one["exp"])) - int(str(one["iat"])) == timedelta(minutes=2).seconds
        assert "nonce" not in one


class Listening:
    """An application that is told by a real connection; a slow one never answers."""

    def __init__(self, *, is_slow: bool) -> None:
        self.is_slow = is_slow
        self.told = 0
        self.is_told = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.told += 1
        self.is_told.set()
        # Whoever tells may be gone before they have said anything.
        gone = contextlib.suppress(ConnectionError, asyncio.IncompleteReadError)
        with contextlib.closing(writer), gone:
            if not self.is_slow:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 204 x\r\n\r\n")
            while self.is_slow and await reader.read(65536):
                pass


async def test_attack_61_many_slow_applications_hold_up_nobody_else(
    browser: Browser, world: World, ann: Account
) -> None:
    """Attack 61: of whoever has twenty one is told, and then the first of everybody else."""
    eve = await add_account(world.people, NewAccount(login="eve", password=PASSWORD), "test")
    slow, quick = Listening(is_slow=True), Listening(is_slow=False)
    servers = [await asyncio.start_server(one.serve, "127.0.0.1") for one in (slow, quick)]
    at = [f"http://127.0.0.1:{one.sockets[0].getsockname()[1]}/" for one in servers]
    transport = httpx2.ASGITransport(app=make_app(world))
    async with servers[0], servers[1], httpx2.AsyncClient(
        transport=transport, base_url=BASE
    ) as http:  # fmt: skip
        hers = Browser(world, http)
        await hers.log_in(await http.get("/oauth2/login"), "eve")
        for _ in range(20):
            await hers.tokens(await add_client(world, backchannel_logout_uri=at[0]))
        await browser.tokens(await add_client(world, backchannel_logout_uri=at[1]))
        for account in (eve, ann):
            await disable(world.people, account, "test")
        fetcher = Fetcher(["127.0.0.0/8"])
        telling = asyncio.ensure_future(tell(world.provider, fetcher))
        async with asyncio.timeout(60):
            await quick.is_told.wait()
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await fetcher.close()
    assert slow.told < 8, "she is told with the first who are taken up"
