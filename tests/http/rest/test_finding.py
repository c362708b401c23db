"""What an administrator types a few letters of. UX-X03."""

import pytest

from keycell.accounts.people import Account
from keycell.administration.calls import PREFIX

from .conftest import Caller
from .desk import Desk

ANNALS = {"client_name": "Annals", "redirect_uris": ["https://annals.example/cb"]}


async def test_people_groups_and_applications_are_found_at_once(desk: Desk, ann: Account) -> None:
    """UX-X03: by the beginning of login and address, and by any part of a name."""
    await desk.done("POST", "groups", path="/staff/annex", label="Annex")
    for text in ("AN", "ann@", "xample"):
        (one,) = (await desk.done("GET", "find", text=text))["people"]
        assert one["login"] == ann.login, text
    made = await desk.done("POST", "clients", metadata=ANNALS)
    found = await desk.done("GET", "find", text="ann")
    assert found["groups"] == [{"path": "/staff/annex", "label": "Annex"}]
    (client,) = found["applications"]
    assert (client["client_id"], client["client_name"]) == (made["client_id"], "Annals")
    assert await desk.done("GET", "find", text="%") == {
        "people": [], "groups": [], "applications": [],
    }  # fmt: skip


@pytest.mark.parametrize("said", [{"text": " "}, {"text": "a" * 201}, {"text": "a", "most": 21}])
async def test_what_nobody_types_is_refused(desk: Desk, said: dict[str, object]) -> None:
    assert (await desk.ask("GET", "find", **said)).status_code == 400


async def test_nobody_else_is_told_who_there_is(ann_calls: Caller) -> None:
    """UX-X03: who is no administrator finds their own files, and nobody."""
    assert (await ann_calls.call("GET", f"{PREFIX}find?text=ro")).status_code == 403
