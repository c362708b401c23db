"""What clients of the old system ask to find their way; nothing here is secret."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response

from keycell.http.bearer import administrator, bearer_access
from keycell.http.edge import Edge
from keycell.http.wire import json_answer
from keycell.oauth.errors import InvalidToken, TokenMissing

_NAME = "Keycell"


async def discovery(edge: Edge, request: Request) -> Response:
    """Say where the wires are, and to whom is signed in, which version this is."""
    base = edge.settings.base_url
    told: dict[str, object] = {
        "PackageType": "keycell",
        "PackageLabel": _NAME,
        "Endpoints": {
            "rest": f"{base}/a",
            "oidc": f"{base}/oidc",
            "s3": f"{base}/io",
            "dav": f"{base}/dav",
            "public": f"{base}/public",
            "frontend": base,
        },
    }
    try:
        await bearer_access(edge, request)
    except (TokenMissing, InvalidToken):
        pass
    else:
        told["Version"] = version("keycell")
    return json_answer(told)


async def datasources(edge: Edge, request: Request) -> Response:
    """Name the one place where bytes are kept."""
    await administrator(edge, request)
    kind = "S3" if edge.settings.objects else "LOCAL"
    return json_answer({"DataSources": [{"Name": "keycell", "StorageType": kind}], "Total": 1})


async def bootconf(edge: Edge, _request: Request) -> Response:
    """Say to a frontend where the wires are."""
    base = edge.settings.base_url
    return json_answer({
        "ENDPOINT_REST_API": f"{base}/a",
        "ENDPOINT_S3_GATEWAY": f"{base}/io",
        "ENDPOINT_DAV": f"{base}/dav",
        "FRONTEND_URL": base,
        "PUBLIC_BASEURI": "/public",
        "wording": {"title": _NAME},
    })  # fmt: skip
