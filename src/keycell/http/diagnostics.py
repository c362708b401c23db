"""What is sent to whoever helps: how the server stands, without whose it is."""

import platform
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response

from keycell.administration import trail
from keycell.http.administering import office_of
from keycell.http.edge import Edge
from keycell.http.health import checks
from keycell.http.operations import failures
from keycell.http.settings_told import redacted
from keycell.http.wire import NO_STORE, json_answer
from keycell.oauth.sentences import in_english

_TOLD = frozenset({"database", "tables", "jobs", "keys", "pages", "version"})
"""Checks whose sentence names no address, host or folder."""
_PARTS = ("sqlalchemy", "starlette", "uvicorn", "joserfc", "cryptography")
_REFUSALS = 20


async def diagnostics(edge: Edge, request: Request) -> Response:
    """Give versions, states, settings and failures: no secret, no address and nobody's name."""
    office = await office_of(edge, request)
    refused = await office.people.audit.search(
        await trail.search_for(office, trail.Asking(result="refused"), _REFUSALS)
    )
    told = {
        "at": edge.people.clock().isoformat(),
        "versions": {
            "keycell": version("keycell"),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            **{name: version(name) for name in _PARTS},
        },
        "checks": [_without_places(one.view(in_english)) for one in await checks(edge)],
        "settings": redacted(edge.settings),
        "failures": failures(),
        "refusals": [
            {"at": event.at.isoformat(), "action": event.action} for _, event in refused[0]
        ],
    }
    return json_answer(told, headers=NO_STORE)


def _without_places(view: dict[str, object]) -> dict[str, object]:
    return view if view["check"] in _TOLD else {**view, "detail": ""}
