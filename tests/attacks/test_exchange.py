"""Token exchange: rows 37 to 39 of the attacks to survive, and what RFC 8693 says."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.administration import disable
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.exchange import ACCESS_TOKEN, TOKEN_EXCHANGE
from keycell.provider.register import Made

from ..conftest import BASE, VERIFIER, Browser, add_client, at_another_time, keep_client
from ..holder import Holder
from ..waiting import eventually
from .test_tokens import introspected, revoke

API = "https://api.example/"


async def exchanger(world: World, **metadata: object) -> Made:
    return await add_client(
        world, **{"grant_types": [TOKEN_EXCHANGE], "redirect_uris": [], "response_types": []}
        | metadata,
    )  # fmt: skip


async def caller(world: World, **metadata: object) -> Made:
    """A client that signs people in for an application programming interface and itself."""
    grant_types = ["authorization_code", "refresh_token", TOKEN_EXCHANGE]
    return await add_client(world, **{"grant_types": grant_types} | metadata)


async def swap(browser: Browser, made: Made, token: str, **params: str) -> httpx2.Response:
    form = {
        "grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN,
    } | params  # fmt: skip
    return await browser.token(made, **form)


def told(response: httpx2.Response) -> str:
    assert response.status_code == 400, response.text
    error: str = response.json()["error"]
    return error


async def until_noted(world: World) -> None:
    async def noted() -> list[str]:
        return [event.action for _, event in await world.audit.page(None, 9)]

    assert "token.exchanged" in await eventually(
        noted, lambda actions: "token.exchanged" in actions
    )


async def test_an_exchange_narrows(browser: Browser, world: World, ann: Account) -> None:
    """RFC8693-2.2.1."""
    app = await caller(world)
    first = await browser.tokens(app, scope="openid profile files.read offline_access")
    answer = await swap(browser, app, first["access_token"], scope="files.read")
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert body["issued_token_type"] == ACCESS_TOKEN
    assert body["scope"] == "files.read"
    assert "refresh_token" not in body
    assert "id_token" not in body
    old = await introspected(browser, app, first["access_token"])
    new = await introspected(browser, app, body["access_token"])
    assert new["sub"] == old["sub"]
    assert new["exp"] <= old["exp"]  # type: ignore[operator]
    assert new["jti"] != old["jti"]
    await until_noted(world)
    # Once narrowed it stays so, however often it is exchanged.
    again = await swap(browser, app, body["access_token"], scope="openid")
    assert told(again) == "invalid_scope"
    assert TOKEN_EXCHANGE in (
        await browser.http.get("/oidc/.well-known/openid-configuration")
    ).json()["grant_types_supported"]  # fmt: skip


async def test_attack_39_no_token_outlives_the_one_it_came_from(
    browser: Browser, world: World, ann: Account
) -> None:
    """decisions/0053."""
    app = await caller(world)
    token = (await browser.tokens(app))["access_token"]
    old = await introspected(browser, app, token)
    async with at_another_time(world, timedelta(minutes=5)) as later:
        body = (await swap(later, app, token)).json()
        assert 200 < body["expires_in"] <= 300
        new = await introspected(later, app, body["access_token"])
        assert new["exp"] == old["exp"]
    async with at_another_time(world, timedelta(minutes=11)) as later:
        assert told(await swap(later, app, token)) == "invalid_request"


async def test_attack_37_a_subject_token_is_never_dropped(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8693-2.1: what would be left out of account is refused."""
    app = await caller(world, grant_types=["authorization_code", "client_credentials",
                                           "refresh_token", TOKEN_EXCHANGE])  # fmt: skip
    tokens = await browser.tokens(app)
    token = tokens["access_token"]
    for grant_type, more in (
        ("client_credentials", {}),
        ("refresh_token", {"refresh_token": tokens["refresh_token"]}),
    ):
        refused = await browser.token(app, grant_type=grant_type, subject_token=token, **more)
        assert told(refused) == "invalid_request"
    assert told(await swap(browser, app, "")) == "invalid_request"
    assert told(await swap(browser, app, "no token")) == "invalid_request"
    assert told(await swap(browser, app, token, subject_token_type="")) == "invalid_request"
    for name in ("actor_token", "actor_token_type", "authorization_details"):
        assert told(await swap(browser, app, token, **{name: "x"})) == "invalid_request"
    kind = "urn:ietf:params:oauth:token-type:refresh_token"
    for name in ("subject_token_type", "requested_token_type"):
        assert told(await swap(browser, app, token, **{name: kind})) == "invalid_request"
    for other in (tokens["refresh_token"], tokens["id_token"]):
        assert told(await swap(browser, app, other)) == "invalid_request"


async def test_attack_38_nothing_is_raised(browser: Browser, world: World, ann: Account) -> None:
    """RFC8693-2.1, RFC8707-2.2: neither scope, nor audience, nor whose it is."""
    app = await caller(world, audience=[API])
    token = (await browser.tokens(app, scope="openid files.read"))["access_token"]
    for scope in ("admin", "files.write", "openid files.write", "nonsense", "offline_access"):
        assert told(await swap(browser, app, token, scope=scope)) == "invalid_scope", scope
    for name in ("audience", "resource"):
        assert told(await swap(browser, app, token, **{name: API})) == "invalid_target"
        assert (await swap(browser, app, token, **{name: BASE})).status_code == 200
    plain = await exchanger(world)
    assert told(await swap(browser, plain, token)) == "invalid_request"
    unregistered = await add_client(world)
    assert told(await swap(browser, unregistered, token)) == "unauthorized_client"
    with pytest.raises(InvalidClientMetadata, match="public client"):
        await exchanger(world, token_endpoint_auth_method="none")
    public = replace(plain.client.metadata, token_endpoint_auth_method="none")
    await keep_client(world, replace(plain.client, client_id="public-one", metadata=public))
    refused = await browser.http.post(
        "/oidc/oauth2/token",
        data={"grant_type": TOKEN_EXCHANGE, "client_id": "public-one", "subject_token": token,
              "subject_token_type": ACCESS_TOKEN},
    )  # fmt: skip
    assert told(refused) == "unauthorized_client"


async def test_attack_38_a_first_party_client_widens_nothing(
    browser: Browser, world: World, ann: Account
) -> None:
    """decisions/0053: its tokens open all files, so it gets none for another's."""
    app = await caller(world)
    token = (await browser.tokens(app))["access_token"]
    ours = replace(app, client=replace(app.client, client_id="ours", is_first_party=True))
    await keep_client(world, ours.client)
    assert told(await swap(browser, ours, token)) == "unauthorized_client"


async def test_attack_38_a_client_has_no_person_to_hand_on(browser: Browser, world: World) -> None:
    """RFC8693-2.2.2."""
    app = await caller(world, grant_types=["client_credentials", TOKEN_EXCHANGE],
                       redirect_uris=[], response_types=[])  # fmt: skip
    own = await browser.token(app, grant_type="client_credentials")
    assert told(await swap(browser, app, own.json()["access_token"])) == "invalid_request"


async def test_attack_39_what_was_revoked_is_not_exchanged(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8693-2.2.2: and what came of an exchange ends with the grant."""
    app = await caller(world)
    token = (await browser.tokens(app))["access_token"]
    assert (await swap(browser, app, token)).status_code == 200
    assert await revoke(browser, app, token) == 200
    assert told(await swap(browser, app, token)) == "invalid_request"
    tokens = await browser.tokens(app)
    made = (await swap(browser, app, tokens["access_token"])).json()["access_token"]
    assert (await introspected(browser, app, made))["active"] is True
    assert await revoke(browser, app, tokens["refresh_token"]) == 200
    assert (await introspected(browser, app, made))["active"] is False
    assert told(await swap(browser, app, made)) == "invalid_request"


async def test_attack_39_a_disabled_account_is_not_spoken_for(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8693-2.2.2."""
    app = await caller(world)
    app = replace(app, client=replace(app.client, access_token_format="opaque"))
    await keep_client(world, app.client)
    token = (await browser.tokens(app))["access_token"]
    answers = await asyncio.gather(*(swap(browser, app, token) for _ in range(20)))
    assert {one.status_code for one in answers} == {200}
    made = {one.json()["access_token"] for one in answers}
    assert len([one for one in made if one.startswith("kca_")]) == 20
    await disable(world.people, ann, "test")
    assert told(await swap(browser, app, token)) == "invalid_request"
    for one in answers:
        assert not (await introspected(browser, app, one.json()["access_token"]))["active"]


async def test_who_is_meant_by_a_token_may_exchange_it(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8693-2.1: a resource server that was called, by the audience that it registered."""
    app = await add_client(world, audience=[API])
    service = await exchanger(world, audience=[API])
    code = await browser.code(app, scope="openid files.read", resource=API)
    token = (await browser.exchange(app, code)).json()["access_token"]
    body = (await swap(browser, service, token, scope="files.read")).json()
    new = await introspected(browser, service, body["access_token"])
    assert new["client_id"] == service.client.client_id
    assert new["aud"] == API
    assert new["scope"] == "files.read"


async def test_a_bound_token_is_exchanged_by_its_holder(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC9449-5, RFC8693-2.2.2: neither without a proof, nor by another's key."""
    app = await caller(world)
    holder, address = Holder(), f"{BASE}/oidc/oauth2/token"
    auth = (app.client.client_id, str(app.secret))
    form = {
        "grant_type": "authorization_code", "code": await browser.code(app),
        "redirect_uri": app.client.metadata.redirect_uris[0], "code_verifier": VERIFIER,
    }  # fmt: skip
    proof = {"DPoP": holder.proof(address)}
    first = await browser.http.post(address, data=form, auth=auth, headers=proof)
    token = first.json()["access_token"]
    assert first.json()["token_type"] == "DPoP"
    assert told(await swap(browser, app, token)) == "invalid_request"
    form = {
        "grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN,
    }  # fmt: skip
    stranger = {"DPoP": Holder().proof(address)}
    refused = await browser.http.post(address, data=form, auth=auth, headers=stranger)
    assert told(refused) == "invalid_request"
    proof = {"DPoP": holder.proof(address)}
    answer = await browser.http.post(address, data=form, auth=auth, headers=proof)
    assert answer.json()["token_type"] == "DPoP"
    new = await introspected(browser, app, answer.json()["access_token"])
    assert new["cnf"] == {"jkt": holder.jkt}
