"""Default deny, inherited allows, and a denial that wins; and what a token leaves of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.files.access import (
    EVERYTHING,
    NOTHING,
    ROOT_GROUP,
    Action,
    Allowed,
    Right,
    check_read,
    check_write,
    merge,
    reached,
    roles_of,
)
from keycell.files.errors import Forbidden, NotFound
from keycell.oauth.details import FilesDetail

READ = Allowed(read=True, write=False)
ROLES = frozenset({ROOT_GROUP, "/staff", "editor", "ann"})


def right(action: Action, role: str = "ann", node: str = "n") -> Right:
    return Right(node, role, action)


def test_a_person_has_the_roles_of_every_group_above_them() -> None:
    assert roles_of("ann", "/staff/lab", ("editor",)) == {
        ROOT_GROUP, "/staff", "/staff/lab", "editor", "ann",
    }  # fmt: skip
    assert roles_of("ann", "/", ()) == {ROOT_GROUP, "ann"}


def test_nothing_is_allowed_that_no_right_allows() -> None:
    assert merge([], ROLES) == NOTHING
    assert merge([right(Action.WRITE, "bob")], ROLES) == NOTHING


def test_writing_includes_reading() -> None:
    assert merge([right(Action.WRITE)], ROLES) == EVERYTHING
    assert merge([right(Action.READ, "/staff")], ROLES) == READ


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Action)), st.sampled_from(["ann", "/staff", "bob", "x"])),
        max_size=8,
    )
)
def test_a_denial_wins_and_order_does_not_matter(pairs: list[tuple[Action, str]]) -> None:
    rights = [right(action, role) for action, role in pairs]
    found = merge(rights, ROLES)
    assert found == merge(reversed(rights), ROLES)
    mine = {action for action, role in pairs if role in ROLES}
    assert found == (NOTHING if Action.DENY in mine else Allowed(
        read=bool(mine & {Action.READ, Action.WRITE}), write=Action.WRITE in mine
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        ((), NOTHING),
        ((FilesDetail(frozenset({"read"})),), READ),
        ((FilesDetail(frozenset({"write"})),), EVERYTHING),
        ((FilesDetail(frozenset({"write"}), space="other"),), NOTHING),
        ((FilesDetail(frozenset({"read"}), space="team"),), READ),
        ((FilesDetail(frozenset({"write"}), node_id="folder"),), EVERYTHING),
        ((FilesDetail(frozenset({"write"}), node_id="sibling"),), NOTHING),
        (
            (FilesDetail(frozenset({"read"})), FilesDetail(frozenset({"write"}), node_id="file")),
            EVERYTHING,
        ),
        ((FilesDetail(frozenset({"write"}), space="other", node_id="folder"),), NOTHING),
    ],
)
def test_a_token_reaches_what_it_names(reach: tuple[FilesDetail, ...], expected: Allowed) -> None:
    """RFC9396-2."""
    assert reached(reach, "team", ("root", "folder", "file")) == expected


def test_what_may_not_be_read_is_not_there() -> None:
    with pytest.raises(NotFound):
        check_read(NOTHING, "team/x")
    with pytest.raises(NotFound):
        check_write(NOTHING, "team/x")
    with pytest.raises(Forbidden):
        check_write(READ, "team/x")
    check_write(EVERYTHING, "team/x")
