"""What may stand in an account, and where it belongs."""

from datetime import UTC, datetime, timedelta

import pytest

from keycell.accounts.errors import Invalid
from keycell.accounts.groups import check_group_path, check_role, parents
from keycell.accounts.passwords import check_password
from keycell.accounts.people import (
    Account,
    check_claims,
    check_email,
    check_login,
    check_name,
    login_key,
    person_of,
)
from keycell.accounts.sessions import IDLE, LONGEST, Session, browser_label, expires_at, stands

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANN = Account(sub="s", login="Ann", group_path="/staff/lab", roles=("editor",), created_at=NOW,
              updated_at=NOW)  # fmt: skip

COMMON = frozenset({"password1"})


def test_groups_are_told_from_the_outermost_in() -> None:
    """OIDCC-5.1: and a claim without a value is none."""
    person = person_of(ANN)
    assert person["groups"] == ["/staff", "/staff/lab"]
    assert person["roles"] == ["editor"]
    assert person["name"] == person["preferred_username"] == "Ann"
    assert "email" not in person
    assert parents("/a/b/c") == ["/a", "/a/b"]


@pytest.mark.parametrize("path", ["/", "/staff", "/staff/the lab/", "/é"])
def test_a_group_path(path: str) -> None:
    assert check_group_path(path) == ("/" + path.strip("/"))


@pytest.mark.parametrize(
    "path",
    ["", "staff", "/a//b", "/a/../b", "/./a", "/a\x00", "/a\nb", "/" + "a/" * 17, "/" * 501],
)
def test_no_group_path(path: str) -> None:
    if path.strip("/"):
        with pytest.raises(Invalid):
            check_group_path(path)


@pytest.mark.parametrize("login", ["", "a b", "-a", "a" * 101, "a\x00", "a/b", "<b>", "a\u202eb"])
def test_no_login(login: str) -> None:
    with pytest.raises(Invalid):
        check_login(login)


def test_spellings_of_one_login() -> None:
    """ATTACKS 67."""
    assert {login_key(one) for one in ("Ann", "ANN", "ann", "\uff21nn")} == {"ann"}
    assert login_key("e\u0301ve") == login_key("\u00e9ve")


@pytest.mark.parametrize(
    "claims",
    [
        {"given_name": 5}, {"given_name": "a\x00"}, {"birthdate": "3 Feb"}, {"shoe_size": "9"},
        {"picture": "javascript:x"}, {"phone_number": "call me"}, {"address": "1 rue X"},
        {"address": {"planet": "x"}}, {"address": {"country": 5}}, {"locale": "fr FR"},
        {"phone_number_verified": "yes"}, {"nickname": "x" * 1001},
    ],
)  # fmt: skip
def test_no_claim(claims: dict[str, object]) -> None:
    """OIDCC-5.1."""
    with pytest.raises(Invalid):
        check_claims(claims)


def test_names_and_addresses() -> None:
    assert check_name("  Ann   Example ") == "Ann Example"
    assert check_claims({"nickname": "", "gender": None}) == {}
    assert check_role("wiki-editor") == "wiki-editor"
    for wrong in ("", "a@", "@b", "a b@c", "a@b\n", "a" * 250 + "@b.c"):
        with pytest.raises(Invalid):
            check_email(wrong)
    for wrong in ("", "-a", "a b", "a" * 101):
        with pytest.raises(Invalid):
            check_role(wrong)


@pytest.mark.parametrize(
    "password", ["short", "Ann Login", "ANN@example.org", "password1", "aaaaaaaaa", "x" * 1025]
)
def test_no_password(password: str) -> None:
    """NIST SP 800-63B-5.1.1.2."""
    with pytest.raises(Invalid):
        check_password(password, "ann login", "ann@example.org", COMMON.__contains__)
    assert (
        check_password("une phrase longue", "ann", None, COMMON.__contains__)
        == "une phrase longue"
    )


def test_a_session_ends_by_itself() -> None:
    session = Session(
        sid="s", digest="d", sub="ann", auth_time=NOW, amr=("pwd",), acr="1", created_at=NOW,
        seen_at=NOW, ip="", user_agent="",
    )  # fmt: skip
    assert stands(session, NOW + IDLE - timedelta(seconds=1))
    assert not stands(session, NOW + IDLE)
    assert expires_at(session) == NOW + IDLE
    assert LONGEST > IDLE
    assert browser_label("nothing known") == ""
    assert browser_label("keycell/1.0 (Linux; anns-laptop)") == "anns-laptop, Linux"
