"""Whoever the preview lets in gets in, and nobody else: UX-X09, for any rule and any person."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx2
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.audit import AuditEvent
from keycell.accounts.groups import Group
from keycell.accounts.people import Account
from keycell.administration.inspecting import Previewing, previewed
from keycell.administration.office import Office
from keycell.bootstrap import World
from keycell.oauth.access_rules import AccessRule
from keycell.oauth.claims import ACR_MFA
from keycell.provider.personal_tokens import By
from keycell.provider.register import Made
from keycell.server import make_app
from keycell.settings import Settings

from ..conftest import BASE, PASSWORD, Browser, add_client
from ..http.factors import add_app
from ..opening import opening
from .test_access_rules import rule

GROUPS = ("/", "/staff", "/staff/it", "/guests")
ROLES = ("editor", "reader")
LOGINS = ("ann", "bob")
SOME = st.sampled_from
IP = "127.0.0.1"
"""Where the browsers are."""


@dataclass
class Stage:
    """A server, an application, Ann without and Bob with a second factor, both signed in."""

    world: World
    app: Made
    browsers: dict[str, Browser]
    refresh: dict[str, str]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """One loop for all examples."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture
def stage(runner: asyncio.Runner, settings: Settings) -> Iterator[Stage]:
    """All that the examples change, made once."""
    stack = contextlib.AsyncExitStack()
    yield runner.run(_set_up(stack, settings))
    runner.run(stack.aclose())


async def _set_up(stack: contextlib.AsyncExitStack, settings: Settings) -> Stage:
    world = await stack.enter_async_context(opening(settings))
    event = AuditEvent(at=world.people.clock(), actor="test", action="group.added")
    for path in GROUPS[1:]:
        await world.people.groups.add_group(Group(path=path, label=path), event)
    app = await add_client(world)
    stage = Stage(world, app, {}, {})
    transport = httpx2.ASGITransport(app=make_app(world))
    for login in LOGINS:
        http = await stack.enter_async_context(
            httpx2.AsyncClient(transport=transport, base_url=BASE)
        )
        browser = stage.browsers[login] = Browser(world, http)
        await add_account(world.people, NewAccount(login=login, password=PASSWORD), "test")
        page = await browser.log_in(
            await browser.authorize(app, scope="openid offline_access"), login
        )
        done = await browser.submit(page, action="accept")
        code = httpx2.URL(done.headers["location"]).params["code"]
        stage.refresh[login] = (await browser.exchange(app, code)).json()["refresh_token"]
    await add_app(stage.browsers["bob"])
    return stage


@st.composite
def rules(draw: st.DrawFn) -> tuple[AccessRule, tuple[str, ...]]:
    """Any rule, with the logins of the people that it names."""
    some = {"groups": draw(st.sets(SOME(GROUPS))), "roles": draw(st.sets(SOME(ROLES)))}
    acr = draw(SOME(("", "", ACR_MFA)))
    networks = draw(SOME(((), (), ("127.0.0.0/8",), ("192.0.2.0/24",))))
    named = {kind: tuple(sorted(names)) for kind, names in some.items()}
    return AccessRule(**named, networks=networks, acr=acr), tuple(
        sorted(draw(st.sets(SOME(LOGINS))))
    )


async def _becomes(stage: Stage, login: str, group: str, roles: tuple[str, ...]) -> Account:
    account = await stage.world.people.accounts.find_by_login(login)
    assert account is not None
    event = AuditEvent(at=stage.world.people.clock(), actor="test", action="account.changed")
    changed = replace(account, group_path=group, roles=roles)
    assert await stage.world.people.accounts.update(account, changed, event)
    return changed


async def _agree(stage: Stage, given_rule: AccessRule, named: tuple[str, ...], login: str) -> None:
    world = stage.world
    subs = []
    for one in named:
        account = await world.people.accounts.find_by_login(one)
        assert account is not None
        subs.append(account.sub)
    await rule(world, stage.app, replace(given_rule, people=tuple(sorted(subs))))
    office = Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By("test"),
        files_kept=world.files.limits.trash_kept, origins=(), allows_http=False,
    )  # fmt: skip
    client_id = stage.app.client.client_id
    told = await previewed(office, Previewing(client_id=client_id, login=login, ip=IP))
    page = await stage.browsers[login].authorize(stage.app)
    assert (page.status_code != 403) == told["may_sign_in"], told["refusals"]
    if not given_rule.acr:
        # A grant of before any second factor is refused at a rule that wants one; and from where
        # an application refreshes is not judged.
        told = await previewed(office, Previewing(client_id=client_id, login=login))
        answer = await stage.browsers[login].refresh(stage.app, stage.refresh[login])
        assert (answer.status_code == 200) == told["may_sign_in"], answer.text
        if answer.status_code == 200:
            stage.refresh[login] = answer.json()["refresh_token"]


def test_the_preview_says_what_a_sign_in_and_a_refresh_do(
    runner: asyncio.Runner, stage: Stage
) -> None:
    """RFC6749-4.1.2.1, RFC6749-5.2."""

    @hypothesis_settings(max_examples=60, deadline=None, database=None,
                         suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(rules(), SOME(LOGINS), SOME(GROUPS), st.sets(SOME(ROLES)))
    def agree(
        ruled: tuple[AccessRule, tuple[str, ...]], login: str, group: str, roles: set[str]
    ) -> None:
        async def one() -> None:
            await _becomes(stage, login, group, tuple(sorted(roles)))
            await _agree(stage, *ruled, login)

        runner.run(one())

    agree()
