"""Calls that are a table elsewhere, as endpoints: what is asked comes in, a document goes out."""

from collections.abc import Awaitable, Callable, Mapping
from types import UnionType
from typing import Any, TypeVar, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.administration.call import Call
from keycell.administration.office import Clash, NotAllowed, NotThere
from keycell.http.bearer import check_recent_sign_in
from keycell.http.config_rest import rest_error
from keycell.http.edge import Edge, words_of
from keycell.http.rest.errors import tells_account_errors
from keycell.http.wire import NO_STORE, json_answer, json_body, query_pairs
from keycell.oauth.errors import InvalidRequest

Endpoint = Callable[[Edge, Request], Awaitable[Response]]
World = TypeVar("World")
Asked = TypeVar("Asked")
Schema = dict[str, Any]
Calls = Mapping[str, Mapping[str, Call[World]]]


def endpoints(
    prefix: str, calls: Calls[World], world_of: Callable[[Edge, Request], Awaitable[World]]
) -> Mapping[str, Mapping[str, Endpoint]]:
    """Give the endpoints of a table; whose world it is is found before anything is read."""
    return {
        prefix + path: {
            method: _endpoint(call, method, world_of) for method, call in methods.items()
        }
        for path, methods in calls.items()
    }


def _endpoint(
    call: Call[World], method: str, world_of: Callable[[Edge, Request], Awaitable[World]]
) -> Endpoint:
    async def endpoint(edge: Edge, request: Request) -> Response:
        world = await world_of(edge, request)
        if call.is_grave:
            await check_recent_sign_in(edge, request)
        said = await _said(request, method)
        try:
            document = await call.answer(world, said)
        except NotThere as error:
            return rest_error(404, "NotFound", error.told(words_of(edge, request)))
        except Clash as error:
            return rest_error(409, "Conflict", error.told(words_of(edge, request)))
        except NotAllowed as error:
            return rest_error(403, "Forbidden", error.told(words_of(edge, request)))
        return json_answer(document, headers=NO_STORE)

    endpoint.__doc__ = call.act.__doc__
    return tells_account_errors(endpoint)


async def _said(request: Request, method: str) -> dict[str, Any]:
    """Give what is asked: of the body or the query, and of the address, which counts more."""
    said: dict[str, Any] = {}
    if method in ("GET", "DELETE"):
        said |= once(request)
    elif request.headers.get("content-type") or int(request.headers.get("content-length") or 0):
        body = await json_body(request)
        if not isinstance(body, dict):
            raise InvalidRequest("the body must be a JSON object")
        said |= body
    return said | request.path_params


def once(request: Request) -> dict[str, str]:
    """Give the query's parameters, each of which is sent once."""
    said: dict[str, str] = {}
    for name, value in query_pairs(request):
        if name in said:
            raise InvalidRequest(f"{name[:50]} is sent more than once; send it once")
        said[name] = value
    return said


def asked_of(request: Request, asks: type[Asked]) -> Asked:
    """Give what a query asks for; raise InvalidRequest where it is not said as it must be."""
    try:
        return msgspec.convert(once(request), asks, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error)) from None


def schemas(
    prefix: str, calls: Mapping[str, Mapping[str, Call[Any]]]
) -> tuple[dict[str, Schema], dict[str, list[Schema]]]:
    """Give the forms of bodies and queries, by method and address."""
    bodies: dict[str, Schema] = {}
    queries: dict[str, list[Schema]] = {}
    for path, methods in calls.items():
        names = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for method, call in methods.items():
            key, schema = f"{method} {prefix}{path}", schema_of(call.asks, names)
            if method in ("POST", "PUT"):
                bodies[key] = {"application/json": {"schema": schema}}
            elif schema["properties"]:
                queries[key] = query_schema(schema)
    return bodies, queries


def answer_schemas(
    tables: Mapping[str, Mapping[str, Mapping[str, Call[Any]]]],
) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Give the forms of answers, by method and address, and what they name; tables by prefix."""
    gives = {
        f"{method} {prefix}{path}": _each(call.gives)
        for prefix, calls in tables.items()
        for path, methods in calls.items()
        for method, call in methods.items()
    }
    forms, named = msgspec.json.schema_components(
        [one for every in gives.values() for one in every],
        ref_template="#/components/schemas/{name}",
    )
    given = iter(forms)
    answers: dict[str, Schema] = {}
    for key, every in gives.items():
        found = [next(given) for _ in every]
        schema = found[0] if len(found) == 1 else {"anyOf": found}
        answers[key] = {"application/json": {"schema": schema}}
    return answers, named


def _each(given: Any) -> tuple[Any, ...]:  # noqa: ANN401  (whatever describes a type)
    """Give the types of an answer that is one of several."""
    return get_args(given) if isinstance(given, UnionType) else (given,)


def schema_of(asks: type, names: set[str]) -> Schema:
    """Give the form of what is asked for, less what the address says."""
    (_,), found = msgspec.json.schema_components([asks], ref_template="{name}")
    schema: Schema = dict(found[asks.__name__])
    parts = _inlined(schema["properties"], found)
    kept = {name: one for name, one in parts.items() if name not in names}
    required = [name for name in schema.get("required", ()) if name not in names]
    return {"type": "object", "properties": kept, "required": required}


def _inlined(schema: Any, found: Mapping[str, Any]) -> Any:  # noqa: ANN401  (any JSON)
    """Give a form with what it names put in its place."""
    if isinstance(schema, list):
        return [_inlined(one, found) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(found[schema["$ref"]], found)
    return {name: _inlined(one, found) for name, one in schema.items()}


def query_schema(schema: Schema) -> list[Schema]:
    """Give the parameters of a query of that form."""
    return [
        {"name": name, "in": "query", "schema": one, "required": name in schema["required"]}
        for name, one in schema["properties"].items()
    ]
