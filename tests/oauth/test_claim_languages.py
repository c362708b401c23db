"""OIDCC-5.2: claims in the languages that are asked for."""

import pytest

from keycell.accounts.errors import Invalid
from keycell.accounts.people import MOST_TAGGED, check_claims
from keycell.oauth.claim_languages import MOST_LOCALES, in_languages, is_tagged, read_locales
from keycell.oauth.claims import read_claims_request, userinfo_claims

PERSON = {
    "name": "Hanako", "name#ja": "花子", "family_name": "Yamada",
    "family_name#ja-Kana-JP": "ヤマダ", "family_name#fr": "Yamada-san",
}  # fmt: skip


def test_languages_come_of_claims_locales_and_of_tags() -> None:
    """OIDCC-5.2, OIDCC-3.1.2.1: what is no tag is not heard, and one time is enough."""
    assert read_locales("fr-CA fr fr en_US \N{SNOWMAN}", ("name#JA", "email")) == (
        "fr-ca", "fr", "ja",
    )  # fmt: skip
    many = " ".join(f"aa-{number}" for number in range(100))
    assert len(read_locales(many, ())) == MOST_LOCALES
    assert read_locales(None, ()) == ()


def test_a_tag_is_asked_for_in_any_case_and_with_those_below_it() -> None:
    """RFC4647-3.3.1."""
    assert in_languages(PERSON, ("family_name",), ("ja",)) == {"family_name#ja-Kana-JP": "ヤマダ"}
    assert in_languages(PERSON, ("name", "family_name"), ("j",)) == {}
    assert in_languages(PERSON, ("email",), ("ja",)) == {}


def test_a_claim_in_a_language_is_allowed_as_the_claim_is() -> None:
    """OIDCC-5.2, OIDCC-5.5: and it is told without its tag too."""
    asked = read_claims_request('{"userinfo": {"family_name#ja-Kana-JP": null, "x#ja": null}}')
    assert asked.userinfo == {"family_name"}
    told = userinfo_claims("ann", PERSON, frozenset({"openid"}), asked.userinfo, asked.locales)
    assert told == {
        "sub": "ann", "family_name": "Yamada", "family_name#ja-Kana-JP": "ヤマダ",
    }  # fmt: skip
    assert read_claims_request(None, "fr").locales == ("fr",)


def test_people_have_what_may_differ_by_language_with_tags() -> None:
    """OIDCC-5.2: of the same form as without."""
    assert is_tagged("given_name#fr")
    for name in ("email#fr", "given_name#", "given_name", "given_name#f_r", "birthdate#fr"):
        assert not is_tagged(name), name
    kept = {"given_name#fr": "Anne", "website#fr": "https://fr.example", "name#ja": "花子"}
    assert check_claims(kept) == kept
    many = {f"nickname#aa-{number}": "x" for number in range(MOST_TAGGED + 1)}
    for refused in ({"website#fr": "no"}, {"email#fr": "a@b.example"}, many):
        with pytest.raises(Invalid):
            check_claims(refused)
