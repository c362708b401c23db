"""What is proved by a second factor, and what is told of it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keycell.accounts.errors import Invalid, Throttled
from keycell.accounts.factors import (
    App,
    Factors,
    amr_of_passkey,
    check_factor_name,
    free_name,
    is_fresh,
    make_app_secret,
    make_recovery_code,
    platform_name,
    provider_name,
    read_one_time_code,
    read_recovery_code,
)
from keycell.accounts.sessions import Session
from keycell.accounts.throttle import FACTOR_EVERYWHERE, Counter, take
from keycell.oauth.claims import ACR_MFA, ACR_PASSWORD
from keycell.oauth.step_up import FRESH_FOR

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
APP = App(app_id="a", sub="ann", sealed="s", name="Phone", last_step=1, created_at=NOW)
SESSION = Session(
    sid="s", digest="d", sub="ann", auth_time=NOW, amr=("pwd",), acr=ACR_PASSWORD,
    created_at=NOW, seen_at=NOW, ip="", user_agent="",
)  # fmt: skip


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert read_one_time_code(typed) == "123456"


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "1234567", "12345a", "\uff11\uff12\uff13\uff14\uff15\uff16", "123456\n7"],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_one_time_code(typed) is None


def test_a_recovery_code_survives_paper() -> None:
    """UX-M02."""
    code = make_recovery_code("secret")
    assert re.fullmatch(r"[a-z2-9]{5}-[a-z2-9]{5}", code)
    assert read_recovery_code(f" {code.upper().replace('-', ' ')} ") == code.replace("-", "")
    assert read_recovery_code("aaaaa-aaaa1") is None
    assert read_recovery_code("aaaa") is None
    assert make_recovery_code("other") != code


def test_an_apps_secret_has_160_bits() -> None:
    """RFC4226-4."""
    assert len(make_app_secret("secret")) == 20


def test_a_password_alone_changes_no_factor_where_there_is_one() -> None:
    """ATTACKS 71."""
    none, some = Factors(), Factors(apps=(APP,))
    assert is_fresh(SESSION, none, NOW + FRESH_FOR)
    assert not is_fresh(SESSION, none, NOW + FRESH_FOR + timedelta(seconds=1))
    assert not is_fresh(SESSION, some, NOW)
    assert is_fresh(replace(SESSION, acr=ACR_MFA), some, NOW)
    assert not is_fresh(replace(SESSION, acr=ACR_MFA), some, NOW + timedelta(minutes=11))


def test_a_passkey_tells_what_it_is() -> None:
    """RFC8176-2."""
    assert amr_of_passkey(is_synced=True, is_verified=True) == ("swk", "user", "mfa")
    assert amr_of_passkey(is_synced=False, is_verified=False) == ("hwk", "user")


def test_names_are_found_and_told_apart() -> None:
    """UX-M03."""
    assert provider_name("bada5566-a7aa-401f-bd96-45619a55120d") == "1Password"
    assert provider_name("00000000-0000-0000-0000-000000000000") == ""
    assert platform_name("Mozilla/5.0 (X11; Linux x86_64)") == "Linux"
    assert platform_name("curl/8") == ""
    assert free_name("Phone", ()) == "Phone"
    assert free_name("Phone", (APP, replace(APP, name="Phone 2"))) == "Phone 3"
    assert check_factor_name("  My \t key ") == "My key"
    for bad in ("", "   ", "x" * 101, "a\u202eb"):
        with pytest.raises(Invalid):
            check_factor_name(bad)


def test_a_day_of_guessing_from_everywhere_gets_few_guesses() -> None:
    """ATTACKS 66: of a million codes, three are right at a time."""
    counter: Counter | None = None
    now, heard = NOW, 0
    while now < NOW + timedelta(days=1):
        try:
            counter = take(counter, FACTOR_EVERYWHERE, now)
            heard += 1
        except Throttled:
            now += timedelta(seconds=30)
    assert heard < 70
