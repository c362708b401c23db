"""Which letters people may turn off: the rule, and that every letter there is has one."""

import pytest

from keycell.accounts.letters import LetterKind
from keycell.accounts.tellings import SWITCHES, TELLINGS, Always, Switch, is_wanted


def test_every_letter_says_whether_it_can_be_turned_off() -> None:
    """UX-P11."""
    assert set(TELLINGS) == set(LetterKind)
    assert set(TELLINGS.values()) == {*Switch, *Always}
    assert set(SWITCHES) == set(Switch)


@pytest.mark.parametrize("kind", LetterKind)
def test_what_is_about_ones_safety_or_was_asked_for_is_always_sent(kind: LetterKind) -> None:
    """UX-P11: nobody who broke in turns it off first."""
    everything = [one.value for one in (*Switch, *Always)]
    assert is_wanted(kind, ())
    assert is_wanted(kind, everything) is (TELLINGS[kind] in set(Always))
    others = [one.value for one in Switch if one is not TELLINGS[kind]]
    assert is_wanted(kind, others)
