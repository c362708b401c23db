"""Names that one side cannot hold."""

import pytest

from keycell.sync.names import NameRules, key_of, refusal_of_server


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "/etc/passwd", "a\0b"])
def test_no_name_of_the_server_leads_elsewhere(name: str) -> None:
    assert "elsewhere" in NameRules().refusal_of_disk(name)


@pytest.mark.parametrize("name", ["a", "..a", "a..", ".hidden", "é", "con", "a:b"])
def test_other_names_are_taken(name: str) -> None:
    assert NameRules().refusal_of_disk(name) == ""


@pytest.mark.parametrize("name", ["con", "LPT1.txt", "a.", "a ", "a:b", "a?"])
def test_windows_takes_fewer(name: str) -> None:
    assert NameRules(is_windows=True).refusal_of_disk(name) != ""


@pytest.mark.parametrize("name", ["a\nb", "\udcff", "x" * 256, "recycle_bin"])
def test_the_server_refuses_some_too(name: str) -> None:
    assert refusal_of_server(name, is_at_top=True) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("A.TXT", "a.txt"), ("\u00c9t\u00e9", "e\u0301te\u0301"), ("STRASSE", "stra\u00dfe"),
     ("K", "\u212a"), ("[\\]^_`Z", "[\\]^_`z")],
)  # fmt: skip
def test_names_that_differ_by_case_or_form_alone_share_a_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other) == key_of(key_of(one))
    assert key_of(one) != key_of(f"{other}x")
