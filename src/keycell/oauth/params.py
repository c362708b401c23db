"""Reading request parameters: repeated, empty, unknown, oversized.

What comes in is a list of pairs, as sent; what goes out holds known names only, each once.
"""

from collections.abc import Collection, Iterable

from keycell.oauth.errors import InvalidRequest, quote

LONGEST_VALUE = 16_384
"""Characters of one parameter; a request object or a large ``claims`` fits well below it."""

Pairs = Iterable[tuple[str, str]]


def read_params(pairs: Pairs, known: Collection[str]) -> dict[str, str]:
    """Keep the known parameters that have a value; refuse any of them sent twice.

    A parameter without a value counts as omitted, an unknown one is ignored. RFC6749-3.1,
    RFC6749-3.2, erratum 5708.
    """
    params: dict[str, str] = {}
    for name, value in pairs:
        if name not in known or not value:
            continue
        if name in params:
            raise InvalidRequest(f"{name} is sent more than once; send it once")
        _check_value(name, value)
        params[name] = value
    return params


def read_repeated(pairs: Pairs, name: str, *, most: int) -> tuple[str, ...]:
    """Keep every value of a parameter that may be sent several times. RFC8707-2."""
    values = tuple(dict.fromkeys(value for key, value in pairs if key == name and value))
    if len(values) > most:
        raise InvalidRequest(f"{name} is sent {len(values)} times; at most {most} are taken")
    for value in values:
        _check_value(name, value)
    return values


def required(params: dict[str, str], name: str) -> str:
    """Give a parameter that must be there. RFC6749-4.1.3."""
    try:
        return params[name]
    except KeyError:
        raise InvalidRequest(f"{name} is missing") from None


def _check_value(name: str, value: str) -> None:
    if len(value) > LONGEST_VALUE:
        raise InvalidRequest(
            f"{name} has {len(value)} characters; at most {LONGEST_VALUE} are taken"
        )
    # Line breaks and their kin have no place in any value, and would split headers and logs.
    if not value.isprintable() and any(c < " " or "\x7f" <= c <= "\x9f" for c in value):
        raise InvalidRequest(f"{name} holds a control character: {quote(value)}")
