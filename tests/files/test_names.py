"""Names that can hide or overwrite nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.files.errors import BadPath
from keycell.files.names import (
    DEEPEST,
    LONGEST_NAME,
    LONGEST_READ,
    Path,
    check_name,
    free_name,
    is_same,
    name_key,
    read_path,
    sort_key,
)

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=60
).filter(lambda name: name not in (".", "..") and len(name.encode()) <= LONGEST_NAME)


def test_a_path_is_a_slug_and_names() -> None:
    assert read_path("common-files/a dir/x.txt") == Path("common-files", ("a dir", "x.txt"))
    assert read_path("/common-files/a/") == Path("common-files", ("a",))
    assert read_path("") == read_path("/") == Path("", ())
    assert read_path("personal-files").is_space


@pytest.mark.parametrize(
    "text",
    [
        "a/../b", "a/./b", "..", "a//b", "a/b\x00c", "a/b\nc", "a/\x7f", "a/\ud800",
        "a/" + "n" * (LONGEST_NAME + 1), "a/" + "é" * 200, "a" + "/b" * (DEEPEST + 1),
        "x" * (LONGEST_READ + 1),
    ],
)  # fmt: skip
def test_a_path_that_nothing_can_have_is_refused(text: str) -> None:
    with pytest.raises(BadPath):
        read_path(text)


def test_dots_and_percent_signs_are_names_like_others() -> None:
    """A path is decoded once, by the wire; what still looks encoded is meant as it stands."""
    assert read_path("s/..%2f..").names == ("..%2f..",)
    assert read_path("s/...").names == ("...",)
    assert read_path("s/.hidden/a%00").names == (".hidden", "a%00")


def test_two_unicode_forms_are_one_name_and_two_cases_are_not() -> None:
    composed, decomposed = "é.txt", "e\u0301.txt"
    assert is_same(composed, decomposed)
    assert not is_same("A.txt", "a.txt")
    assert name_key(composed) == name_key(decomposed) == name_key("É.TXT")
    assert name_key("straße") == name_key("STRASSE")


@given(NAMES)
def test_the_key_forgets_form_and_case_alone(name: str) -> None:
    key = name_key(name)
    assert name_key(key) == key
    for form in ("NFC", "NFD"):
        assert name_key(unicodedata.normalize(form, name)) == key
    assert name_key(name.upper().lower()) == name_key(name.upper())


@given(st.lists(NAMES, min_size=1, max_size=8))
def test_what_is_read_is_what_was_written(names: list[str]) -> None:
    path = Path("space", tuple(names))
    if len(str(path).encode()) <= LONGEST_READ:
        assert read_path(str(path)) == path


def test_folders_stand_where_their_content_would() -> None:
    """The order of keys in S3 is that of whole keys, bytewise."""
    keys = ["a-b", "a.txt", "a/x", "a0"]
    assert sorted(keys) == keys
    children = [("a-b", False), ("a.txt", False), ("a", True), ("a0", False)]
    assert [sort_key(name, is_folder=folder) for name, folder in children] == sorted(
        sort_key(name, is_folder=folder) for name, folder in children
    )


def test_a_path_lies_within_another_by_whole_names() -> None:
    outer = Path("s", ("Docs",))
    assert Path("s", ("docs", "x")).is_within(outer)
    assert outer.is_within(outer)
    assert not Path("s", ("Docs2",)).is_within(outer)
    assert not Path("t", ("Docs",)).is_within(outer)


@given(NAMES, st.integers(2, 99))
def test_a_free_name_can_be_kept(name: str, number: int) -> None:
    free = free_name(name, number)
    assert check_name(free) == free
    assert name_key(free) != name_key(name)


def test_a_free_name_keeps_its_extension() -> None:
    assert free_name("a.txt", 2) == "a-2.txt"
    assert free_name("a", 2) == "a-2"
    assert free_name(".profile", 3) == ".profile-3"
