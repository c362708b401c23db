"""Deleting over REST: what is in the recycle bin by then was not there when it was asked for."""

import json

from keycell.accounts.people import Account
from keycell.files.errors import NotFound
from keycell.files.finding import by_id, stat
from keycell.files.names import read_path

from ...conftest import Browser
from ...files.conftest import Home, home
from ..tokens import sign_in

__all__ = ["home"]


async def _ids(home: Home, *paths: str) -> list[str]:
    found = []
    for path in paths:
        await home.put(path, b"x")
        found.append((await stat(home.files, home.actor, read_path(path))).node.node_id)
    return found


async def _is_in_bin(home: Home, node_id: str) -> bool:
    try:
        return (await by_id(home.files, home.actor, node_id)).in_trash
    except NotFound:
        return False


async def test_nothing_is_deleted_for_good_by_being_named_twice(
    browser: Browser, ann: Account, home: Home
) -> None:
    token = await sign_in(browser.http, ann.login)
    node_ids = await _ids(home, "personal-files/dir/a", "personal-files/b")
    folder = (await stat(home.files, home.actor, read_path("personal-files/dir"))).node.node_id
    named = [{"Uuid": one} for one in (folder, *node_ids, *node_ids)]
    shown = {"Authorization": f"Bearer {token}"}
    address = "/a/tree/delete"
    answer = await browser.http.post(address, json={"Nodes": named}, headers=shown)
    assert answer.status_code == 200, answer.text
    assert [await _is_in_bin(home, one) for one in node_ids] == [True, True]
    # By their identifiers they are found in the bin too: the same call once more is no other one.
    answer = await browser.http.post(address, json={"Nodes": named}, headers=shown)
    assert answer.status_code == 200, answer.text
    assert [await _is_in_bin(home, one) for one in node_ids] == [True, True]


async def test_a_job_empties_the_bin_of_what_lay_there(
    browser: Browser, ann: Account, home: Home
) -> None:
    token = await sign_in(browser.http, ann.login)
    node_ids = await _ids(home, "personal-files/dir/a", "personal-files/b")

    async def delete(*paths: str) -> None:
        said = json.dumps({"nodes": [f"personal-files/{path}" for path in paths]})
        answer = await browser.http.put(
            "/a/jobs/user/delete", json={"JsonParameters": said},
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text

    await delete("dir", "dir/a", "b", "b")
    assert [await _is_in_bin(home, one) for one in node_ids] == [True, True]
    await delete("recycle_bin/b")
    assert [await _is_in_bin(home, one) for one in node_ids] == [True, False]
