"""Settings by their full paths, as JSON inside a string.

Settings are changed where the server is started, so writing one that differs is refused with the
words for that. The applications of the old configuration have calls of their own.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.files.errors import BadRequest, Forbidden, NotFound
from keycell.http.bearer import administrator
from keycell.http.edge import Edge
from keycell.http.rest.bodies import read_json
from keycell.http.wire import json_answer
from keycell.settings import variable

_PREFIX = "keycell/"
_LONGEST = 10_000
_SHOWN = (
    "host", "port", "public_url", "also_at", "workers", "issuer_slash", "registration",
    "client_documents", "show_registered_redirects", "trusted_proxies", "fetch_networks",
    "insecure_http", "quota", "largest_file", "most_nodes", "thumbnails", "keep_versions",
    "keep_trash", "removal_grace", "trust_browsers", "another_device", "keys_ahead", "mail_codes",
    "mail_from", "log_level", "access_log",
)  # fmt: skip
"""What holds no secret and no place on the machine: addresses of stores may hold a password."""


async def read_config(edge: Edge, request: Request) -> Response:
    """Give a setting as it is, to administrators; ``keycell`` alone gives all that are shown."""
    await administrator(edge, request)
    path = _path(request)
    return _told(path, _value(edge, path))


async def write_config(edge: Edge, request: Request) -> Response:
    """Say how a setting is changed: where the server is started. What it is may be sent again."""
    await administrator(edge, request)
    path = _path(request)
    value = _value(edge, path)
    body = await read_json(request)
    if body.text("FullPath", _LONGEST) not in ("", path):
        raise BadRequest("FullPath is not the one of the address")
    try:
        wanted = msgspec.json.decode(body.text("Data", _LONGEST))
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest("Data must be a string that holds JSON") from None
    if wanted != msgspec.json.decode(msgspec.json.encode(value)):
        raise Forbidden(f"{path} is changed where the server is started, by {_by(path)}")
    return _told(path, value)


def _path(request: Request) -> str:
    path: str = request.path_params["path"]
    return path.strip("/")


def _value(edge: Edge, path: str) -> object:
    name = path.removeprefix(_PREFIX)
    if path == _PREFIX.rstrip("/"):
        return {one: getattr(edge.settings, one) for one in _SHOWN}
    if path == name or name not in _SHOWN:
        raise NotFound(
            f"there is no setting {path[:200]!r} here; GET /a/config/keycell lists those there are"
        )
    return getattr(edge.settings, name)


def _by(path: str) -> str:
    name = path.removeprefix(_PREFIX)
    return f"{variable(name)} or the flag of that name" if name in _SHOWN else "one flag for each"


def _told(path: str, value: object) -> Response:
    told = {"FullPath": path, "Data": msgspec.json.encode(value).decode()}
    return json_answer(told)
