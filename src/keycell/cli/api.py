"""`keycell api`: any call to the server, with the token of one's sign-in."""

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Optional
from urllib.parse import parse_qsl, urlencode, urlsplit

import typer

from keycell.cli.output import Exit, fail, write_json
from keycell.cli.serving import at_server
from keycell.cli.showing import Output, shows

if TYPE_CHECKING:
    import httpx2

    from keycell.client.session import Session

Texts = Optional[list[str]]  # noqa: UP045  (typer reads it)
Text = Optional[str]  # noqa: UP045
Fields = Annotated[
    Texts,
    typer.Option("--field", "-f", metavar="KEY=VALUE",
                 help="In the query of GET and DELETE, else in a JSON body; a text each."),
]  # fmt: skip
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_WITHOUT_BODY = ("GET", "HEAD", "DELETE")
_MOST_PAGES = 10_000


@shows
def api(
    *,
    method: Annotated[str, typer.Argument(help="GET, POST, PUT, PATCH or DELETE.")],
    path: Annotated[str, typer.Argument(help="At the server: /a/keycell/admin/users.")],
    field: Fields = None,
    input_: Annotated[
        Text, typer.Option("--input", metavar="FILE", help="A JSON body; - is stdin.")
    ] = None,
    paginate: Annotated[
        bool, typer.Option("--paginate", help="Ask on while there is more, and join the lists.")
    ] = False,
    out: Output,
) -> None:
    """Ask the server for anything, and print the JSON of its answer.

    keycell api GET /a/keycell/admin/users --jq '.items[].login'
    keycell api POST /a/tree/stats --input - < body.json
    keycell api GET /a/keycell/changes -f space=team --paginate
    """
    method = method.upper()
    if method not in _METHODS:
        fail(f"{method!r} is no method", Exit.USAGE, f"there are: {', '.join(_METHODS)}")
    _check_path(path)
    fields = dict(_pair(one) for one in field or ())
    body = _body(method, fields, input_)
    if method in _WITHOUT_BODY:
        path = _with_query(path, fields)
    profile = out.profile or ""
    if paginate:
        write_json(at_server(profile, lambda session: _all(session, method, path, body)))
        return
    _print(at_server(profile, lambda session: session.request(method, path, json=body)))


def _body(method: str, fields: Mapping[str, str], name: str | None) -> object:
    """Give the body that is meant: of a file, or of fields; None for none."""
    if name is None:
        return None if method in _WITHOUT_BODY or not fields else dict(fields)
    if method in _WITHOUT_BODY:
        fail(f"{method} takes no body", Exit.USAGE, "give what it asks for as -f KEY=VALUE")
    if fields:
        fail("-f and --input exclude each other", Exit.USAGE)
    return _read(name)


def _check_path(path: str) -> None:
    # An address of another host would be shown the token.
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        fail(f"{path!r} is no path at the server", Exit.USAGE, "write it as /a/auth/tokens")
    if "#" in path:
        fail("a path has no fragment", Exit.USAGE, "write # as %23")


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name:
        fail(f"-f {text!r} has no name and value", Exit.USAGE, "write it as -f name=value")
    return name, value


def _read(name: str) -> object:
    try:
        if name == "-":
            return json.loads(sys.stdin.buffer.read())
        with open(name, "rb") as file:  # noqa: PTH123  (a path as typed)
            return json.loads(file.read())
    except (ValueError, RecursionError) as error:
        fail(f"--input {name} is no JSON: {error}", Exit.USAGE)
    except OSError as error:
        fail(f"--input {name} cannot be read: {error.strerror or error}", Exit.USAGE)


def _with_query(path: str, fields: Mapping[str, str]) -> str:
    """Put fields in a path's query, each in the place of one of its name."""
    if not fields:
        return path
    parts = urlsplit(path)
    before = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in fields
    ]
    return f"{parts.path}?{urlencode([*before, *fields.items()])}"


async def _all(session: "Session", method: str, path: str, body: object) -> object:
    """Ask part by part. Lists are joined; whatever else the last part says stands."""
    whole: dict[str, Any] = {}
    for _ in range(_MOST_PAGES):
        found = await session.json(method, path, body)
        if not isinstance(found, dict):
            return found
        whole = {name: _joined(whole.get(name), value) for name, value in found.items()}
        following = _following(method, found, path, body)
        if following is None or following == (path, body):
            break
        path, body = following
    return whole


def _joined(before: object, value: object) -> object:
    return [*before, *value] if isinstance(before, list) and isinstance(value, list) else value


def _following(
    method: str, found: Mapping[str, Any], path: str, body: object
) -> tuple[str, object] | None:
    """Give what to ask next: as feeds say it by a cursor, and lists by an offset."""
    if found.get("more") is True and isinstance(found.get("cursor"), int):
        told = {name: str(found[name]) for name in ("cursor", "until") if name in found}
        return _with_query(path, told), body
    said = found.get("Pagination")
    offset = said.get("NextOffset") if isinstance(said, dict) else None
    if not offset or method in _WITHOUT_BODY:
        return None
    return path, {**(body if isinstance(body, dict) else {}), "Offset": offset}


def _print(response: "httpx2.Response") -> None:
    if not response.content:
        return
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json" and not kind.endswith("+json"):
        sys.stdout.buffer.write(response.content)
        sys.stdout.buffer.flush()
        return
    write_json(response.json())
