"""UX-X42: what there is an alert about, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keycell.accounts.alerts import (
    ACTIONS,
    COUNTING,
    LOOKING,
    UNITS,
    Alert,
    Rule,
    check_alert,
    counts,
    defaults,
    gives_office,
    is_new_network,
    is_trouble,
    sub_of,
    takes_factor,
)
from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import Invalid

NOW = datetime(2026, 11, 28, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
EVENT = AuditEvent(at=NOW, actor="sub", action="session.started", origin=Origin("192.0.2.7"))
RULES = {one.rule: one for one in defaults(NOW)}


def test_what_nobody_set_can_be_and_tells_of_grants() -> None:
    assert set(RULES) == set(Rule) == set(UNITS)
    for one in RULES.values():
        check_alert(one)
        assert ACTIONS[one.rule] == f"alert.{one.rule}"
    off = {rule for rule, one in RULES.items() if not one.is_on}
    assert off == {Rule.NETWORK, Rule.BACKUP}
    assert set(COUNTING).isdisjoint(LOOKING)


@pytest.mark.parametrize(
    "bad",
    [
        {"most": 0}, {"most": 10_001}, {"within": 0}, {"within": 61}, {"quiet": 5},
        {"quiet": 10_081}, {"told": ("x",) * 51},
    ],
)  # fmt: skip
def test_what_no_rule_can_be_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(Invalid, match=next(iter(bad))):
        check_alert(replace(RULES[Rule.REFUSALS], **bad))  # type: ignore[arg-type]


def test_only_what_failed_is_counted() -> None:
    refused = replace(EVENT, action="session.refused", result="refused")
    assert counts(RULES[Rule.REFUSALS], refused)
    assert counts(RULES[Rule.GUESSING], replace(refused, action="factor.refused"))
    assert not counts(RULES[Rule.UNDELIVERED], refused)
    told = replace(EVENT, action="client.told_of_logout")
    assert not counts(RULES[Rule.UNDELIVERED], told)
    assert counts(RULES[Rule.UNDELIVERED], replace(told, result="failed"))
    assert not counts(RULES[Rule.OFFICE], refused)


def test_an_office_is_given_by_a_change_and_a_factor_taken() -> None:
    changed = replace(EVENT, action="account.changed", target="ann")
    given = replace(changed, detail={"sub": "a", "changes": {"is_admin": [False, True]}})
    assert gives_office(given)
    assert sub_of(given) == "a"
    assert not gives_office(changed)
    assert not gives_office(replace(given, detail={"changes": {"is_admin": [True, False]}}))
    assert not gives_office(replace(given, detail={"changes": {"name": ["A", "B"]}}))
    removed = replace(EVENT, action="factor.removed", target="a")
    assert takes_factor(removed)
    assert sub_of(removed) == "a"
    assert not takes_factor(given)


def test_a_network_is_new_where_others_are_known() -> None:
    """No place is told: nobody here knows where an address is."""
    before = [replace(EVENT, origin=Origin(ip)) for ip in ("192.0.2.9", "2001:db8::1", "")]
    assert not is_new_network(EVENT, before)
    assert not is_new_network(replace(EVENT, origin=Origin("2001:db8::ffff")), before)
    assert is_new_network(replace(EVENT, origin=Origin("198.51.100.7")), before)
    assert not is_new_network(EVENT, [])
    assert not is_new_network(replace(EVENT, origin=Origin("")), before)


def alert(rule: Rule) -> Alert:
    return RULES[rule]


@pytest.mark.parametrize(
    ("rule", "at", "is_bad"),
    [
        (Rule.LETTERS, None, False),
        (Rule.LETTERS, NOW - 59 * MINUTE, False),
        (Rule.LETTERS, NOW - 60 * MINUTE, True),
        (Rule.CERTIFICATE, None, False),
        (Rule.CERTIFICATE, NOW + 15 * DAY, False),
        (Rule.CERTIFICATE, NOW + 14 * DAY, True),
        (Rule.CERTIFICATE, NOW - DAY, True),
        (Rule.BACKUP, NOW - 6 * DAY, False),
        (Rule.BACKUP, NOW - 7 * DAY, True),
        # Who never made one has as long from when the rule was turned on.
        (Rule.BACKUP, None, False),
    ],
)
def test_how_the_server_stands_is_judged(rule: Rule, at: datetime | None, is_bad: bool) -> None:  # noqa: FBT001
    assert is_trouble(alert(rule), at, NOW) is is_bad
    assert is_trouble(alert(Rule.BACKUP), None, NOW + 7 * DAY)
