"""Deleting over REST: what is in the recycle bin by then was not there when it was asked for."""

import json
from dataclasses import replace
from datetime import timedelta

from keycell.accounts.people import Account
from keycell.files.errors import NotFound
from keycell.files.finding import by_id, stat
from keycell.files.jobs import Job, JobKind, JobStatus
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


async def test_nobody_has_more_jobs_under_way_than_may_be(
    browser: Browser, ann: Account, home: Home
) -> None:
    """Each begins at once, so that their number is what bounds the work."""
    token = await sign_in(browser.http, ann.login)
    await _ids(home, "personal-files/b")
    asked = {
        "json": {"JsonParameters": json.dumps({"nodes": ["personal-files/b"]})},
        "headers": {"Authorization": f"Bearer {token}"},
    }
    job = Job(
        job_id="1", kind=JobKind.COPY, label="test", sub=home.actor.sub, parameters={},
        status=JobStatus.RUNNING, leased_until=home.files.clock() + timedelta(hours=1),
        created_at=home.files.clock(),
    )  # fmt: skip
    for number in range(32):
        await home.files.jobs.add(replace(job, job_id=str(number)))
    await home.files.jobs.add(replace(job, job_id="others", sub="bob"))
    refused = await browser.http.put("/a/jobs/user/delete", **asked)  # type: ignore[arg-type]
    assert refused.status_code == 409, refused.text
    await home.files.jobs.cancel("1", home.files.clock())
    taken = await browser.http.put("/a/jobs/user/delete", **asked)  # type: ignore[arg-type]
    assert taken.status_code == 200, taken.text
