"""Searching people and groups."""

from collections.abc import Callable
from fnmatch import fnmatchcase

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.people import LONGEST_LOGIN, Account, login_key
from keycell.http.bearer import administrator
from keycell.http.edge import Edge
from keycell.http.rest.bodies import Body, read_json
from keycell.http.rest.people import group_view, user_view
from keycell.http.rest.roles import labels
from keycell.http.wire import json_answer

MOST_QUERIES = 100
_PAGE = 500


async def search(edge: Edge, request: Request) -> Response:
    """List the people and groups that any query means; all of them if there is none."""
    await administrator(edge, request)
    body = await read_json(request)
    queries = body.objects("Queries", MOST_QUERIES) or [Body({})]
    meant = [_meaning(one) for one in queries]
    people = [
        one
        for one in await everybody(edge)
        if any(means(one.login, one.sub, one.group_path, "USER") for means in meant)
    ]
    groups = [
        one
        for one in await edge.people.groups.groups()
        if any(means(one.label, one.path, one.path, "GROUP") for means in meant)
    ]
    named = await labels(edge)
    answer = {
        "Users": [user_view(one, named) for one in _some(people, body)],
        "Groups": [group_view(one) for one in groups],
        "Total": len(people) + len(groups),
    }
    return json_answer(answer)


async def everybody(edge: Edge) -> list[Account]:
    """Give all accounts, in the order of their logins."""
    found: list[Account] = []
    while page := await edge.people.accounts.page(found[-1].key if found else "", _PAGE):
        found.extend(page)
    return found


def _some(people: list[Account], body: Body) -> list[Account]:
    offset, most = body.number("Offset") or 0, body.number("Limit")
    return people[offset:] if not most else people[offset : offset + most]


def _meaning(query: Body) -> Callable[[str, str, str, str], bool]:
    # Asked for in a pattern of theirs, where a star stands for anything and the rest for itself.
    login = login_key(query.text("Login", LONGEST_LOGIN)).replace("[", "[[]").replace("?", "[?]")
    uuid, group = query.text("Uuid"), query.text("GroupPath").rstrip("/")
    kind = query.text("NodeType").upper()

    def means(name: str, identifier: str, path: str, is_a: str) -> bool:
        return (
            (not login or fnmatchcase(login_key(name), login))
            and (not uuid or identifier == uuid)
            and (not group or path == group or path.startswith(f"{group}/"))
            and kind in ("", "UNKNOWN", is_a)
        )

    return means
