"""UX-V07: which events a webhook is told, and how it is proved to be us."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import cast

import pytest

from keycell.accounts.errors import Invalid
from keycell.accounts.hooks import (
    MOST_ACTIONS,
    UNTOLD,
    Hook,
    check_hook,
    is_among,
    make_secret,
    signed_headers,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOOK = Hook(
    hook_id="h", label="SIEM", url="https://siem.example/in", actions=("client.*",), sealed="",
    since=NOW, created_at=NOW,
)  # fmt: skip
KNOWN = ("client.added", "client.refused", "session.started", UNTOLD)
Verify = Callable[..., bool]


def documented() -> Verify:
    """Give the function that the documentation has receivers write."""
    text = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    known: dict[str, object] = {}
    exec(block, known)  # noqa: S102  (our own words, and whether they are true is the test)
    return cast("Verify", known["is_from_keycell"])


@pytest.mark.parametrize(
    ("action", "patterns", "is_told"),
    [
        ("client.added", ("client.*",), True),
        ("client.added", ("session.*", "client.added"), True),
        ("client.added", ("*",), True),
        ("client.added", ("client",), False),
        ("clients.added", ("client.*",), False),
        ("clientXadded", ("client.added",), False),
        ("client.refused", ("*.refused",), True),
    ],
)
def test_a_star_stands_for_any_part(action: str, patterns: tuple[str, ...], is_told: bool) -> None:  # noqa: FBT001
    assert is_among(action, patterns) is is_told


@pytest.mark.parametrize("pattern", ["*" * 10 + "zz", "*" * 62 + "zz", "*a" * 31 + "z"])
def test_a_pattern_of_many_stars_holds_nothing_up(pattern: str) -> None:
    """Each event is held against each pattern, by the loop that answers everybody."""
    began = process_time()
    assert not is_among("account.password_changed", [pattern])
    assert not is_among("a" * 60, [pattern])
    assert process_time() - began < 0.1


def test_a_hook_is_told_what_it_chose_since_it_was_made() -> None:
    assert HOOK.wants("client.added", NOW)
    assert not HOOK.wants("session.started", NOW)
    assert not HOOK.wants("client.added", NOW - timedelta(seconds=1))
    assert not replace(HOOK, paused_at=NOW).wants("client.added", NOW)


def test_two_hooks_that_fail_do_not_tell_each_other_of_it() -> None:
    assert not replace(HOOK, actions=("*",)).wants(UNTOLD, NOW)


@pytest.mark.parametrize(
    ("label", "url", "actions"),
    [
        ("", "https://a.example/", ("client.*",)),
        ("x" * 101, "https://a.example/", ("client.*",)),
        ("a\nb", "https://a.example/", ("client.*",)),
        ("a", "http://a.example/", ("client.*",)),
        ("a", "https://u:p@a.example/", ("client.*",)),
        ("a", "https:///x", ("client.*",)),
        ("a", "ftp://a.example/", ("client.*",)),
        ("a", "https://a.example/ x", ("client.*",)),
        ("a", "https://a.example/", ()),
        ("a", "https://a.example/", ("client.*",) * (MOST_ACTIONS + 1)),
        ("a", "https://a.example/", ("acount.*",)),
        ("a", "https://a.example/", ("client.* session.*",)),
        ("a", "https://a.example/", ("",)),
    ],
)
def test_what_no_hook_can_be_is_refused(label: str, url: str, actions: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        check_hook(label, url, actions, KNOWN, allows_http=False)


def test_plain_http_is_for_those_who_list_networks() -> None:
    check_hook("a", "https://a.example/", ("*",), KNOWN, allows_http=False)
    check_hook("a", "http://127.0.0.1:9/", ("*",), KNOWN, allows_http=True)


def test_whoever_has_the_secret_knows_that_it_is_us() -> None:
    """Standard Webhooks; the receiver's side is the one of docs/webhooks.md."""
    verify, secret, former = documented(), make_secret(b"k" * 32), make_secret(b"f" * 32)
    body = b'{"action":"client.added"}'
    headers = signed_headers([secret, former], "evt_1", NOW, body)
    at = NOW.timestamp()
    assert verify(secret, headers, body, now=at)
    assert verify(former, headers, body, now=at)
    assert not verify(make_secret(b"x" * 32), headers, body, now=at)
    assert not verify(secret, headers, body + b" ", now=at)
    assert not verify(secret, {**headers, "webhook-id": "evt_2"}, body, now=at)
    assert not verify(secret, headers, body, now=at + 301)


def test_the_signature_is_the_one_of_the_standard() -> None:
    """The example of the specification's reference libraries."""
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}',
    )  # fmt: skip
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-signature"] == expected
