"""What people type for a place."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.client.paths import (
    BadPlace,
    RemotePath,
    common_profile,
    read_place,
    read_remote,
)

NAMES = st.text(
    st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters="/"), min_size=1
).filter(lambda name: name not in (".", ".."))
PROFILES = st.text(string.ascii_letters + string.digits, min_size=2, max_size=10)


@pytest.mark.parametrize(
    ("typed", "profile", "path"),
    [
        (":personal-files/a.txt", "", "personal-files/a.txt"),
        ("work:team/a b", "work", "team/a b"),
        ("work:", "work", ""),
        (":", "", ""),
        (":/team//./x/", "", "team/x"),
        (":team/a:b", "", "team/a:b"),
        ("cells://team/x", "", "team/x"),
        ("cells//team/x", "", "team/x"),
        ("ann@id.example.org:team", "ann@id.example.org", "team"),
    ],
)
def test_a_place_on_a_server(typed: str, profile: str, path: str) -> None:
    found = read_place(typed)
    assert found is not None
    assert (found.profile, found.path) == (profile, path)
    assert read_remote(typed) == found


@pytest.mark.parametrize("typed", ["a.txt", "./a:b", "/tmp/a:b", "C:\\x", "c:/x", "dir/a:b", ""])
def test_a_local_path(typed: str) -> None:
    assert read_place(typed) is None


def test_where_only_the_server_can_be_meant_the_colon_may_be_left_out() -> None:
    assert read_remote("team/a.txt") == RemotePath("", ("team", "a.txt"))
    assert read_remote("team/a:b") == RemotePath("", ("team", "a:b"))


def test_a_single_letter_is_a_drive_not_a_profile() -> None:
    with pytest.raises(BadPlace, match="two characters"):
        read_remote("c:team/x")


@pytest.mark.parametrize("typed", [":team/../x", ":team/\n", "we?rd:x", "cells://a/../b"])
def test_what_cannot_be_meant(typed: str) -> None:
    with pytest.raises(BadPlace) as refused:
        read_place(typed)
    assert refused.value.hint


def test_paths_of_two_profiles_are_not_for_one_call() -> None:
    one, other = RemotePath("", ("a",)), RemotePath("work", ("a",))
    assert common_profile([one, one]) == ""
    with pytest.raises(BadPlace, match="default, work"):
        common_profile([one, other])


@given(PROFILES, st.lists(NAMES))
def test_a_path_is_read_as_it_is_written(profile: str, names: list[str]) -> None:
    path = RemotePath(profile, tuple(names))
    found = read_place(str(path))
    assert found is not None
    assert (found.profile, found.names) == (profile, path.names)
    assert read_remote(str(path)) == found
    child = path.child("x")
    assert (child.name, child.parent.names) == ("x", path.names)


@given(st.text())
def test_whatever_is_typed_is_a_place_or_refused(typed: str) -> None:
    try:
        found = read_place(typed)
    except BadPlace:
        return
    assert found is None or not {"", ".", ".."} & {*found.names}
