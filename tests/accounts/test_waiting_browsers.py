"""A browser that waits for another device: how far it is, and who may decide about it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keycell.accounts.sessions import Session, is_confined
from keycell.accounts.waiting_browsers import (
    LIFETIME,
    State,
    WaitingBrowser,
    draw_number,
    fetched_until,
    is_asked,
    is_number,
    is_proved,
    state_of,
)
from keycell.oauth.claims import ACR_MFA, ACR_PASSWORD

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NEW = WaitingBrowser(
    wait_id="w1", digest="mine", user_code="kept", client_id="app", ip="192.0.2.1",
    user_agent="Firefox", created_at=NOW, expires_at=NOW + LIFETIME,
)  # fmt: skip
FOUND = replace(NEW, found_by="ann", number="42")
ALLOWED = replace(FOUND, decided_at=NOW + SECOND, sid="sid-1")
SESSION = Session(
    sid="sid-1", digest="d", sub="ann", auth_time=NOW + SECOND, amr=("pwd",), acr=ACR_PASSWORD,
    created_at=NOW + SECOND, seen_at=NOW, ip="", user_agent="",
)  # fmt: skip


def test_how_far_it_is() -> None:
    at = NOW + SECOND
    assert state_of(NEW, "mine", at) is State.WAITING
    assert state_of(FOUND, "mine", at) is State.FOUND
    assert state_of(ALLOWED, "mine", at) is State.ALLOWED
    assert state_of(replace(ALLOWED, sid=None), "mine", at) is State.DENIED
    assert state_of(replace(ALLOWED, spent_at=at), "mine", at) is State.OVER


def test_another_browser_learns_nothing() -> None:
    """decisions/0084: neither of one that waits nor of one that was allowed."""
    for one in (None, NEW, FOUND, ALLOWED, replace(ALLOWED, sid=None)):
        assert state_of(one, "other", NOW) is State.OVER


def test_it_is_over_in_time() -> None:
    """What was allowed in the last moment may still be fetched, for a minute."""
    for one in (NEW, FOUND):
        assert state_of(one, "mine", one.expires_at - SECOND) is not State.OVER
        assert state_of(one, "mine", one.expires_at) is State.OVER
    assert state_of(ALLOWED, "mine", ALLOWED.expires_at) is State.ALLOWED
    assert state_of(ALLOWED, "mine", fetched_until(ALLOWED)) is State.OVER


def test_who_found_it_decides_and_nobody_else() -> None:
    assert is_asked(FOUND, "ann", NOW)
    assert not is_asked(FOUND, "bob", NOW)
    assert not is_asked(NEW, "ann", NOW)
    assert not is_asked(None, "ann", NOW)
    assert not is_asked(ALLOWED, "ann", NOW)
    assert not is_asked(FOUND, "ann", FOUND.expires_at)


def test_a_sign_in_of_before_proves_nothing() -> None:
    """OIDCC-3.1.2.1, RFC9470-3: since the code was shown, and as much as they can."""
    assert is_proved(FOUND, SESSION, has_second_factor=False)
    assert not is_proved(FOUND, SESSION, has_second_factor=True)
    assert is_proved(FOUND, replace(SESSION, acr=ACR_MFA), has_second_factor=True)
    before = replace(SESSION, auth_time=NOW - SECOND, acr=ACR_MFA)
    assert not is_proved(FOUND, before, has_second_factor=True)
    assert not is_proved(FOUND, before, has_second_factor=False)


def test_the_number_is_of_two_digits_and_typed_in_whatever_script() -> None:
    drawn = {draw_number(str(n)) for n in range(2000)}
    assert drawn == {str(n) for n in range(10, 100)}
    for typed in ("42", " 4 2 ", "٤٢", "४२"):
        assert is_number(FOUND, typed)
    for typed in ("", "4", "24", "142", "forty-two", "42 or 43", "⁴²"):
        assert not is_number(FOUND, typed)
    assert not is_number(NEW, "")


_IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
_ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9{wv}) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    "agent",
    [
        f"{_ANDROID.format(wv='; wv')} Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36",
        f"{_IOS} Mobile/15E148",
        f"{_IOS} Version/18.0 Mobile/15E148 Safari/604.1 [FBAN/FBIOS;FBAV/400.0]",
        f"{_IOS} Mobile/15E148 Instagram 300.0.0",
        "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 Version/6.0 TV Safari/537.36",
        "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/87.0.4280.88 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 9; AFTMM) AppleWebKit/537.36 Chrome/120.0 Safari/537.36",
        "Mozilla/5.0 (PlayStation; PlayStation 5/8.20) AppleWebKit/605.1.15 Version/15.4 Safari",
    ],
)
def test_windows_of_applications_and_televisions_are_known(agent: str) -> None:
    """UX-L13."""
    assert is_confined(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "",
        f"{_ANDROID.format(wv='')} Chrome/140.0.0.0 Mobile Safari/537.36",
        f"{_IOS} Version/18.0 Mobile/15E148 Safari/604.1",
        f"{_IOS} CriOS/140.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140 Safari/537 Edg/1",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/18 Safari/605",
    ],
)
def test_and_other_browsers_are_not_taken_for_them(agent: str) -> None:
    assert not is_confined(agent)
