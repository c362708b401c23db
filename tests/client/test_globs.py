"""Patterns of names."""

import asyncio
import fnmatch
import string
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keycell.client.globs import Found, _after, _passed, expand, is_pattern, split

LETTERS = st.text("ab.é[", min_size=1, max_size=4)
PATTERNS = st.text("ab.é[*?", min_size=1, max_size=5).filter(lambda one: one != "**")
TREES = st.recursive(
    st.dictionaries(LETTERS, st.none(), max_size=3),
    lambda below: st.dictionaries(LETTERS, st.none() | below, max_size=3),
    max_leaves=12,
)
Tree = dict[str, "Tree | None"]


def matches(pattern: Sequence[str], names: Sequence[str]) -> bool:
    """Tell whether a path is meant by a pattern, name by name."""
    states = frozenset(_passed({0}, pattern))
    for name in names:
        states = _after(pattern, states, name)
    return len(pattern) in states


def at(tree: Tree, names: tuple[str, ...]) -> Tree:
    for name in names:
        below = tree[name]
        assert below is not None
        tree = below
    return tree


def every(tree: Tree, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, below in tree.items():
        found.append((*above, name))
        if below is not None:
            found += every(below, (*above, name))
    return found


def expanded(tree: Tree, *pattern: str) -> list[tuple[str, ...]]:
    async def children(names: tuple[str, ...]) -> list[Found]:
        return [Found(name, below is not None) for name, below in at(tree, names).items()]

    async def all_of_it() -> list[tuple[str, ...]]:
        return [path async for path in expand(pattern, children)]

    return asyncio.run(all_of_it())


@pytest.mark.parametrize(
    ("pattern", "path", "is_meant"),
    [
        ("*", "a", True),
        ("*", "a/b", False),
        ("a/*.txt", "a/b.txt", True),
        ("a/?", "a/bc", False),
        ("**", "a/b/c", True),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/b/b/c", True),
        ("a/**/c", "a/b", False),
        ("a[1]*", "a[1].txt", True),
        ("é*", "e\u0301t\u00e9", True),
        (".*", ".hidden", True),
        ("*", ".hidden", True),
    ],
)
def test_what_a_pattern_means(pattern: str, path: str, *, is_meant: bool) -> None:
    assert matches(pattern.split("/"), path.split("/")) is is_meant


def test_the_part_before_a_pattern_is_no_pattern() -> None:
    assert split(["a", "b*", "c"]) == (("a",), ("b*", "c"))
    assert split(["a", "b"]) == (("a", "b"), ())
    assert is_pattern("a?")
    assert not is_pattern("a[b]")


def test_the_recycle_bin_is_never_meant_by_a_pattern() -> None:
    tree: Tree = {"w": {"a": None, "recycle_bin": {"b": None}, "d": {"recycle_bin": None}}}
    assert expanded(tree, "w", "*") == [("w", "a"), ("w", "d")]
    assert ("w", "recycle_bin", "b") not in expanded(tree, "w", "**")
    assert ("w", "d", "recycle_bin") in expanded(tree, "w", "**")
    assert expanded(tree, "w", "recycle_bin", "*") == [("w", "recycle_bin", "b")]


def test_no_pattern_takes_long() -> None:
    assert not matches(["**"] * 30 + ["x"], ["a"] * 60)
    assert not matches(["*a" * 20], ["a" * 25 + "b"])


@given(TREES, st.lists(PATTERNS | st.just("**") | LETTERS, min_size=1, max_size=4))
def test_what_is_found_is_what_is_meant(tree: Tree, pattern: list[str]) -> None:
    """Walking the tree finds each path that the pattern means, and each once."""
    assume(any(map(is_pattern, pattern)) and _leads(tree, pattern))
    found = expanded(tree, *pattern)
    assert len(found) == len(set(found))
    assert set(found) == {path for path in every(tree) if matches(pattern, path)}


def _leads(tree: Tree, pattern: list[str]) -> bool:
    """Tell whether the folder before the first pattern is there, by the name as it is written."""
    base, _ = split(pattern)
    for name in base:
        below = tree.get(name)
        if below is None:
            return False
        tree = below
    return True


@given(PATTERNS, st.text(string.ascii_lowercase + ".", min_size=1, max_size=6))
def test_within_a_name_it_is_what_shells_mean(pattern: str, name: str) -> None:
    shells = pattern.replace("[", "[[]")
    assert matches([pattern], [name]) is fnmatch.fnmatchcase(name, shells)
