"""Invitations and access links: a way in that an administrator opens, once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.audit import MACHINE, NOWHERE
from keycell.accounts.groups import Group
from keycell.accounts.invitations import proof_of_code
from keycell.accounts.mailing import About, mint_proof, proof_of_link
from keycell.accounts.people import Account
from keycell.accounts.ports_mail import Mailing
from keycell.accounts.proofs import ProofKind
from keycell.administration.calls import find_call
from keycell.administration.office import Office
from keycell.bootstrap import World
from keycell.provider.personal_tokens import By
from keycell.server import make_app
from keycell.settings import Settings

from ..conftest import BASE, PASSWORD, Browser, add_client, at_another_time
from ..opening import opening
from ..smtp import Mailbox, code_in, link_in
from .conftest import deliver_all

BOB = {"username": "bob", "name": "Bob", "new_password": "another battery"}


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return mailing


@pytest.fixture
async def root(world: World) -> Account:
    wanted = NewAccount(login="root", password=PASSWORD, email="root@example.org", is_admin=True)
    return await add_account(world.people, wanted, "test")


async def do(world: World, by: str, method: str, path: str, **said: object) -> dict[str, Any]:
    """Do what an administrator does."""
    office = Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By(by),
        files_kept=timedelta(days=1), origins=world.settings.origins, allows_http=False,
    )  # fmt: skip
    call, named = find_call(method, path)
    return dict(await call.answer(office, {**said, **named}))


async def test_an_invitation_makes_an_account_and_leads_to_the_application(
    browser: Browser, world: World, root: Account, mailbox: Mailbox
) -> None:
    """UX-R06: into the group, signed in, and where they were invited to."""
    await world.people.groups.add_group(Group("/lab", ""), (await world.audit.page(None, 1))[0][1])
    app = await add_client(world, client_name="Wiki", client_uri="https://wiki.example/")
    made = await do(world, root.sub, "POST", "user-invitations", email="bob@example.org",
                    group="/lab", client_id=app.client.client_id)  # fmt: skip
    await deliver_all(world)
    letter = mailbox.to("bob@example.org")[-1]
    assert link_in(letter, "/invitation") == made["link"]
    page = await browser.http.get(made["link"].removeprefix(BASE))
    assert "Wiki" in page.text
    assert "form-action 'self' https://wiki.example" in page.headers["content-security-policy"]
    for wrong in ({"username": "root"}, {"username": "b b"}, {"new_password": "sunshine"}):
        refused = await browser.submit(page, **(BOB | wrong))
        assert refused.status_code in (400, 409), wrong
        assert 'role="alert"' in refused.text
    done = await browser.submit(page, **BOB)
    assert done.headers["location"] == "https://wiki.example/"
    account = await world.people.accounts.find_by_login("bob")
    assert account is not None
    assert (account.email, account.email_verified) == ("bob@example.org", True)
    assert (account.group_path, account.is_admin) == ("/lab", False)
    assert (await browser.http.get("/account/basic")).status_code == 200
    again = await browser.http.get(made["link"].removeprefix(BASE))
    assert again.status_code == 410


async def test_the_code_with_the_address(
    browser: Browser, world: World, root: Account, mailbox: Mailbox
) -> None:
    """UX-R06, attack 75: a code is one address's; it cannot be made up."""
    await do(world, root.sub, "POST", "user-invitations", email="bob@example.org")
    await deliver_all(world)
    code = code_in(mailbox.messages[-1])
    page = await browser.http.get("/invitation")
    for email, typed in (("eve@example.org", code), ("bob@example.org", "00000000")):
        refused = await browser.submit(page, **BOB, email=email, code=typed)
        assert refused.status_code == 403
    done = await browser.submit(page, **BOB, email="Bob@Example.org", code=code)
    assert "Your account" in done.text


async def test_who_may_not_sign_in_yet_has_their_account_all_the_same(
    browser: Browser, world: World, root: Account
) -> None:
    """What is spent and made is not told as if it had failed."""
    made = await do(world, root.sub, "POST", "user-invitations", email="bob@example.org")
    for _ in range(6):
        page = await browser.http.get("/oauth2/login")
        waits = await browser.submit(page, username="bob", password="a guess")
    assert waits.status_code == 429
    page = await browser.http.get(made["link"].removeprefix(BASE))
    done = await browser.submit(page, **BOB)
    assert 'name="password"' in done.text
    assert done.status_code == 200
    assert await world.people.accounts.find_by_login("bob") is not None


async def test_attack_75_of_twenty_at_once_one_accepts(
    browser: Browser, world: World, root: Account
) -> None:
    """Attack 75."""
    made = await do(world, root.sub, "POST", "user-invitations", email="bob@example.org")
    page = await browser.http.get(made["link"].removeprefix(BASE))
    sent = [browser.submit(page, **(BOB | {"username": f"bob{n}"})) for n in range(8)]
    done = await asyncio.gather(*sent)
    assert [one.status_code for one in done].count(200) == 1
    found = [await world.people.accounts.find_by_login(f"bob{n}") for n in range(8)]
    assert sum(one is not None for one in found) == 1


async def test_one_that_is_over_is_asked_for_again(
    browser: Browser, world: World, root: Account, mailbox: Mailbox
) -> None:
    """UX-R06: the inviter is told, a few times at most."""
    made = await do(world, root.sub, "POST", "user-invitations", email="bob@example.org")
    link = made["link"].removeprefix(BASE)
    async with at_another_time(world, timedelta(days=8)) as later:
        page = await later.http.get(link)
        assert page.status_code == 410
        done = await later.submit(page)
        assert "is told" in done.text
        for _ in range(6):
            done = await later.submit(page)
        assert "patience" in done.text
        await deliver_all(later.world)
    told = mailbox.to("root@example.org")
    assert 1 <= len(told) <= 5
    assert "invitation" in str(told[0]["Subject"])
    trail = [event.action for _, event in await world.audit.page(None, 20)]
    assert "invitation.wanted" in trail


async def test_attack_75_one_that_is_withdrawn_opens_nothing(
    browser: Browser, world: World, root: Account
) -> None:
    made = await do(world, root.sub, "POST", "user-invitations", email="bob@example.org", hours=1)
    page = await browser.http.get(made["link"].removeprefix(BASE))
    listed = await do(world, root.sub, "GET", "user-invitations")
    assert [one["email"] for one in listed["items"]] == ["bob@example.org"]
    assert made["link"].partition("=")[2] not in str(listed)
    await do(world, root.sub, "DELETE", f"user-invitations/{made['invitation_id']}")
    assert (await browser.submit(page, **BOB)).status_code == 410
    listed = await do(world, root.sub, "GET", "user-invitations")
    assert listed["items"] == []


async def test_a_link_that_an_administrator_hands_over(
    browser: Browser, world: World, root: Account, ann: Account, mailbox: Mailbox
) -> None:
    """UX-R07: once, audited, and the person is told without the link being in the mail."""
    made = await do(world, root.sub, "POST", "users/ann/link")
    await deliver_all(world)
    letter = mailbox.to("ann@example.org")[-1]
    assert made["link"] not in letter.as_string()
    path = made["link"].removeprefix(BASE)
    page = await browser.http.get(path)
    done = await browser.submit(page, new_password="another battery")
    assert "Your new password is set" in done.text
    assert (await browser.http.get(path)).status_code == 410
    trail = [(event.action, event.actor) for _, event in await world.audit.page(None, 20)]
    assert ("recovery.link", root.sub) in trail
    assert ("recovery.done", ann.sub) in trail


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "users/eve/disable", {}),
        ("PUT", "users/eve", {"is_admin": False}),
        ("DELETE", "users/eve", {}),
    ],
)
async def test_attack_85_a_link_ends_with_the_office_of_who_made_it(
    browser: Browser, world: World, root: Account, method: str, path: str, said: dict[str, Any]
) -> None:
    """ATTACKS 85, 93: who is dismissed takes nobody's account along."""
    wanted = NewAccount(login="eve", password=PASSWORD, email="eve@example.org", is_admin=True)
    eve = await add_account(world.people, wanted, "test")
    made = await do(world, eve.sub, "POST", "users/root/link")
    link = made["link"].removeprefix(BASE)
    page = await browser.http.get(link)
    await do(world, root.sub, method, path, **said)
    assert (await browser.http.get(link)).status_code == 410
    assert (await browser.submit(page, new_password="another battery")).status_code == 410
    after = await world.people.accounts.find(root.sub)
    assert after is not None
    assert after.password_hash == root.password_hash


async def test_a_test_letter(world: World, root: Account, mailbox: Mailbox) -> None:
    """UX-X53: it goes at once, and what the mail server says is said."""
    await do(world, root.sub, "POST", "mail/test", to="ann@example.org")
    assert str(mailbox.messages[-1]["Subject"]) == "This is a test"
    mailbox.answers.append("550 no such mailbox")
    with pytest.raises(Exception, match="550 no such mailbox"):
        await do(world, root.sub, "POST", "mail/test", to="ann@example.org")


async def test_without_a_mail_server_everything_says_so(settings_on_sqlite: Settings) -> None:
    """The way in is an administrator's link; nothing waits for a server that is not there."""
    async with opening(settings_on_sqlite) as world:
        wanted = NewAccount(login="ann", password=PASSWORD, email="ann@example.org")
        await add_account(world.people, wanted, "test")
        transport = httpx2.ASGITransport(app=make_app(world))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
            browser = Browser(world, http)
            page = await http.get("/recover")
            assert "Ask an administrator" in page.text
            assert "<form" not in page.text
            page = await browser.log_in(await http.get("/oauth2/login"))
            assert "sends no mail" in page.text
            made = await do(world, MACHINE, "POST", "users/ann/link")
            page = await http.get(made["link"].removeprefix(BASE))
            assert 'name="new_password"' in page.text
            refused = await http.put("/a/auth/reset-password-token/ann")
            assert refused.status_code == 400
            with pytest.raises(Exception, match="no mail server is set"):
                await do(world, "root", "POST", "mail/test", to="ann@example.org")


async def test_the_calls_of_the_old_system(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    """CELLS-2.3: the token of the mailed link; the same answer for everybody."""
    answers = [
        await browser.http.put(f"/a/auth/reset-password-token/{login}") for login in ("ann", "no")
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["Success"] is True
    await deliver_all(world)
    token = link_in(mailbox.messages[-1], "/recover/link").partition("=")[2]
    sent = {"ResetPasswordToken": token, "UserLogin": "bob", "NewPassword": "another battery"}
    assert (await browser.http.post("/a/auth/reset-password", json=sent)).status_code == 400
    assert (await browser.http.post("/a/auth/reset-password", json={})).status_code == 400
    sent["UserLogin"] = "ANN"
    done = await browser.http.post("/a/auth/reset-password", json=sent)
    assert done.json()["Success"] is True
    assert (await browser.http.post("/a/auth/reset-password", json=sent)).status_code == 400


async def test_a_code_is_found_however_many_are_invited(world: World, root: Account) -> None:
    """UX-R06."""
    made = await do(world, root.sub, "POST", "user-invitations", email="bob@example.org")
    ours = await proof_of_link(world.people, ProofKind.INVITATION, made["link"].split("=")[1])
    late = timedelta(seconds=1)
    others = tuple(
        replace(ours, proof_id=f"p{n}", digest=f"d{n}", asked_by=f"other-{n}",
                created_at=ours.created_at + late)
        for n in range(501)
    )  # fmt: skip
    await world.people.mail.proofs.keep(Mailing((), others))
    found = await proof_of_code(world.people, "Bob@example.org", made["code"], NOWHERE)
    assert found.proof_id == ours.proof_id


async def test_a_code_of_before_is_found_too(world: World, root: Account) -> None:
    """UX-R06: made by a version that kept no address beside it."""
    await do(world, root.sub, "POST", "user-invitations", email="eve@example.org")
    minted = mint_proof(
        world.people, ProofKind.INVITATION, root.sub, About(details={"email": "bob@example.org"})
    )
    await world.people.mail.proofs.keep(Mailing((), (minted.proof,)))
    found = await proof_of_code(world.people, "bob@example.org", minted.code, NOWHERE)
    assert found.proof_id == minted.proof.proof_id
