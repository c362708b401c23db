"""The first start in a browser: nobody has an account yet. decisions/0018."""

from keycell.accounts.setup import offer
from keycell.bootstrap import World

from ..conftest import PASSWORD, Browser


async def test_who_opens_a_new_server_is_told_how_to_begin(browser: Browser) -> None:
    page = await browser.follow(await browser.http.get("/"))
    assert "It is the first administrator" in page.text


async def test_a_wrong_set_up_code_can_be_mended(browser: Browser, world: World) -> None:
    """UX-E05: its field is there again, and what else was typed stays."""
    right = await offer(world.people)
    assert right is not None
    form = {"username": "root", "password": PASSWORD}
    page = await browser.submit(await browser.http.get("/setup"), secret="wrong", **form)
    assert page.status_code == 403
    assert '<div id="setup-secret-row">' in page.text
    assert 'value="root"' in page.text
    await browser.submit(page, secret=right, **form)
    root = await world.people.accounts.find_by_login("root")
    assert root is not None
    assert root.is_admin


async def test_what_else_is_wrong_leaves_the_code_in_place(browser: Browser, world: World) -> None:
    right = await offer(world.people)
    assert right is not None
    page = await browser.submit(
        await browser.http.get("/setup"), secret=right, username="root", password="short"
    )
    assert page.status_code == 400
    assert f'value="{right}"' in page.text
