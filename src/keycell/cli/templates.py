"""What `--format` says: `{name}, {size}`, or `{{.Name}}` as in the old client.

Names of fields and nothing else: a template calls nothing and reads no attribute.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from keycell.cli.tables import plain, size_text, value_of

_ESCAPES = {"t": "\t", "n": "\n", "0": "\0", "\\": "\\"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_DOTTED = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_FIELD = re.compile(r"\.(\w+)")
_OLD = re.compile(r"\{\{-?\s*\.")

_OLD_FIELDS: Mapping[str, tuple[str, Callable[[object], str]]] = {
    "Name": ("name", plain),
    "Type": ("type", lambda value: plain(value).capitalize()),
    "Path": ("path", plain),
    "HumanSize": ("size", size_text),
    "SizeBytes": ("size", plain),
    "TimeStamp": ("modified_at", plain),
    "Date": ("modified_at", plain),
    "Uuid": ("id", plain),
    "Hash": ("hash", plain),
}

Written = Callable[[Mapping[str, object]], str]


class BadTemplate(Exception):
    """A template that cannot be meant, and what can be written."""


def read_template(text: str, fields: Sequence[str]) -> Written:
    """Give what writes a row by a template; raise BadTemplate for a field that there is not."""
    unescaped = _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), text)
    known = _dotted(unescaped) if _OLD.search(unescaped) else _braced(unescaped)
    for part in known:
        if not isinstance(part, str) and part[0] not in fields:
            raise BadTemplate(f"there is no field {part[0]!r}; there are: {', '.join(fields)}")
    return lambda row: "".join(
        part if isinstance(part, str) else part[1](value_of(row, part[0])) for part in known
    )


_Part = str | tuple[str, Callable[[object], str]]


def _dotted(text: str) -> list[_Part]:
    parts: list[_Part] = []
    at = 0
    for found in _DOTTED.finditer(text):
        parts.append(text[at : found.start()])
        named = _FIELD.fullmatch(found[1])
        if named is None or named[1] not in _OLD_FIELDS:
            said = ", ".join(f".{one}" for one in _OLD_FIELDS)
            raise BadTemplate(f"{found[0]!r} is not known; of this kind there are: {said}")
        parts.append(_OLD_FIELDS[named[1]])
        at = found.end()
    return [*parts, text[at:]]


def _braced(text: str) -> list[_Part]:
    parts: list[_Part] = []
    at = 0
    for found in _BRACES.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found[0] in ("{{", "}}"):
            parts.append(found[0][0])
        elif found[1] is None:
            raise BadTemplate(f"{found[0]!r} stands alone; write {{name}}, or {found[0] * 2}")
        else:
            parts.append((found[1].strip(), plain))
    return [*parts, text[at:]]
