"""How long a person lets a client have what they allow it: the decisions, without a store."""

from dataclasses import replace

import pytest

from keycell.oauth.errors import InvalidGrant
from keycell.oauth.interaction import Answer, Consent
from keycell.oauth.scope import wants_offline
from keycell.oauth.terms import (
    SOME_DAYS,
    UNTIL_REVOKED,
    Lasting,
    Term,
    asks_term,
    earliest,
    latest,
    limited,
    term_of,
    told_term,
)

from .test_grants import GRANT, NOW, OLDER, SECOND, SECOND_TOKEN, redeem, refresh
from .test_interaction import ALL, CLIENT, ask, signed_in, step

ASKED = replace(GRANT, scope=frozenset({"openid", "offline_access", "offline", "device_sso"}))
ENDS = NOW + 30 * SECOND


@pytest.mark.parametrize(
    ("chosen", "term"),
    [
        (None, UNTIL_REVOKED), ("until-revoked", UNTIL_REVOKED), ("once", Term(is_once=True)),
        ("30-days", Term(NOW + SOME_DAYS)), ("", Term(is_once=True)),
        ("forever and a day", Term(is_once=True)),
    ],
)  # fmt: skip
def test_what_is_no_choice_is_taken_for_the_shortest(chosen: str | None, term: Term) -> None:
    """UX-C07."""
    assert term_of(CLIENT, chosen, NOW) == term


def test_of_an_application_of_ours_nobody_says_how_long() -> None:
    """UX-C07."""
    ours = replace(CLIENT, is_first_party=True)
    assert not asks_term(ours)
    assert {term_of(ours, one, NOW) for one in Lasting} == {UNTIL_REVOKED}


def test_what_is_allowed_once_has_no_refresh_token_and_ends_with_its_access_token() -> None:
    """RFC6749-3.3, OIDCC-11, UX-C07."""
    once = limited(ASKED, Term(is_once=True))
    assert once.scope == {"openid"}
    assert not wants_offline(once.scope)
    assert once.ends_at == ASKED.expires_at


def test_what_is_allowed_for_days_keeps_what_was_asked_and_ends_by_then() -> None:
    """UX-C07."""
    assert limited(ASKED, Term(ENDS)) == replace(ASKED, ends_at=ENDS, expires_at=ENDS)
    late = Term(ASKED.expires_at + SECOND)
    assert limited(ASKED, late) == replace(ASKED, ends_at=late.ends_at)
    assert limited(ASKED, UNTIL_REVOKED) == ASKED


def test_neither_code_nor_refresh_token_buys_anything_when_the_time_is_over() -> None:
    """RFC6749-5.2, UX-C07."""
    for_a_while = replace(GRANT, ends_at=ENDS)
    before = ENDS - SECOND
    assert redeem(for_a_while, now=before)
    assert refresh(SECOND_TOKEN, for_a_while, before)
    for buys in (
        lambda: refresh(SECOND_TOKEN, for_a_while, ENDS),
        lambda: refresh(OLDER, for_a_while, ENDS),
        lambda: redeem(for_a_while, now=ENDS),
    ):
        with pytest.raises(InvalidGrant) as refusal:
            buys()
        assert "the time for which the person allowed this" in refusal.value.description


def test_who_is_asked_nothing_gives_no_more_time_than_they_gave() -> None:
    """UX-C07."""
    given = Consent(ALL.scope, ALL.claims, ends_at=ENDS)
    assert step(ask(), signed_in(), given) == Answer(signed_in(), ENDS)
    ours = replace(CLIENT, is_first_party=True)
    assert step(ask(ours), signed_in(), given) == Answer(signed_in())


def test_what_has_no_end_is_later_than_all() -> None:
    assert latest(NOW, ENDS) == ENDS
    assert latest(None, ENDS) is None
    assert latest(ENDS, None) is None
    assert earliest(NOW, ENDS) == earliest(ENDS, NOW) == earliest(None, NOW) == NOW
    assert earliest(None, None) is None


def test_the_trail_tells_what_is_not_as_usual() -> None:
    assert told_term(UNTIL_REVOKED) == {}
    assert told_term(Term(is_once=True)) == {"lasts": "once"}
    assert told_term(Term(NOW)) == {"until": "2026-01-01 00:00"}
