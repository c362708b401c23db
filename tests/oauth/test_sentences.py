"""A sentence of a rule, in the reader's language. OIDCC-3.1.2.1."""

from keycell.oauth.sentences import in_english, phrase

ARABIC = {", ": "، ", "asked at %(places)s, %(count)s times": "%(count)s: %(places)s"}


def test_a_sentence_is_looked_up_before_it_is_filled() -> None:
    asked = phrase("asked at %(places)s, %(count)s times", places=["a", "b"], count=2)
    assert asked.told(in_english) == "asked at a, b, 2 times"
    assert asked.told(lambda template: ARABIC[template]) == "2: a، b"


def test_what_goes_into_a_field_is_never_taken_for_a_field() -> None:
    assert phrase("to %(place)s", place="%(secret)s %s").told(in_english) == "to %(secret)s %s"
