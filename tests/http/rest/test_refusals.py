"""What the REST wire answers when something is not a call, or fails. CELLS-CLIENT.md 0."""

from dataclasses import replace
from datetime import datetime

import httpx2

from keycell.bootstrap import World
from keycell.server import make_app

from ...conftest import BASE
from .people import Person, alice

__all__ = ["alice"]


async def test_what_is_no_call_is_told_in_the_form_that_clients_read(alice: Person) -> None:
    """A page where JSON is expected makes clients try again for eight seconds."""
    for status, code, method, path in [
        (404, "NotFound", "GET", "nothing/like/this"),
        (404, "NotFound", "GET", ""),
        (405, "MethodNotAllowed", "DELETE", "tree/stats"),
        (405, "MethodNotAllowed", "PATCH", "user/alice"),
    ]:
        answer = await alice.call(method, path)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        assert set(answer.json()) == {"Code", "Title", "Detail"}
        assert answer.json()["Code"] == code
        assert ("allow" in answer.headers) == (status == 405)


async def test_a_failure_of_ours_says_where_it_is_written_down(
    world: World, alice: Person
) -> None:
    def stopped() -> datetime:
        raise OSError("the clock has stopped")

    broken = replace(world, files=replace(world.files, clock=stopped))
    transport = httpx2.ASGITransport(app=make_app(broken))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        body = {"Nodes": [{"Path": "common-files/a"}]}
        answer = await replace(alice, http=http).call("POST", "tree/create", body)
    assert answer.status_code == 500
    told = answer.json()
    assert told["Code"] == "InternalError"
    assert told["Detail"].endswith(answer.headers["x-request-id"])
    assert "clock" not in answer.text
