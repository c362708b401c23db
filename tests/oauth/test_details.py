"""Authorization details: read within limits, narrowed, never widened."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.details import (
    ALL_FILES,
    LONGEST_DETAILS,
    MOST_DETAILS,
    READING,
    WRITING,
    FilesDetail,
    covers,
    details_json,
    details_of,
    narrow_details,
    new_details,
    personal_scopes,
    read_details,
    read_personal_scopes,
    unite,
)
from keycell.oauth.errors import InvalidAuthorizationDetails, InvalidScope, InvalidTarget
from keycell.oauth.resources import own_resources, resolve_audience

BASE = "https://id.example"
PLACES = st.builds(
    FilesDetail,
    st.sampled_from([READING, WRITING]),
    st.none() | st.sampled_from(["team", "common"]),
    st.none() | st.sampled_from(["n1", "n2"]),
)


def read(*details: object) -> tuple[FilesDetail, ...]:
    return read_details(json.dumps(details), BASE)


def test_a_place_is_read_with_what_may_be_done_there() -> None:
    """RFC9396-2, RFC9396-2.2."""
    assert read_details(None, BASE) == ()
    assert read({"type": "files", "actions": ["read"], "space": "team", "locations": [BASE]}) == (
        FilesDetail(READING, "team"),
    )
    assert read({"type": "files", "actions": ["write"], "node": "n1"}) == (
        FilesDetail(WRITING, None, "n1"),
    )
    assert read({"type": "files", "actions": ["read", "write"]}) == ALL_FILES


@pytest.mark.parametrize(
    "detail",
    [
        {"type": "payment", "actions": ["read"]},
        {"actions": ["read"]},
        {"type": "files"},
        {"type": "files", "actions": []},
        {"type": "files", "actions": "read"},
        {"type": "files", "actions": ["delete"]},
        {"type": "files", "actions": [["read"]]},
        {"type": "files", "actions": ["read"] * 3},
        {"type": "files", "actions": ["read"], "privileges": ["admin"]},
        {"type": "files", "actions": ["read"], "space": "a/b"},
        {"type": "files", "actions": ["read"], "space": ""},
        {"type": "files", "actions": ["read"], "space": "x" * 101},
        {"type": "files", "actions": ["read"], "node": 7},
        {"type": "files", "actions": ["read"], "node": None},
        {"type": "files", "actions": ["read"], "node": "n1", "space": "team"},
        {"type": "files", "actions": ["read"], "locations": ["https://other.example"]},
        {"type": "files", "actions": ["read"], "locations": BASE},
        {"type": ["files"], "actions": ["read"]},
        "files",
        None,
    ],
)
def test_what_is_not_of_the_form_is_refused(detail: object) -> None:
    """RFC9396-5."""
    with pytest.raises(InvalidAuthorizationDetails):
        read(detail)


@pytest.mark.parametrize(
    "text",
    [
        "{}", "[]", "null", "nothing", "[" * 5000, "x" * (LONGEST_DETAILS + 1),
        json.dumps([{"type": "files", "actions": ["read"]}] * (MOST_DETAILS + 1)),
    ],
)  # fmt: skip
def test_every_size_has_a_limit(text: str) -> None:
    """RFC9396-5."""
    with pytest.raises(InvalidAuthorizationDetails):
        read_details(text, BASE)


def test_fewer_may_be_asked_for_and_never_more() -> None:
    """RFC9396-6.1."""
    granted = (FilesDetail(WRITING, "team"), FilesDetail(READING, None, "n1"))
    assert narrow_details(granted, ()) == granted
    less = (FilesDetail(READING, "team"),)
    assert narrow_details(granted, less) == less
    for more in (
        FilesDetail(READING),
        FilesDetail(READING, "common"),
        FilesDetail(WRITING, None, "n1"),
        FilesDetail(READING, None, "n2"),
    ):
        with pytest.raises(InvalidAuthorizationDetails):
            narrow_details(granted, (more,))
        assert new_details((more, *less), granted) == (more,)


@given(st.lists(PLACES, max_size=5), PLACES)
def test_what_is_united_and_written_means_the_same(
    details: list[FilesDetail], one: FilesDetail
) -> None:
    """RFC9396-7, RFC9396-9.1."""
    united = unite(details)
    assert details_of(json.loads(json.dumps(details_json(united)))) == united
    assert covers(united, one) == covers(tuple(details), one)
    assert all(covers(united, each) for each in details)


def test_the_scopes_of_personal_tokens_are_read_as_people_write_them() -> None:
    assert read_personal_scopes([]) == (frozenset(), ALL_FILES)
    scope, details = read_personal_scopes(
        ["files.read", "space:team:rw", "node:n1:r", "node:n1:w", "admin"]
    )
    assert scope == {"files.read", "admin"}
    assert personal_scopes(scope, details) == [
        "admin", "files.read", "node:n1:rw", "space:team:rw",
    ]  # fmt: skip
    assert read_personal_scopes(["admin"]) == (frozenset({"admin"}), ())
    for wrong in ("", "openid", "node:n1", "node:n1:x", "space:a/b:r", "node::rw", "account:rw"):
        with pytest.raises(InvalidScope):
            read_personal_scopes([wrong])
    with pytest.raises(InvalidScope):
        read_personal_scopes(["files.read"] * (MOST_DETAILS + 1))


def test_each_wire_is_a_resource_of_its_own() -> None:
    """RFC9728-1.2, RFC8707-2."""
    for own in own_resources(BASE):
        assert resolve_audience((own,), (), BASE) == (own,)
    with pytest.raises(InvalidTarget):
        resolve_audience((f"{BASE}/other",), (), BASE)
