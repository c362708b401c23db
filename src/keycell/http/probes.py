"""What programs that run the server look at: health, readiness, metrics.

Of the checks a stranger learns no more here than whether the database answers; how everything
stands is told to an administrator's token. What was counted, /metrics tells to whoever reaches it.
See decisions/0090.
"""

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.ports import StoreUnavailable
from keycell.http import operations
from keycell.http.bearer import administrator
from keycell.http.edge import Edge
from keycell.http.health import checks
from keycell.http.wire import NO_STORE, json_answer

_WORTH = {"good": "1", "warning": "0.5", "bad": "0"}


async def healthz(_edge: Edge, _request: Request) -> Response:
    """Say that the process answers."""
    return json_answer({"status": "ok"}, headers=NO_STORE)


async def readyz(edge: Edge, request: Request) -> Response:
    """Say how it stands, if the database answers; else 503."""
    states = await _states(edge, request)
    return json_answer({"status": "ready", "checks": states}, headers=NO_STORE)


async def metrics(edge: Edge, request: Request) -> Response:
    """Give the counters of all processes together, and how it stands, for Prometheus."""
    try:
        states = await _states(edge, request)
    except StoreUnavailable:
        states = {"database": "bad"}
    # Looked at by who asks, and not added up over processes as the counters are.
    lines = [
        "# HELP keycell_check How it stands: 1 good, 0.5 a warning, 0 bad.",
        "# TYPE keycell_check gauge",
        *(f'keycell_check{{check="{name}"}} {_WORTH[state]}' for name, state in states.items()),
        "",
    ]
    told = operations.everything() + "\n".join(lines).encode()
    return Response(told, 200, NO_STORE, CONTENT_TYPE_LATEST)


async def _states(edge: Edge, request: Request) -> dict[str, str]:
    if "authorization" not in request.headers:
        await edge.ping()
        return {"database": "good"}
    await administrator(edge, request)
    return {one.name: one.state for one in await checks(edge)}
