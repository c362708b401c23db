"""All of one person, as an administrator looks at them. UX-X05."""

from urllib.parse import quote

from keycell.accounts.people import Account
from keycell.bootstrap import World

from .conftest import Caller
from .desk import Desk


async def test_one_call_tells_all_of_a_person(
    desk: Desk, world: World, ann: Account, ann_calls: Caller
) -> None:
    """UX-X05: what they are in, what proves them, what acts for them, and what it takes up."""
    await desk.done("PUT", "roles/editor", label="Editor")
    await desk.done("POST", "groups", path="/staff/lab", label="Laboratory")
    await desk.done("PUT", "users/ann", group="/staff/lab", roles=["editor"])
    await desk.done("POST", "users/ann/tokens", label="script", expires="24h")
    await ann_calls.good("GET", "/a/keycell/spaces")
    told = await desk.done("GET", "users/ann/whole")
    assert told["account"]["login"] == "ann"
    assert [one["path"] for one in told["groups"]] == ["/staff", "/staff/lab"]
    assert told["groups"][1]["label"] == "Laboratory"
    assert told["roles"] == [{"role_id": "editor", "label": "Editor"}]
    assert told["factors"]["items"] == []
    assert len(told["sessions"]) == 1
    assert [one["label"] for one in told["tokens"]] == ["script"]
    assert told["storage"]["used"] == 0
    assert len(told["applications"]) == 1
    assert "ann" in {one["target_name"] for one in told["events"]}
    assert (await desk.ask("GET", "users/nobody/whole")).status_code == 404


async def test_one_browser_and_one_application_are_ended(
    desk: Desk, ann: Account, ann_calls: Caller
) -> None:
    """UX-X05: at once, and what is gone already is told."""
    told = await desk.done("GET", "users/ann/whole")
    (session,), (application,) = told["sessions"], told["applications"]
    for path in (
        f"users/ann/applications/{quote(application['client_id'], safe='')}",
        f"users/ann/sessions/{session['sid']}",
    ):
        await desk.done("DELETE", path)
        assert (await desk.ask("DELETE", path)).status_code == 404
    assert (await ann_calls.call("GET", "/a/keycell/account/profile")).status_code == 401
    told = await desk.done("GET", "users/ann/whole")
    assert (told["sessions"], told["applications"]) == ([], [])


async def test_the_reason_for_an_act_stays_beside_it(
    desk: Desk, world: World, ann: Account
) -> None:
    """UX-X05: for who asks later; without one nothing is different."""
    desk.headers["X-Keycell-Reason"] = quote("Verloren: Gerät № 7")
    await desk.done("POST", "users/ann/disable")
    del desk.headers["X-Keycell-Reason"]
    await desk.done("POST", "users/ann/enable")
    (_, enabled), (_, disabled) = await world.people.audit.page(None, 2)
    assert disabled.action == "account.disabled"
    assert disabled.detail["reason"] == "Verloren: Gerät № 7"
    assert "reason" not in enabled.detail
    for refused in ("x" * 301, quote("two\nlines")):
        desk.headers["X-Keycell-Reason"] = refused
        answer = await desk.ask("POST", "users/ann/disable")
        assert answer.status_code == 400
    assert (await world.people.accounts.find(ann.sub)) is not None
