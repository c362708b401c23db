"""JWT bearer grants against the whole server, as an administrator set them up. RFC7523-2.1."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from keycell.accounts.administration import NewAccount, add_account, disable
from keycell.accounts.audit import MACHINE, NOWHERE
from keycell.accounts.errors import Invalid
from keycell.accounts.people import Account
from keycell.administration import issuers
from keycell.administration.call import Call, Nothing
from keycell.administration.office import NotThere, Office
from keycell.bootstrap import World
from keycell.oauth.jwt_bearer import JWT_BEARER
from keycell.provider.personal_tokens import By
from keycell.provider.register import Made
from keycell.server import make_app
from keycell.settings import Settings

from ..conftest import BASE, PASSWORD, Browser, add_client, at_another_time, keep_client
from ..opening import opening

THEIRS = "https://work.example"
KEY = ECKey.generate_key("P-256")
OTHER = ECKey.generate_key("P-256")


async def service(world: World, **metadata: object) -> Made:
    document: dict[str, object] = {"grant_types": [JWT_BEARER], "redirect_uris": []}
    return await add_client(world, **document | metadata)


@pytest.fixture
async def made(world: World) -> Made:
    return await service(world)


def office(world: World) -> Office:
    return Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By(MACHINE),
        files_kept=timedelta(days=1), origins=(BASE,), allows_http=True,
    )  # fmt: skip


async def trust(world: World, made: Made, **said: object) -> dict[str, Any]:
    """Say, as an administrator, whose assertions are taken."""
    document: dict[str, object] = {
        "issuer": THEIRS, "clients": [made.client.client_id], "subjects": {"u1": "ann"},
        "scope": "openid profile files.read", "jwks": {"keys": [KEY.as_dict(private=False)]},
    }  # fmt: skip
    call: Call[Office] = Call(issuers.Trusting, issuers.trusted)
    return dict(await call.answer(office(world), document | said))


def assertion(world: World, key: Any = KEY, typ: str = "", **said: object) -> str:  # noqa: ANN401
    now = int(world.provider.clock().timestamp())
    claims: dict[str, object] = {
        "iss": THEIRS, "sub": "u1", "aud": world.provider.issuer, "iat": now, "exp": now + 60,
        "jti": world.provider.mint_id(),
    }  # fmt: skip
    kept = {name: value for name, value in (claims | said).items() if value is not None}
    alg = "HS256" if isinstance(key, OctKey) else "ES256"
    header = {"alg": alg} | ({"typ": typ} if typ else {})
    return jwt.encode(header, kept, key, algorithms=[alg])


async def show(browser: Browser, made: Made, sent: str, **more: str) -> httpx2.Response:
    return await browser.token(made, grant_type=JWT_BEARER, assertion=sent, **more)


async def error_of(browser: Browser, made: Made, sent: str, **more: str) -> str:
    response = await show(browser, made, sent, **more)
    assert response.status_code == 400, response.text
    return str(response.json()["error"])


async def test_an_assertion_buys_an_access_token(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """RFC7523-2.1, RFC7521-4.1: and nothing that says that the person signed in."""
    told = await trust(world, made)
    assert told["subjects"] == {"u1": "ann"}
    response = await show(browser, made, assertion(world, typ="JWT"))
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    tokens = response.json()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "scope"}
    assert tokens["scope"] == "files.read openid profile"
    assert tokens["expires_in"] == 600
    told_of = (await browser.userinfo(tokens["access_token"])).json()
    assert (told_of["sub"], told_of["name"]) == (ann.sub, "Ann Example")
    narrow = await show(browser, made, assertion(world), scope="profile openid admin")
    assert narrow.json()["scope"] == "openid profile"
    events = {event.action: event for _, event in await world.audit.page(None, 50)}
    taken = events["assertion.taken"]
    assert (taken.target, taken.detail["issuer"], taken.detail["subject"]) == (
        ann.sub, THEIRS, "u1",
    )  # fmt: skip
    assert events["issuer.trusted"].target == THEIRS


async def test_the_metadata_tells_of_it(browser: Browser) -> None:
    """RFC7523-2.1, RFC8414-2."""
    told = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert JWT_BEARER in told["grant_types_supported"]


async def test_what_is_not_from_the_issuer_is_none(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """RFC7523-3, RFC8725-3.1, RFC8725-3.11: neither by another key nor for another purpose."""
    await trust(world, made)
    octets = OctKey.import_key(str(KEY.as_dict(private=False)["x"]))
    for sent in (
        assertion(world, OTHER),
        assertion(world, octets),
        assertion(world, typ="at+jwt"),
        assertion(world, typ="dpop+jwt"),
        assertion(world, iss="https://other.example"),
        assertion(world, aud=f"{BASE}/oidc/oauth2/auth"),
        assertion(world, exp=None),
        assertion(world, exp=0),
        assertion(world, jti=None),
        assertion(world, sub="u2"),
        assertion(world, sub="ann"),
        assertion(world).rpartition(".")[0] + ".",
        "x",
    ):
        assert await error_of(browser, made, sent) == "invalid_grant"
    by_endpoint = assertion(world, aud=[f"{BASE}/oidc/oauth2/token"])
    assert (await show(browser, made, by_endpoint)).status_code == 200


async def test_only_the_clients_that_are_named_may_show_one(
    browser: Browser, world: World, made: Made, app: Made, ann: Account
) -> None:
    """RFC7523-2.1: an untrusted issuer and another's client are answered alike."""
    sent = assertion(world)
    before = (await show(browser, made, sent)).json()
    await trust(world, made)
    other = await service(world)
    after = (await show(browser, other, sent)).json()
    for one in (before, after):
        one.pop("request_id")
    assert before == after
    assert before["error"] == "invalid_grant"
    assert await error_of(browser, app, sent) == "unauthorized_client"
    assert (await show(browser, Made(made.client, "wrong"), sent)).status_code == 401
    assert (await show(browser, made, sent)).status_code == 200, "nobody else has spent it"


async def test_no_more_than_the_client_may_have(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC7521-4.1."""
    made = await service(world, scope="files.read email")
    await trust(world, made)
    assert (await show(browser, made, assertion(world))).json()["scope"] == "files.read"
    for scope in ("email", "profile", "admin", "offline_access"):
        assert await error_of(browser, made, assertion(world), scope=scope) == "invalid_scope"
    refused = await error_of(
        browser, made, assertion(world), resource="https://other.example"
    )  # fmt: skip
    assert refused == "invalid_target"


async def test_logins_may_be_taken_but_no_administrators(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """RFC7523-3, decisions/0056: whoever administers is named one by one."""
    root = NewAccount(login="root", password=PASSWORD, is_admin=True)
    await add_account(world.people, root, "test")
    await trust(world, made, match="login", subjects={})
    assert (await show(browser, made, assertion(world, sub="Ann"))).status_code == 200
    for sub in ("root", "nobody", "u1"):
        assert await error_of(browser, made, assertion(world, sub=sub)) == "invalid_grant"
    await trust(world, made, match="login", subjects={"boss": "root"})
    assert (await show(browser, made, assertion(world, sub="boss"))).status_code == 200


async def test_who_is_disabled_or_gone_is_nobody(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """RFC7523-3: and what was given before ends with the account."""
    await trust(world, made)
    tokens = (await show(browser, made, assertion(world))).json()
    await disable(world.people, ann, "test", NOWHERE)
    assert await error_of(browser, made, assertion(world)) == "invalid_grant"
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401


async def test_an_issuer_that_is_trusted_no_longer_is_nobody(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """RFC7523-3: nor can one speak under keys it has no longer."""
    await trust(world, made)
    await trust(world, made, jwks={"keys": [OTHER.as_dict(private=False)]})
    assert await error_of(browser, made, assertion(world)) == "invalid_grant"
    assert (await show(browser, made, assertion(world, OTHER))).status_code == 200
    listed: Call[Office] = Call(Nothing, issuers.listed)
    (one,) = (await listed.answer(office(world), {}))["items"]
    assert (one["issuer"], one["subjects"]) == (THEIRS, {"u1": "ann"})
    remove: Call[Office] = Call(issuers.NamedIssuer, issuers.removed)
    await remove.answer(office(world), {"issuer": THEIRS})
    assert await error_of(browser, made, assertion(world, OTHER)) == "invalid_grant"
    with pytest.raises(NotThere):
        await remove.answer(office(world), {"issuer": THEIRS})


async def test_first_party_and_public_clients_show_none(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """decisions/0056: neither when trusted nor, changed later, at the token endpoint."""
    await trust(world, made)
    metadata = replace(made.client.metadata, token_endpoint_auth_method="none")
    await keep_client(world, replace(made.client, metadata=metadata))
    refused = await browser.http.post(
        "/oidc/oauth2/token",
        data={"grant_type": JWT_BEARER, "assertion": assertion(world),
              "client_id": made.client.client_id},
    )  # fmt: skip
    assert refused.json()["error"] == "unauthorized_client"
    await keep_client(world, replace(made.client, is_first_party=True))
    assert await error_of(browser, made, assertion(world)) == "unauthorized_client"
    with pytest.raises(Invalid, match="can take no assertions"):
        await trust(world, made)
    with pytest.raises(NotThere):
        await trust(world, made, clients=["nobody"])


@pytest.fixture
async def anywhere(either_settings: Settings) -> AsyncIterator[Browser]:
    """A server on a database of either kind."""
    async with opening(either_settings) as world:
        transport = httpx2.ASGITransport(app=make_app(world))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
            yield Browser(world, http)


async def test_of_twenty_at_once_one_is_answered(anywhere: Browser) -> None:
    """RFC7523-3: an assertion counts once, on either database."""
    world = anywhere.world
    await add_account(world.people, NewAccount(login="ann", password=PASSWORD), "test")
    made = await service(world)
    await trust(world, made)
    sent = assertion(world)
    answers = await asyncio.gather(*(show(anywhere, made, sent) for _ in range(20)))
    assert [one.status_code for one in answers].count(200) == 1
    assert {one.json()["error"] for one in answers if one.status_code != 200} == {"invalid_grant"}
    async with at_another_time(world, timedelta(seconds=30)) as later:
        assert await error_of(later, made, sent) == "invalid_grant"


async def test_twenty_who_trust_at_once_leave_one(anywhere: Browser) -> None:
    """What is said last counts whole."""
    world = anywhere.world
    await add_account(world.people, NewAccount(login="ann", password=PASSWORD), "test")
    made = await service(world)
    await asyncio.gather(*(trust(world, made, label=f"W{n}") for n in range(20)))
    (one,) = await world.provider.issuers.all()
    assert one.label in {f"W{n}" for n in range(20)}
