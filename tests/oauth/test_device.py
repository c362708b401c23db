"""What a device is given, and what becomes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.clients import Client, ClientMetadata
from keycell.oauth.device import (
    USER_CODE_ALPHABET,
    DeviceAuthorization,
    format_device_code,
    format_user_code,
    make_user_code,
    read_device_code,
    read_device_request,
    read_user_code,
)
from keycell.oauth.errors import (
    AccessDenied,
    ExpiredToken,
    InvalidGrant,
    InvalidRequest,
    UnauthorizedClient,
)
from keycell.oauth.token import DEVICE_CODE
from keycell.oauth.waiting import (
    EARLY,
    INTERVAL,
    Allowed,
    Undecided,
    fetched_until,
    next_interval,
    redeem,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CODE = format_device_code("d" * 22, "s" * 43)
PRESENTED = read_device_code(CODE)
DEVICE = DeviceAuthorization(
    device_id="d" * 22, digest=PRESENTED.digest, user_code="kept", client_id="app",
    scope=frozenset({"openid"}), audience=("https://id.example",), details=(),
    code_challenge=None, device_name="", ip="192.0.2.1", user_agent="", created_at=NOW,
    expires_at=NOW + timedelta(minutes=10),
)  # fmt: skip
CLIENT = Client(
    client_id="app", came_by="rest", created_at=NOW,
    metadata=ClientMetadata(grant_types=(DEVICE_CODE, "refresh_token")),
)  # fmt: skip


@given(st.text(min_size=1))
def test_a_user_code_is_read_however_it_is_typed(secret: str) -> None:
    """RFC8628-6.1."""
    code = make_user_code(secret)
    shown = format_user_code(code)
    assert len(shown) == 9
    assert set(code) <= set(USER_CODE_ALPHABET)
    for typed in (shown, code, shown.lower(), f" {shown.replace('-', ' ')} "):
        assert read_user_code(typed) == code


@given(st.text())
def test_what_is_no_user_code_is_none(typed: str) -> None:
    """RFC8628-6.1."""
    code = read_user_code(typed)
    assert code is None or (len(code) == 8 and set(code) <= set(USER_CODE_ALPHABET))


def test_user_codes_use_every_letter_everywhere() -> None:
    """RFC8628-6.1: no letter is drawn more often than the others by much."""
    codes = [make_user_code(str(number)) for number in range(4000)]
    for position in range(8):
        counts = [sum(code[position] == c for code in codes) for c in USER_CODE_ALPHABET]
        assert min(counts) > 140, counts
        assert max(counts) < 260, counts


def test_a_device_waits_until_somebody_decides() -> None:
    """RFC8628-3.5."""
    assert redeem(DEVICE, PRESENTED, "app", NOW) == Undecided()
    allowed = replace(DEVICE, decided_at=NOW, grant_id="grant")
    assert redeem(allowed, PRESENTED, "app", NOW) == Allowed("grant")
    with pytest.raises(AccessDenied):
        redeem(replace(DEVICE, decided_at=NOW), PRESENTED, "app", NOW)


def test_what_is_allowed_in_the_last_moment_may_still_be_fetched() -> None:
    """RFC8628-3.5."""
    allowed = replace(DEVICE, decided_at=DEVICE.expires_at, grant_id="grant")
    late = DEVICE.expires_at + timedelta(seconds=20)
    assert redeem(allowed, PRESENTED, "app", late) == Allowed("grant")
    with pytest.raises(ExpiredToken):
        redeem(allowed, PRESENTED, "app", fetched_until(allowed))
    with pytest.raises(ExpiredToken):
        redeem(DEVICE, PRESENTED, "app", DEVICE.expires_at)


@pytest.mark.parametrize("code", ["", "kcd_", "kcc_" + "a" * 22 + "." + "b" * 43, CODE + "\n"])
def test_the_form_of_a_device_code_is_held_to(code: str) -> None:
    """RFC8628-3.4."""
    with pytest.raises(InvalidGrant):
        read_device_code(code)


def test_anothers_device_code_is_as_good_as_none() -> None:
    """RFC8628-3.4."""
    denied = replace(DEVICE, decided_at=NOW)
    guessed = read_device_code(format_device_code("d" * 22, "t" * 43))
    for device, presented, client_id in (
        (None, PRESENTED, "app"), (denied, guessed, "app"), (denied, PRESENTED, "other"),
    ):  # fmt: skip
        with pytest.raises(InvalidGrant):
            redeem(device, presented, client_id, NOW)


def test_who_polls_too_fast_waits_longer_from_there_on() -> None:
    """RFC8628-3.5."""
    assert next_interval(DEVICE, NOW) == INTERVAL
    polled = replace(DEVICE, polled_at=NOW)
    assert next_interval(polled, NOW + INTERVAL - EARLY) == INTERVAL
    hasty = NOW + INTERVAL - EARLY - timedelta(microseconds=1)
    assert next_interval(polled, hasty) == 2 * INTERVAL
    grown = replace(polled, interval=2 * INTERVAL)
    assert next_interval(grown, NOW + INTERVAL) == 3 * INTERVAL


def test_a_request_is_checked_like_any_other() -> None:
    """RFC8628-3.1, RFC9396-4, RFC8707-2."""
    pairs = [
        ("client_id", "app"), ("scope", "openid files.read admin unknown offline_access"),
        ("device_name", " Ann's laptop "), ("code_challenge", "c" * 43),
        ("code_challenge_method", "S256"), ("resource", "https://id.example"),
        ("authorization_details", '[{"type":"files","actions":["read"],"space":"team"}]'),
    ]  # fmt: skip
    request = read_device_request(pairs, CLIENT, "https://id.example")
    assert request.scope == {"openid", "files.read", "offline_access"}
    assert request.device_name == "Ann's laptop"
    assert request.code_challenge == "c" * 43
    assert request.audience == ("https://id.example",)
    assert [one.space for one in request.details] == ["team"]


def test_who_is_asked_to_sign_in_again_is_said_by_prompt() -> None:
    """RFC8628-3.1, OIDCC-3.1.2.1."""
    said = read_device_request([("prompt", "login")], CLIENT, "https://id.example")
    assert said.is_again
    assert not read_device_request([], CLIENT, "https://id.example").is_again
    with pytest.raises(InvalidRequest, match="prompt"):
        read_device_request([("prompt", "none")], CLIENT, "https://id.example")


@pytest.mark.parametrize("name", ["x" * 101, "a\u202eb", "a\ud800b"])
def test_a_name_that_would_mislead_is_refused(name: str) -> None:
    """RFC8628-5.4."""
    with pytest.raises(InvalidRequest, match="device_name"):
        read_device_request([("device_name", name)], CLIENT, "https://id.example")


def test_a_client_must_have_registered_the_grant() -> None:
    """RFC8628-3.1."""
    with pytest.raises(UnauthorizedClient, match="device_code"):
        read_device_request([], replace(CLIENT, metadata=ClientMetadata()), "https://id.example")
