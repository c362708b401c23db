"""Who waits, and for how long. decisions/0015."""

from datetime import UTC, datetime, timedelta

import pytest

from keycell.accounts.errors import Throttled
from keycell.accounts.throttle import (
    FACTOR_EVERYWHERE,
    LOGIN,
    NETWORK,
    PAIR,
    PAIR_UNDER_ATTACK,
    Counter,
    Limit,
    network_of,
    pair_limit,
    take,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_so_many_are_free_and_then_the_wait_doubles() -> None:
    """decisions/0015."""
    counter, now, waits = None, NOW, []
    for _ in range(PAIR.free + 8):
        counter = take(counter, PAIR, now)
        waits.append(max(0, (counter.wait_until - now).total_seconds()))
        now = max(now, counter.wait_until)
    assert waits[: PAIR.free - 1] == [0] * (PAIR.free - 1)
    assert waits[PAIR.free - 1 : PAIR.free + 3] == [15, 30, 60, 120]
    assert max(waits) == PAIR.longest_wait.total_seconds()


def test_whoever_must_wait_is_told_how_long() -> None:
    """UX-L10."""
    waiting = Counter(9, NOW + timedelta(seconds=20.2), NOW + timedelta(hours=1))
    with pytest.raises(Throttled) as refused:
        take(waiting, PAIR, NOW)
    assert refused.value.wait == 21
    assert take(waiting, PAIR, NOW + timedelta(seconds=21)).count == 10


def test_failures_are_forgotten() -> None:
    old = Counter(50, NOW, NOW)
    assert take(old, PAIR, NOW).count == 1


@pytest.mark.parametrize("limit", [PAIR, PAIR_UNDER_ATTACK, LOGIN, NETWORK, FACTOR_EVERYWHERE])
def test_no_wait_outlasts_a_clock_that_is_set_back(limit: Limit) -> None:
    """decisions/0015: nobody waits longer than the longest, and who need not wait never does."""
    back = NOW - timedelta(days=400)
    counter = None
    for number in range(1, limit.free):
        counter = take(counter, limit, NOW)
        assert take(counter, limit, NOW - timedelta(minutes=5)).count == number + 1
    while counter is None or counter.wait_until < NOW + limit.longest_wait:
        counter = take(counter, limit, max(NOW, counter.wait_until) if counter else NOW)
    heard = take(counter, limit, back)
    assert heard.count == counter.count + 1
    if limit.longest_wait:
        with pytest.raises(Throttled):
            take(heard, limit, back)
    assert take(heard, limit, heard.forgotten_at).count == 1
    assert heard.forgotten_at == back + limit.forget_after


def test_a_count_over_all_networks_makes_nobody_wait() -> None:
    """ATTACKS: a stranger locks nobody out."""
    counter = None
    for _ in range(1000):
        counter = take(counter, LOGIN, NOW)
    assert counter is not None
    assert counter.wait_until <= NOW


def test_while_many_networks_fail_on_a_login_one_attempt_is_free() -> None:
    """decisions/0015."""
    assert pair_limit(LOGIN.free - 1) is PAIR
    limit = pair_limit(LOGIN.free)
    counter = take(None, limit, NOW)
    with pytest.raises(Throttled):
        take(counter, limit, NOW)


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"), ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("unix", "unix"), ("", ""),
    ],
)  # fmt: skip
def test_a_network_is_what_one_person_may_have_many_of(ip: str, network: str) -> None:
    assert network_of(ip) == network
