"""RFC8693: who acts, as a token says it, and the rule that lets them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.access_rules import AccessRule, Member
from keycell.oauth.acting import (
    MOST_APPLICATIONS,
    NOBODY,
    ActingRule,
    check_acting,
    check_application,
    check_may_act,
    check_person,
    check_subject,
)
from keycell.oauth.actors import MOST_ACTORS, ActingParty, act_json, lengthened, read_act
from keycell.oauth.errors import InvalidRequest

ANN = Member(sub="ann", groups=("/lab",), roles=())
BOT = ActingParty("bot", "bot")
ACTORS = st.builds(ActingParty, st.text(min_size=1), st.text(min_size=1))


@given(st.lists(ACTORS, max_size=MOST_ACTORS).map(tuple))
def test_a_chain_is_read_as_it_was_written(act: tuple[ActingParty, ...]) -> None:
    """RFC8693-4.1."""
    assert read_act(act_json(act) or None) == act


def test_who_acts_now_is_outermost() -> None:
    """RFC8693-4.1."""
    assert act_json(lengthened(ActingParty("b", "b"), (ActingParty("a", "app"),))) == {
        "sub": "b", "client_id": "b", "act": {"sub": "a", "client_id": "app"},
    }  # fmt: skip


def test_a_chain_has_an_end() -> None:
    """RFC8693-4.1."""
    longest = (BOT,) * (MOST_ACTORS - 1)
    assert len(lengthened(BOT, longest)) == MOST_ACTORS
    with pytest.raises(InvalidRequest, match="one after another"):
        lengthened(BOT, (BOT, *longest))
    without_end: dict[str, object] = {"sub": "a", "client_id": "a"}
    without_end["act"] = without_end
    assert len(read_act(without_end)) == MOST_ACTORS


def test_nobody_acts_unless_it_is_said() -> None:
    """RFC8693-1.1."""
    with pytest.raises(InvalidRequest, match="application may not"):
        check_application(NOBODY, "bot")
    for rule in (NOBODY, ActingRule(actors=AccessRule(people=("bob",)))):
        with pytest.raises(InvalidRequest, match="person may not"):
            check_person(rule, ANN)
    check_application(ActingRule(applications=("bot",)), "bot")
    check_person(ActingRule(actors=AccessRule(groups=("/lab",))), ANN)


def test_an_administrator_is_acted_for_by_name_alone() -> None:
    """RFC8693-5."""
    in_lab = ActingRule(subjects=AccessRule(groups=("/lab",)))
    check_subject(NOBODY, ANN, is_admin=False)
    check_subject(in_lab, ANN, is_admin=False)
    check_subject(ActingRule(subjects=AccessRule(people=("ann",))), ANN, is_admin=True)
    elsewhere = ActingRule(subjects=AccessRule(groups=("/other",)))
    for rule, is_admin in ((elsewhere, False), (NOBODY, True), (in_lab, True)):
        with pytest.raises(InvalidRequest, match="nobody may act for"):
            check_subject(rule, ANN, is_admin=is_admin)


def test_a_subject_token_may_say_who_acts() -> None:
    """RFC8693-4.4."""
    check_may_act("", BOT)
    check_may_act("bot", BOT)
    for actor in (
        ActingParty("other", "other"),
        ActingParty("bob", "bot"),
        ActingParty("bot", "other"),
    ):
        with pytest.raises(InvalidRequest, match="may_act"):
            check_may_act("bot", actor)


def test_a_rule_is_kept_in_order_and_has_an_end() -> None:
    """RFC8693-1.1."""
    kept = check_acting(ActingRule(may_act="a"), ("b", "a", "b"))
    assert kept == ActingRule(applications=("a", "b"), may_act="a")
    with pytest.raises(InvalidRequest, match="at most"):
        check_acting(NOBODY, ("a",) * (MOST_APPLICATIONS + 1))
