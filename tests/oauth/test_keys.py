"""Which key is published, which signs, and when they change places."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.keys import (
    KEPT_AFTER,
    PUBLISHED_AHEAD,
    ROTATED_AFTER,
    KeyRecord,
    NotPublishedLongEnough,
    plan_revocation,
    plan_rotation,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CURRENT = KeyRecord("a", "ES256", "current", NOW, activated_at=NOW)
NEXT = KeyRecord("b", "ES256", "next", NOW)
SECOND = timedelta(seconds=1)


def test_the_first_key_signs_at_once_and_has_one_to_follow_it() -> None:
    """OIDCC-10.1.1."""
    assert plan_rotation([], NOW).makes_next
    plan = plan_rotation([NEXT], NOW)
    assert plan.changed == (replace(NEXT, state="current", activated_at=NOW),)
    assert plan.makes_next
    plan = plan_rotation([CURRENT, NEXT], NOW)
    assert (plan.changed, plan.gone, plan.makes_next) == ((), (), False)


def test_a_key_changes_by_its_age() -> None:
    """OIDCC-10.1.1."""
    assert plan_rotation([CURRENT, NEXT], NOW + ROTATED_AFTER - SECOND).changed == ()
    due = NOW + ROTATED_AFTER
    plan = plan_rotation([CURRENT, NEXT], due)
    assert plan.changed == (
        replace(NEXT, state="current", activated_at=due),
        replace(CURRENT, state="previous", retired_at=due),
    )
    assert plan.makes_next


def test_no_age_makes_a_key_sign_that_nobody_can_know() -> None:
    """OIDCC-10.1.1."""
    due = NOW + ROTATED_AFTER
    young = replace(NEXT, created_at=due - PUBLISHED_AHEAD + SECOND)
    assert plan_rotation([CURRENT, young], due).changed == ()
    assert plan_rotation([CURRENT, young], due + SECOND).changed != ()


def test_a_key_that_signed_stays_published_for_a_while() -> None:
    """OIDCC-10.1.1."""
    previous = replace(CURRENT, state="previous", retired_at=NOW)
    keys = [previous, replace(CURRENT, kid="c"), NEXT]
    assert plan_rotation(keys, NOW + KEPT_AFTER - SECOND).gone == ()
    assert plan_rotation(keys, NOW + KEPT_AFTER).gone == ("a",)


def test_asked_for_it_waits_until_it_was_published_unless_it_is_urgent() -> None:
    """OIDCC-10.1.1."""
    soon = NOW + PUBLISHED_AHEAD - SECOND
    with pytest.raises(NotPublishedLongEnough) as refused:
        plan_rotation([CURRENT, NEXT], soon, is_asked=True)
    assert refused.value.ready_at == NOW + PUBLISHED_AHEAD
    assert plan_rotation([CURRENT, NEXT], NOW + PUBLISHED_AHEAD, is_asked=True).changed != ()
    assert plan_rotation([CURRENT, NEXT], soon, is_asked=True, is_urgent=True).changed != ()


def test_a_key_that_leaked_counts_for_nothing_and_the_next_one_signs_however_young() -> None:
    """OIDCC-10.1.1."""
    plan = plan_revocation([CURRENT, NEXT], "a", NOW + SECOND)
    assert plan.changed == (
        replace(CURRENT, state="revoked", retired_at=NOW + SECOND),
        replace(NEXT, state="current", activated_at=NOW + SECOND),
    )
    assert plan.makes_next
    plan = plan_revocation([CURRENT, NEXT], "b", NOW)
    assert plan.changed == (replace(NEXT, state="revoked", retired_at=NOW),)
    assert plan.makes_next
    previous = replace(CURRENT, kid="c", state="previous", retired_at=NOW)
    plan = plan_revocation([previous, CURRENT, NEXT], "c", NOW + SECOND)
    assert plan.changed == (replace(previous, state="revoked", retired_at=NOW + SECOND),)
    assert not plan.makes_next


def test_a_revoked_key_is_forgotten_after_its_time() -> None:
    """OIDCC-10.1.1."""
    revoked = replace(CURRENT, kid="c", state="revoked", retired_at=NOW)
    assert plan_rotation([revoked, CURRENT, NEXT], NOW + KEPT_AFTER - SECOND).gone == ()
    assert plan_rotation([revoked, CURRENT, NEXT], NOW + KEPT_AFTER).gone == ("c",)


def live(looks: list[timedelta]) -> Iterator[tuple[datetime, list[KeyRecord]]]:
    """Give the keys after each look at them, as if years went by."""
    now, keys, number = NOW, list[KeyRecord](), 0
    for pause in [timedelta(0), timedelta(0), *looks]:
        now += pause
        plan = plan_rotation(keys, now)
        changed = {key.kid: key for key in plan.changed}
        keys = [changed.get(key.kid, key) for key in keys if key.kid not in plan.gone]
        if plan.makes_next:
            number += 1
            keys.append(KeyRecord(str(number), "ES256", "next", now))
        yield now, keys


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=60)), max_size=40))
def test_whenever_they_are_looked_at(looks: list[timedelta]) -> None:
    """OIDCC-10.1.1: one signs, it was published ahead, and what it signed verifies."""
    for now, keys in list(live(looks))[1:]:
        assert [key.state for key in keys].count("current") == 1
        assert [key.state for key in keys].count("next") == 1
        for key in keys:
            if key.state == "current" and key.kid != "1":
                assert key.activated_at is not None
                assert key.activated_at - key.created_at >= PUBLISHED_AHEAD
            if key.state == "previous":
                assert key.retired_at is not None
                assert now - key.retired_at < KEPT_AFTER
    signed = {key.kid for _, keys in live(looks) for key in keys if key.state == "current"}
    assert len(signed) <= 1 + sum(looks, timedelta(0)) // PUBLISHED_AHEAD


def test_how_long_a_key_is_published_ahead_is_a_setting() -> None:
    """UX-X50."""
    for ahead in (timedelta(hours=1), timedelta(days=3)):
        late = NOW + ahead
        with pytest.raises(NotPublishedLongEnough):
            plan_rotation([CURRENT, NEXT], late - SECOND, is_asked=True, ahead=ahead)
        assert plan_rotation([CURRENT, NEXT], late, is_asked=True, ahead=ahead).changed
