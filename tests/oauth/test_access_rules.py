"""Who may use a client, as a rule without a world. RFC6749-4.1.2.1, RFC6749-5.2."""

from dataclasses import replace

import pytest

from keycell.oauth.access_rules import (
    EVERYBODY,
    MOST_NAMED,
    AccessRule,
    Member,
    WhyNot,
    check_rule,
    why_not,
)
from keycell.oauth.claims import ACR_MFA, ACR_PASSWORD
from keycell.oauth.errors import InvalidRequest

ANN = Member(sub="ann", groups=("/lab", "/lab/team"), roles=("editor",))


@pytest.mark.parametrize(
    "rule",
    [
        EVERYBODY,
        AccessRule(people=("bob", "ann")),
        AccessRule(groups=("/lab",)),
        AccessRule(groups=("/lab/team",)),
        AccessRule(groups=("/",)),
        AccessRule(roles=("editor", "reader")),
        AccessRule(people=("bob",), roles=("editor",)),
    ],
)
def test_whoever_is_named_in_any_way_may(rule: AccessRule) -> None:
    assert why_not(rule, ANN, ACR_PASSWORD) is None


@pytest.mark.parametrize(
    "rule",
    [
        AccessRule(people=("bob",)),
        AccessRule(groups=("/lab/team/inner", "/la", "/lab/te")),
        AccessRule(roles=("edit",)),
        AccessRule(people=("bob",), acr=ACR_MFA),
    ],
)
def test_nobody_else_may(rule: AccessRule) -> None:
    assert why_not(rule, ANN, ACR_MFA) is WhyNot.NOT_NAMED


def test_a_sign_in_must_reach_what_is_wanted() -> None:
    """OIDCC-2."""
    rule = AccessRule(acr=ACR_MFA)
    assert why_not(rule, ANN, ACR_PASSWORD) is WhyNot.ACR
    assert why_not(rule, ANN, "") is WhyNot.ACR
    assert why_not(rule, ANN, ACR_MFA) is None
    assert why_not(rule, ANN, None) is None
    assert why_not(replace(rule, acr=ACR_PASSWORD), ANN, ACR_MFA) is None


@pytest.mark.parametrize(
    ("ip", "is_in"),
    [
        ("192.0.2.1", True),
        ("192.0.2.255", True),
        ("::ffff:192.0.2.9", True),
        ("2001:db8:1::7", True),
        ("203.0.113.5", True),
        ("fe80::1%eth0", True),
        (None, True),
        ("192.0.3.1", False),
        ("2001:db9::1", False),
        ("203.0.113.6", False),
        ("", False),
        ("unix:", False),
        ("192.0.2.1, 192.0.2.2", False),
        ("0300.0.2.1", False),
    ],
)
def test_a_browser_must_be_in_a_network(ip: str | None, is_in: bool) -> None:  # noqa: FBT001
    """UX-X09: by whichever form of its address; what is no address is in none."""
    named = ("203.0.113.5", "192.0.2.0/24", "2001:db8::/32", " fe80::/10")
    rule = check_rule(AccessRule(networks=named))
    assert rule.networks == ("192.0.2.0/24", "2001:db8::/32", "203.0.113.5/32", "fe80::/10")
    assert (why_not(rule, ANN, ACR_MFA, ip) is None) == is_in
    assert why_not(AccessRule(), ANN, ACR_MFA, ip) is None


def test_who_is_not_named_hears_that_first() -> None:
    """Another network would not help them."""
    rule = AccessRule(people=("bob",), networks=("192.0.2.0/24",), acr=ACR_MFA)
    assert why_not(rule, ANN, ACR_PASSWORD, "203.0.113.5") is WhyNot.NOT_NAMED
    rule = replace(rule, people=())
    assert why_not(rule, ANN, ACR_PASSWORD, "203.0.113.5") is WhyNot.NETWORK
    assert why_not(rule, ANN, ACR_PASSWORD, "192.0.2.1") is WhyNot.ACR


def test_a_rule_is_kept_in_one_form() -> None:
    rule = check_rule(AccessRule(people=("b", "a", "b"), groups=("/b", "/a"), roles=("x", "x")))
    assert rule == AccessRule(people=("a", "b"), groups=("/a", "/b"), roles=("x",))


@pytest.mark.parametrize(
    "rule",
    [
        AccessRule(people=tuple(str(number) for number in range(MOST_NAMED + 1))),
        AccessRule(roles=("",)),
        AccessRule(groups=("/" + "a" * 500,)),
        AccessRule(acr="urn:unknown"),
        AccessRule(networks=("192.0.2.1/24",)),
        AccessRule(networks=("example.org",)),
        AccessRule(networks=("",)),
        AccessRule(networks=("10.0.0.0/33",)),
        AccessRule(networks=tuple(f"10.0.0.{number}" for number in range(MOST_NAMED + 1))),
    ],
)
def test_what_cannot_be_a_rule_is_refused(rule: AccessRule) -> None:
    with pytest.raises(InvalidRequest):
        check_rule(rule)
