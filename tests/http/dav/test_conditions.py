"""The If header, without any file."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.http.dav.conditions import LONGEST_IF, Held, State, Term, check_if, read_if
from keycell.http.dav.errors import DavError

NOTHING = State(None, frozenset())
HERE = State('"tag"', frozenset({"urn:uuid:1"}))


async def held(header: str, state: State = HERE, **others: State) -> Held:
    async def state_of(resource: str | None) -> State:
        return state if resource is None else others.get(resource.strip("/"), NOTHING)

    return await check_if(read_if(header), state_of)


@pytest.mark.parametrize(
    "header",
    [
        "(<urn:uuid:1>)",
        '(["tag"])',
        '(<urn:uuid:1> ["tag"])',
        '(["other"]) (<urn:uuid:1>)',
        "(Not <DAV:no-lock>)",
        '(not ["other"] <urn:uuid:1>)',
        "</one> (<urn:uuid:2>)",
        '</one> (<nothing>) (["x"]) </two> (Not <a>)',
    ],
)
async def test_it_holds_if_one_list_does(header: str) -> None:
    """RFC4918-10.4.4."""
    await held(header, one=State(None, frozenset({"urn:uuid:2"})))


@pytest.mark.parametrize(
    "header",
    [
        "(<urn:uuid:2>)",
        '(<urn:uuid:1> ["other"])',
        "(Not <urn:uuid:1>)",
        '(W/"tag")'.replace("(W", "([W").replace('")', '"])'),
        "(<DAV:no-lock>)",
        "</one> (<urn:uuid:1>)",
    ],
)
async def test_it_does_not_hold_otherwise(header: str) -> None:
    """RFC4918-10.4.3."""
    with pytest.raises(DavError) as caught:
        await held(header)
    assert caught.value.status == 412


async def test_every_token_counts_as_shown_and_a_tag_binds_the_write() -> None:
    """RFC4918-10.4.1."""
    assert await held("(<a>) (Not <b>) (<urn:uuid:1>)") == Held(
        frozenset({"a", "b", "urn:uuid:1"})
    )
    assert (await held('(<urn:uuid:1> ["tag"])')).etag == '"tag"'
    assert (await held('(Not ["x"])')).etag is None


@pytest.mark.parametrize(
    "header",
    ["", "()", "(", "(Not)", "(Not Not <a>)", "<a>", "x", "(<a>", "<a> <b>", "(<a>) </b> (<c>)",
     "(<a b>)", "([tag])", ")", "(())"],
)  # fmt: skip
def test_what_is_no_if_header_is_refused(header: str) -> None:
    """RFC4918-10.4.2."""
    with pytest.raises(DavError) as caught:
        read_if(header)
    assert caught.value.status == 400
    assert "If" in str(caught.value)


@pytest.mark.parametrize(
    "header",
    [
        "(" + "<a>" * (10 * 2**20 // 3) + ")",
        "(" + "<a>" * 1000 + ")",
        "".join(f"</{n}> (<a>)" for n in range(100)),
        "(" * (LONGEST_IF - 1),
        "<" * (LONGEST_IF - 1),
        '(["' * 5000,
    ],
)
def test_a_huge_one_is_refused_at_once(header: str) -> None:
    began = time.process_time()
    with pytest.raises(DavError):
        read_if(header)
    assert time.process_time() - began < 0.5


WORDS = st.sampled_from(["(", ")", "<a>", '["e"]', "Not ", " ", "<", '"', "x", '[W/"e"]'])


@given(st.lists(WORDS).map("".join))
def test_whatever_comes_is_read_or_refused(header: str) -> None:
    try:
        clauses = read_if(header)
    except DavError:
        return
    assert clauses
    assert all(isinstance(term, Term) for clause in clauses for term in clause.terms)
    assert all(clause.terms for clause in clauses)
