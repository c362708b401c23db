"""Delegation by token exchange: who may act for whom, and what the token says of it. RFC8693-4."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.administration import client_acting
from keycell.administration.client_acting import Acting
from keycell.administration.clients import Named
from keycell.administration.office import NotAllowed, Office
from keycell.bootstrap import World
from keycell.oauth.access_rules import AccessRule
from keycell.oauth.acting import ActingRule
from keycell.oauth.actors import MOST_ACTORS
from keycell.oauth.exchange import ACCESS_TOKEN, TOKEN_EXCHANGE
from keycell.provider.personal_tokens import By
from keycell.provider.register import Made

from ..conftest import PASSWORD, Browser, add_client, answer, at_another_time, keep_client
from .test_exchange import API, caller, swap, told
from .test_tokens import introspected, revoke


@pytest.fixture
async def app(world: World, ann: Account) -> Made:
    return await add_client(world, audience=[API])


@pytest.fixture
async def service(world: World) -> Made:
    """A service that is called, and calls on in its own name for whoever called."""
    made = await add_client(
        world, grant_types=["client_credentials", TOKEN_EXCHANGE], redirect_uris=[],
        response_types=[], audience=[API],
    )  # fmt: skip
    return await letting(world, made, applications=(made.client.client_id,))


async def letting(world: World, made: Made, **rule: object) -> Made:
    let = replace(made, client=replace(made.client, acting=ActingRule(**rule)))  # type: ignore[arg-type]
    await keep_client(world, let.client)
    return let


async def of_ann(browser: Browser, app: Made, scope: str = "openid files.read") -> str:
    code = await browser.code(app, scope=scope, resource=API)
    token: str = (await browser.exchange(app, code)).json()["access_token"]
    return token


async def own(browser: Browser, made: Made) -> dict[str, str]:
    """The parameters by which a client says that itself acts."""
    got = await browser.token(made, grant_type="client_credentials")
    return {"actor_token": got.json()["access_token"], "actor_token_type": ACCESS_TOKEN}


async def test_a_delegated_token_says_who_acts(
    browser: Browser, world: World, app: Made, service: Made
) -> None:
    """RFC8693-4.1, RFC8693-4.3."""
    client_id = service.client.client_id
    forms: tuple[Literal["jwt", "opaque"], ...] = ("jwt", "opaque")
    for form in forms:
        await keep_client(world, replace(service.client, access_token_format=form))
        got = await swap(browser, service, await of_ann(browser, app),
                            **await own(browser, service))  # fmt: skip
        assert got.status_code == 200, got.text
        shown = await introspected(browser, service, got.json()["access_token"])
        assert shown["act"] == {"sub": client_id, "client_id": client_id}, form
        assert shown["client_id"] == client_id
        # Whoever exchanges it on without an actor of their own does not hide who acted.
        again = await swap(browser, service, got.json()["access_token"])
        shown = await introspected(browser, service, again.json()["access_token"])
        assert shown["act"] == {"sub": client_id, "client_id": client_id}, form


async def test_a_chain_of_actors_has_an_end(browser: Browser, app: Made, service: Made) -> None:
    """RFC8693-4.1: each within the one who followed."""
    token, actor = await of_ann(browser, app), await own(browser, service)
    for length in range(1, MOST_ACTORS + 1):
        token = (await swap(browser, service, token, **actor)).json()["access_token"]
        shown = await introspected(browser, service, token)
        depth, act = 0, shown.get("act")
        while isinstance(act, dict):
            depth, act = depth + 1, act.get("act")
        assert depth == length
    assert told(await swap(browser, service, token, **actor)) == "invalid_request"
    refused = await swap(
        browser, service, await of_ann(browser, app), **actor | {"actor_token": token}
    )
    assert "a delegated one itself" in refused.json()["error_description"]


async def test_attack_37_nobody_acts_without_a_rule(
    browser: Browser, world: World, app: Made, service: Made, ann: Account
) -> None:
    """RFC8693-1.1, RFC8693-2.1."""
    token, actor = await of_ann(browser, app), await own(browser, service)
    for rule in (
        {}, {"applications": ("other",)},
        {"applications": (service.client.client_id,), "subjects": AccessRule(people=("bob",))},
    ):  # fmt: skip
        await letting(world, service, **rule)
        assert told(await swap(browser, service, token, **actor)) == "invalid_request", rule
    await letting(world, service, applications=(service.client.client_id,))
    for wrong in (
        {"actor_token": actor["actor_token"]},
        {"actor_token_type": ACCESS_TOKEN},
        actor | {"actor_token_type": "urn:ietf:params:oauth:token-type:id_token"},
        actor | {"actor_token": "nonsense"},
        actor | {"actor_token": token},
    ):
        assert told(await swap(browser, service, token, **wrong)) == "invalid_request", wrong
    stranger = await add_client(world, grant_types=["client_credentials"], redirect_uris=[],
                                response_types=[])  # fmt: skip
    for_others = await own(browser, stranger)
    assert told(await swap(browser, service, token, **for_others)) == "invalid_request"
    assert (await swap(browser, service, token, **actor)).status_code == 200
    event = AuditEvent(at=world.provider.clock(), actor="test", action="user.changed")
    await world.people.accounts.update(ann, replace(ann, is_admin=True), event)
    assert told(await swap(browser, service, token, **actor)) == "invalid_request"


async def test_a_person_acts_for_another(browser: Browser, world: World, ann: Account) -> None:
    """RFC8693-4.1: a service desk, and the actor's own token sets an end too."""
    desk = await caller(world)
    bob = await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    token = (await browser.tokens(desk, scope="openid files.read"))["access_token"]
    browser.http.cookies.clear()
    page = await browser.log_in(await browser.authorize(desk, scope="openid"), "bob")
    code = answer(await browser.submit(page, action="accept"))["code"]
    mine = (await browser.exchange(desk, code)).json()["access_token"]
    actor = {"actor_token": mine, "actor_token_type": ACCESS_TOKEN}
    assert told(await swap(browser, desk, token, **actor)) == "invalid_request"
    await letting(world, desk, actors=AccessRule(people=(bob.sub,)))
    body = (await swap(browser, desk, token, **actor)).json()
    shown = await introspected(browser, desk, body["access_token"])
    assert shown["sub"] == ann.sub
    assert shown["act"] == {"sub": bob.sub, "client_id": desk.client.client_id}
    assert told(await swap(browser, desk, mine, **actor)) == "invalid_request"
    assert await revoke(browser, desk, mine) == 200
    assert told(await swap(browser, desk, token, **actor)) == "invalid_request"


async def test_attack_39_it_ends_with_the_first_of_both(
    browser: Browser, world: World, app: Made, service: Made
) -> None:
    """RFC8693-2.2.1."""
    actor = await own(browser, service)
    async with at_another_time(world, timedelta(minutes=5)) as later:
        token = await of_ann(later, app)
        body = (await swap(later, service, token, **actor)).json()
        assert 200 < body["expires_in"] <= 300


async def test_an_administrator_says_who_acts(
    browser: Browser, world: World, app: Made, service: Made
) -> None:
    """RFC8693-4.4: and may name the one application that acts by a client's tokens."""
    office = Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By("test"),
        files_kept=world.files.limits.trash_kept, origins=(), allows_http=False,
    )  # fmt: skip
    client_id = app.client.client_id
    token, actor = await of_ann(browser, app), await own(browser, service)
    shown = await client_acting.ruled(office, Acting(client_id=client_id, may_act=client_id))
    assert shown == await client_acting.shown(office, Named(client_id=client_id))
    assert told(await swap(browser, service, token, **actor)) == "invalid_request"
    new = await of_ann(browser, app)
    assert (await introspected(browser, app, new))["may_act"] == {"sub": client_id}
    ours = service.client.client_id
    await client_acting.ruled(office, Acting(client_id=client_id, may_act=ours))
    assert (await swap(browser, service, new, **actor)).status_code == 200
    with pytest.raises(NotAllowed):
        await client_acting.ruled(office, Acting(client_id="keycell-cli"))
