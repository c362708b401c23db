"""A client's rule, at each endpoint that could let somebody in. UX-X09, RFC6749-4.1.2.1."""

from dataclasses import replace

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.administration import client_access
from keycell.administration.client_access import Ruling
from keycell.administration.inspecting import Previewing, previewed
from keycell.administration.office import Office
from keycell.bootstrap import World
from keycell.oauth.access_rules import AccessRule
from keycell.oauth.claims import ACR_MFA
from keycell.oauth.clients import Client
from keycell.oauth.exchange import ACCESS_TOKEN, TOKEN_EXCHANGE
from keycell.oauth.legacy_clients import read_legacy_clients
from keycell.provider.personal_tokens import By
from keycell.provider.register import Made, make_legacy_client

from ..conftest import Browser, add_client, answer
from ..http.factors import add_app, now, sign_in
from ..waiting import eventually
from .test_backchannel import ask, cashier
from .test_device import begun, decide, error_of, find

HERE = AccessRule(networks=("127.0.0.0/8",))
ELSEWHERE = AccessRule(networks=("192.0.2.0/24", "2001:db8::/32"))
NOT_ANN = AccessRule(people=("somebody",))
OFFLINE = "openid offline_access"
API = "https://api.example"


async def rule(world: World, made: Made, access: AccessRule) -> Client:
    """Give a client a rule."""
    client = await world.clients.find(made.client.client_id)
    assert client is not None
    event = AuditEvent(at=world.people.clock(), actor="test", action="client.changed")
    assert await world.clients.update(
        client.client_id, lambda now: replace(now, access=access), event
    )
    return client


async def until_noted(world: World) -> None:
    async def noted() -> list[str]:
        return [event.action for _, event in await world.audit.page(None, 9)]

    assert "access.refused" in await eventually(noted, lambda actions: "access.refused" in actions)


async def test_who_is_not_named_sees_a_page_and_the_client_is_told(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """Before any consent; RFC6749-4.1.2.1."""
    await rule(world, app, NOT_ANN)
    page = await browser.log_in(await browser.authorize(app))
    assert page.status_code == 403
    assert "You may not use this application" in page.text
    assert 'id="consent-accept"' not in page.text
    told = answer(await browser.submit(page, action="deny"))
    assert told["error"] == "access_denied"
    assert "not among those" in told["error_description"]
    await until_noted(world)


async def test_no_form_goes_around_it(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """A yes that was on the screen when the rule came counts for nothing."""
    page = await browser.log_in(await browser.authorize(app))
    assert 'id="consent-accept"' in page.text
    await rule(world, app, NOT_ANN)
    refused = await browser.submit(page, action="accept")
    assert "You may not use this application" in refused.text
    again = await browser.submit(refused, action="accept")
    assert "You may not use this application" in again.text


async def test_a_silent_request_is_told_at_once(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """OIDCC-3.1.2.6."""
    await browser.tokens(app)
    await rule(world, app, NOT_ANN)
    told = answer(await browser.authorize(app, prompt="none"))
    assert told["error"] == "access_denied"


async def test_a_browser_elsewhere_starts_nothing_and_what_was_started_goes_on(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """UX-X09: the application refreshes from where it runs, which says nothing of the person."""
    tokens = await browser.tokens(app, OFFLINE)
    await rule(world, app, ELSEWHERE)
    told = answer(await browser.authorize(app, prompt="none"))
    assert told["error"] == "access_denied"
    page = await browser.authorize(app)
    assert page.status_code == 403
    assert "from certain networks alone" in page.text
    told = answer(await browser.submit(page, action="deny"))
    assert told["error"] == "access_denied"
    assert "networks" in told["error_description"]
    await until_noted(world)
    assert (await browser.refresh(app, tokens["refresh_token"])).status_code == 200
    await rule(world, app, HERE)
    assert answer(await browser.authorize(app, prompt="none"))["code"]


@pytest.mark.parametrize("named", ["people", "groups", "roles"])
async def test_who_is_named_gets_in(
    browser: Browser, world: World, app: Made, ann: Account, named: str
) -> None:
    own = {"people": ann.sub, "groups": ann.group_path, "roles": (ann.roles or ("x",))[0]}
    if named == "roles" and not ann.roles:
        event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
        assert await world.people.accounts.update(ann, replace(ann, roles=("x",)), event)
    await rule(world, app, AccessRule(**{named: (own[named],)}))  # type: ignore[arg-type]
    assert (await browser.tokens(app))["access_token"]


async def test_who_is_let_out_gets_no_further_tokens(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """RFC6749-5.2: neither for a refresh token nor for a code that was given before."""
    tokens = await browser.tokens(app, OFFLINE)
    code = answer(await browser.authorize(app, prompt="none"))["code"]
    await rule(world, app, NOT_ANN)
    refused = await browser.refresh(app, tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert "not among those" in refused.json()["error_description"]
    assert (await browser.exchange(app, code)).json()["error"] == "invalid_grant"
    await rule(world, app, AccessRule())
    assert (await browser.refresh(app, tokens["refresh_token"])).status_code == 200


async def test_a_token_is_exchanged_for_who_may_use_both_clients(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8693-2.2.2."""
    front = await add_client(world, audience=[API])
    back = await add_client(
        world, grant_types=[TOKEN_EXCHANGE], redirect_uris=[], response_types=[], audience=[API]
    )
    code = await browser.code(front, scope="openid files.read", resource=API)
    subject = (await browser.exchange(front, code)).json()["access_token"]

    async def swapped() -> httpx2.Response:
        return await browser.token(
            back, grant_type=TOKEN_EXCHANGE, subject_token=subject,
            subject_token_type=ACCESS_TOKEN, scope="files.read",
        )  # fmt: skip

    assert (await swapped()).status_code == 200
    for made in (front, back):
        await rule(world, made, NOT_ANN)
        refused = await swapped()
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
        assert "not among those" in refused.json()["error_description"]
        await rule(world, made, AccessRule())
    assert (await swapped()).status_code == 200


async def test_a_device_is_not_signed_in_by_who_may_not(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8628-3.3: somebody else may still take the code."""
    tv = await add_client(
        world, grant_types=["urn:ietf:params:oauth:grant-type:device_code"], redirect_uris=[],
        response_types=[], token_endpoint_auth_method="none",
    )  # fmt: skip
    told = await begun(browser, tv)
    await rule(world, tv, NOT_ANN)
    page = await find(browser, told["user_code"])
    assert page.status_code == 403
    assert "You may not use this application" in page.text
    assert await error_of(browser, tv, told["device_code"]) == "authorization_pending"
    await rule(world, tv, ELSEWHERE)
    page = await find(browser, told["user_code"])
    assert page.status_code == 403
    assert "from certain networks alone" in page.text
    await rule(world, tv, HERE)
    await decide(browser, told["user_code"])
    await rule(world, tv, NOT_ANN)
    assert await error_of(browser, tv, told["device_code"]) in ("invalid_grant", "slow_down")


async def test_who_has_no_second_factor_is_told_to_set_one_up(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    await rule(world, app, AccessRule(acr=ACR_MFA))
    page = await browser.log_in(await browser.authorize(app))
    assert page.status_code == 403
    assert 'href="/account/basic/factors"' in page.text
    told = answer(await browser.submit(page, action="deny"))
    assert "second factor" in told["error_description"]


async def test_who_has_a_second_factor_is_asked_for_it(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """As by an essential ``acr``, OIDCC-5.5.1.1; the grant shows it at each refresh."""
    await sign_in(browser)
    totp, _ = await add_app(browser)
    tokens = await browser.tokens(app, OFFLINE)
    await rule(world, app, AccessRule(acr=ACR_MFA))
    assert (await browser.refresh(app, tokens["refresh_token"])).status_code == 400
    silent = answer(await browser.authorize(app, prompt="none"))
    assert silent["error"] == "login_required"
    page = await browser.log_in(await browser.follow(await browser.authorize(app)))
    code = answer(await browser.submit(page, code=totp.at(now())))["code"]
    asked = (await browser.exchange(app, code)).json()
    assert "error" not in asked


async def test_a_rule_outlives_other_changes(world: World, app: Made) -> None:
    await rule(world, app, NOT_ANN)
    kept = await world.clients.find(app.client.client_id)
    assert kept is not None
    assert kept.access == NOT_ANN
    document = {
        "client_id": kept.client_id, "client_name": "Other",
        "redirect_uris": ["https://app.example/cb"],
    }  # fmt: skip
    legacy = read_legacy_clients({"staticClients": [document]}, (), {})[0]
    assert make_legacy_client(world.provider, legacy, kept, "static").access == NOT_ANN


async def test_what_is_checked_is_what_a_sign_in_says(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """UX-X09."""
    office = Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By("test"),
        files_kept=world.files.limits.trash_kept, origins=(), allows_http=False,
    )  # fmt: skip
    client_id = app.client.client_id
    named: tuple[str, ...]
    for named in ((), ("ann",)):
        shown = await client_access.ruled(office, Ruling(client_id=client_id, people=named))
        assert shown["people"] == list(named)
        told = await previewed(office, Previewing(client_id=client_id, login="ann"))
        assert told["may_sign_in"]
    await client_access.ruled(office, Ruling(client_id=client_id, roles=("nobody",)))
    told = await previewed(office, Previewing(client_id=client_id, login="ann"))
    assert told["refusals"] == ["the person is not among those who may use this client"]
    page = await browser.log_in(await browser.authorize(app))
    assert page.status_code == 403


async def test_nobody_is_asked_from_the_back_who_may_not(
    browser: Browser, world: World, ann: Account
) -> None:
    """CIBA-13: refused before the person is told."""
    made = await cashier(world)
    await rule(world, made, NOT_ANN)
    refused = await ask(browser, made)
    assert refused.json()["error"] == "access_denied"
    await rule(world, made, AccessRule())
    assert (await ask(browser, made)).status_code == 200
