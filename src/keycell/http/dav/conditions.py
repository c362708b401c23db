"""The If header: which locks a client shows, and what must be true for it to go on. RFC4918-10.4.

    Tagged-list    = "<" Resource-Tag ">" 1*List
    List           = "(" 1*( ["Not"] ( "<" State-token ">" | "[" entity-tag "]" ) ")"

The header holds if one of its lists does. Every token in it counts as shown, in whichever list.
"""

import re
from collections.abc import Awaitable, Callable, Iterator

from keycell.http.dav.errors import DavError
from keycell.values import dataclass

LONGEST_IF = 16 * 2**10
MOST_TERMS = 200
MOST_RESOURCES = 20
_WORD = re.compile(
    r'\s*(?:(<[^<>\s]*>)|\[((?:W/)?"[^"\]]*")\]|(\()|(\))|(Not)(?=[\s<\[]))', re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Term:
    """Something that must, or must not, be true of a resource."""

    is_negated: bool
    token: str | None
    etag: str | None
    """With its quotes."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Terms that must all be true of one resource: the request's own if none is named."""

    resource: str | None
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What is true of a resource: its entity tag, with quotes, and the locks that cover it."""

    etag: str | None
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class Held:
    """What an If header that holds has shown."""

    tokens: frozenset[str]
    etag: str | None = None
    """The tag that the request's own resource must still have when it is written to."""


def read_if(header: str) -> tuple[Clause, ...]:
    """Read an If header; raise DavError."""
    if len(header) > LONGEST_IF:
        raise DavError(400, f"the header If has more than {LONGEST_IF} characters")
    clauses: list[Clause] = []
    resource: str | None = None
    words = _words(header)
    for kind, word in words:
        if kind == "<":
            if clauses and resource is None:
                raise _malformed("a list without a resource comes before one with it")
            resource = word
        elif kind == "(":
            clauses.append(Clause(resource, _read_list(words)))
        else:
            raise _malformed(f"{word[:80]!r} stands outside a list")
    if not clauses:
        raise _malformed("it holds no list")
    _check_size(clauses)
    return tuple(clauses)


def _check_size(clauses: list[Clause]) -> None:
    if sum(len(clause.terms) for clause in clauses) > MOST_TERMS:
        raise DavError(400, f"the header If has more than {MOST_TERMS} conditions")
    if len({clause.resource for clause in clauses}) > MOST_RESOURCES:
        raise DavError(400, f"the header If names more than {MOST_RESOURCES} resources")


def _words(header: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(header.rstrip())
    while position < end:
        found = _WORD.match(header, position)
        if found is None:
            raise _malformed(f"it cannot be read from {header[position : position + 40]!r} on")
        position = found.end()
        token, etag, *_ = found.groups()
        if token is not None:
            yield "<", token[1:-1]
        elif etag is not None:
            yield "[", etag
        else:
            yield found[0].strip().lower(), found[0].strip()


def _read_list(words: Iterator[tuple[str, str]]) -> tuple[Term, ...]:
    terms: list[Term] = []
    is_negated = False
    for kind, word in words:
        if kind == ")" and terms and not is_negated:
            return tuple(terms)
        if kind == "not" and not is_negated:
            is_negated = True
        elif kind in "<[":
            token, etag = (word, None) if kind == "<" else (None, word)
            terms.append(Term(is_negated, token, etag))
            is_negated = False
        else:
            break
    raise _malformed("a list is empty, or has no end")


def _malformed(why: str) -> DavError:
    return DavError(400, f"the header If is malformed: {why}")


async def check_if(
    clauses: tuple[Clause, ...], state_of: Callable[[str | None], Awaitable[State]]
) -> Held:
    """Raise 412 unless one of the lists holds; give what was shown."""
    states: dict[str | None, State] = {}
    for clause in clauses:
        if clause.resource not in states:
            states[clause.resource] = await state_of(clause.resource)
    shown = frozenset(
        term.token for clause in clauses for term in clause.terms if term.token is not None
    )
    for clause in clauses:
        state = states[clause.resource]
        if all(_is_true(term, state) for term in clause.terms):
            named = [term for term in clause.terms if term.etag and not term.is_negated]
            is_own = clause.resource is None and named
            return Held(shown, state.etag if is_own else None)
    raise DavError(412, "what the header If asks for is not, or no more, so")


def _is_true(term: Term, state: State) -> bool:
    if term.token is not None:
        return (term.token in state.tokens) is not term.is_negated
    # Our tags are strong, and a weak one is none of them. RFC9110-8.8.3.2.
    return (term.etag == state.etag) is not term.is_negated
