"""Applications in the administration: their list, who acts for whom, and what shares sign-ins.

RFC8693-1.1, NSSO-4.3, and decisions 0062 and 0063. With ``PICTURES=folder`` in the environment, a
picture of each panel is kept there.
"""

from playwright.sync_api import Locator, Page, expect

from ..server import Server, keycell, keycell_json
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]

CALLBACK = "https://app.example/callback"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def register(server: Server, name: str, *more: str) -> str:
    made = keycell_json("admin", "client", "add", name, "--redirect-uri", CALLBACK, *more,
                        "--data", str(server.data))  # fmt: skip
    client_id: str = made["client_id"]
    return client_id


def panel_of(root: Page, server: Server, client_id: str, name: str) -> Locator:
    root.goto(f"{server.url}/admin/applications/{client_id}")
    heading = root.get_by_role("heading", name=name, exact=True)
    expect(heading).to_be_visible()
    return root.locator("section").filter(has=heading)


def choose(root: Page, field: Locator, typed: str, option: str) -> None:
    field.press_sequentially(typed)
    root.get_by_role("option", name=option, exact=True).click()
    root.keyboard.press("Tab")


def test_who_may_act_for_whom(root: Page, server: Server, axe: str) -> None:
    at = ("--data", str(server.data))
    keycell("admin", "group", "add", "/support", *at)
    desk = register(server, "Service desk", "--grant-type", EXCHANGE,
                    "--grant-type", "authorization_code")  # fmt: skip
    gateway = register(server, "Gateway")
    panel = panel_of(root, server, desk, "Who may act for whom")
    expect(panel.get_by_text("It is not registered for that")).to_have_count(0)
    actors = panel.get_by_role("group", name="Who may act")
    subjects = panel.get_by_role("group", name="For whom")
    choose(root, actors.get_by_label("Applications"), "gatew", "Gateway")
    choose(root, actors.get_by_label("Groups"), "/sup", "/support")
    choose(root, subjects.get_by_label("People, by login"), "an", "ann")
    only = panel.get_by_label("The only application that may act by its tokens")
    choose(root, only, "gatew", "Gateway")
    panel.get_by_role("button", name="Save who may act").click()
    expect(root.get_by_text("It counts from now on.")).to_be_visible()
    rule = {"client_id": desk, "applications": [gateway], "people": [], "groups": ["/support"],
            "for_people": ["ann"], "for_groups": [], "may_act": gateway}  # fmt: skip
    assert keycell_json("admin", "client", "acting", desk, *at) == rule
    root.reload()
    expect(panel.get_by_text("Gateway", exact=True)).to_have_count(2)
    look(root, axe, "acting")
    only.press("Backspace")
    with root.expect_response(f"**/clients/{desk}/acting") as answered:
        panel.get_by_role("button", name="Save who may act").click()
    assert answered.value.ok
    assert keycell_json("admin", "client", "acting", desk, *at) == {**rule, "may_act": ""}


def test_which_applications_share_sign_ins(root: Page, server: Server, axe: str) -> None:
    mail = register(server, "Mail", "--public")
    chat = register(server, "Chat", "--public")
    panel = panel_of(root, server, mail, "Suite")
    name = panel.get_by_label("Name of the suite")
    save = panel.get_by_role("button", name="Save the suite")
    name.fill("No name")
    save.click()
    assert not name.evaluate("field => field.checkValidity()"), "the browser says what is wrong"
    name.fill("acme")
    save.click()
    expect(panel.get_by_text("No other application is in it yet.")).to_be_visible()
    panel = panel_of(root, server, chat, "Suite")
    choose(root, panel.get_by_label("Name of the suite"), "a", "acme")
    panel.get_by_role("button", name="Save the suite").click()
    expect(panel.get_by_role("link", name="Mail")).to_be_visible()
    look(root, axe, "suite")
    panel.get_by_role("link", name="Mail").click()
    expect(panel.get_by_role("link", name="Chat")).to_be_visible()
    panel.get_by_label("Name of the suite").fill("")
    panel.get_by_role("button", name="Save the suite").click()
    expect(panel.get_by_role("link", name="Chat")).to_have_count(0)
    shown = keycell_json("admin", "client", "show", mail, "--data", str(server.data))
    assert shown["suite"] == ""


def test_an_application_in_test_mode(root: Page, server: Server, axe: str) -> None:
    """UX-V06: with whom it is tried, for how long, and how it is made real."""
    client_id = register(server, "Tried", "--test")
    panel = panel_of(root, server, client_id, "Test mode")
    expect(root.get_by_text("test mode", exact=True)).to_be_visible()
    panel.get_by_role("button", name="Make accounts for tests").click()
    shown = panel.get_by_label("Logins and passwords; they are shown this once")
    expect(shown).to_be_visible()
    login, password = shown.input_value().splitlines()[0].split()
    assert len(password) > 20
    expect(panel.get_by_role("link", name=login)).to_be_visible()
    look(root, axe, "test-mode")
    panel.get_by_role("button", name="Another 30 days").click()
    expect(root.get_by_text("It is in test mode for another 30 days.")).to_be_visible()
    panel.get_by_role("button", name="Make it real").click()
    root.get_by_label("Reason").fill("it is done")
    root.get_by_role("dialog").get_by_role("button", name="Make it real").click()
    expect(root.get_by_role("heading", name="Test mode", exact=True)).to_have_count(0)
    told = keycell_json("admin", "client", "show", client_id, "--data", str(server.data))
    assert told["test_until"] is None
    people = keycell_json("admin", "user", "list", "--data", str(server.data))["items"]
    assert login not in [one["login"] for one in people]


def test_the_list_is_in_the_order_that_is_asked_for(root: Page, server: Server, axe: str) -> None:
    """UX-X04: as the list of people is; a reader is told in which order by aria-sort."""
    for name, how in (("Xylo one", "--public"), ("xylo three", "--auth-method=none"),
                      ("Xylo two", "--auth-method=client_secret_basic")):  # fmt: skip
        register(server, name, how)
    root.goto(f"{server.url}/admin/applications?search=xylo")
    links, head = root.locator("tbody a"), root.get_by_role("columnheader")
    expect(links).to_have_text(["Xylo two", "Xylo one", "xylo three"])
    expect(head.filter(has_text="Kind")).to_have_attribute("aria-sort", "ascending")
    by_name = head.filter(has_text="Name")
    expect(by_name).to_have_attribute("aria-sort", "none")
    by_name.get_by_role("button").click()
    expect(links).to_have_text(["Xylo one", "xylo three", "Xylo two"])
    expect(by_name).to_have_attribute("aria-sort", "ascending")
    by_name.get_by_role("button").click()
    expect(links).to_have_text(["Xylo two", "xylo three", "Xylo one"])
    expect(by_name).to_have_attribute("aria-sort", "descending")
    root.reload()
    expect(links).to_have_text(["Xylo two", "xylo three", "Xylo one"])
    root.get_by_label("Choose Xylo two").check()
    root.get_by_role("button", name="Disable").click()
    root.get_by_role("dialog").get_by_label("Reason").fill("tidying up")
    root.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(root.get_by_role("row").filter(has_text="Xylo two")).to_contain_text("disabled")
    root.get_by_label("Search").fill("")
    expect(root.get_by_role("link", name="CellsFrontend Application")).to_be_visible()
    look(root, axe, "applications")
