"""What the REST calls are, for programs that read it: OpenAPI 3.1, made from the routes.

What a call does is its endpoint's first sentence, so that it is said in one place.
"""

import functools
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

from keycell.administration import calls as administration
from keycell.administration.trail import Asking
from keycell.http import calling
from keycell.http.changelog import DEPRECATED
from keycell.http.exports_rest import QUERIES as EXPORTED
from keycell.http.rest import schemas, schemas_about, schemas_people
from keycell.http.rest.needs import needed
from keycell.own import calls as own

Calls = Mapping[str, Mapping[str, Callable[..., Awaitable[object]]]]
Schema = dict[str, object]

PREFIX = "/a/"
PATH = "/a/openapi.json"
_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")
_PUBLIC = frozenset({
    PATH, "/a/frontend/session", "/a/frontend/binaries/{kind}/{owner}", "/a/frontend/bootconf",
    "/a/frontend/messages/{lang}", "/a/frontend/plugins/{lang}", "/a/frontend/login/connectors",
    "/a/frontend/auth/state", "/a/config/discovery",
})  # fmt: skip
"""What may be asked without a token; the pictures to look at, not to change."""
_TRAIL = tuple(f"GET {administration.PREFIX}{path}" for path in ("audit.jsonl", "audit/events"))
_ERRORS: Mapping[int, str] = {
    400: "Something in the call cannot be; Detail says what.",
    401: "There is no token, or it is not good any more.",
    403: "This token, or this person, may not do this.",
    404: "Nothing is there, or nothing that may be seen.",
    408: "The body did not arrive in time.",
    409: "What is there does not go together with what was asked.",
    410: "The feed no more reaches back to this cursor.",
    412: "The file is not what the condition says.",
    413: "More than a limit takes.",
    415: "The body is of another type.",
    423: "Somebody holds a lock on it.",
    429: "Too often; try again later.",
    503: "The database or object store is away for a moment.",
    507: "The quota or the disk has no room for it.",
}


@dataclass(frozen=True, slots=True)
class _Forms:
    """The forms of what is asked and answered, by call, and what these name."""

    bodies: Mapping[str, Schema]
    queries: Mapping[str, list[Schema]]
    answers: Mapping[str, Schema]
    named: Mapping[str, Schema]


@functools.cache
def _forms() -> _Forms:
    """Give every form: made when first asked for.

    A server that nobody asks for its description has them not in memory.
    """
    answers, named = calling.answer_schemas({
        administration.PREFIX: administration.CALLS, own.PREFIX: own.CALLS,
    })  # fmt: skip
    of_administration = calling.schemas(administration.PREFIX, administration.CALLS)
    of_account = calling.schemas(own.PREFIX, own.CALLS)
    bodies = {
        **schemas.BODIES, **schemas_people.BODIES, **of_administration[0], **of_account[0],
    }  # fmt: skip
    queries = {
        **schemas.QUERIES, **of_administration[1], **of_account[1], **EXPORTED,
        **dict.fromkeys(_TRAIL, calling.query_schema(calling.schema_of(Asking, set()))),
    }  # fmt: skip
    return _Forms(
        bodies, queries,
        {**schemas.ANSWERS, **schemas_people.ANSWERS, **schemas_about.ANSWERS, **answers},
        {**schemas.SCHEMAS, **schemas_people.SCHEMAS, **named},
    )  # fmt: skip


def document(calls: Calls) -> Schema:
    """Describe calls by address and method."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Keycell",
            "version": version("keycell"),
            "description": "Files, people and tokens of a Keycell. 64-bit numbers are texts.",
        },
        "servers": [{"url": "/"}],
        "paths": {
            _PARAMETER.sub(r"{\1}", path): _item(path, methods)
            for path, methods in calls.items()
            if path.startswith(PREFIX)
        },
        "components": {
            "schemas": _forms().named,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _item(path: str, methods: Mapping[str, Callable[..., Awaitable[object]]]) -> Schema:
    item: Schema = {
        method.lower(): _operation(path, method, endpoint) for method, endpoint in methods.items()
    }
    parameters = [
        {
            "name": name, "in": "path", "required": True,
            "schema": {"type": "string", "minLength": 1},
            **({"description": "A path, as one segment: / is sent as %2F."} if below else {}),
        }
        for name, below in _PARAMETER.findall(path)
    ]  # fmt: skip
    return item | {"parameters": parameters} if parameters else item


def _operation(path: str, method: str, endpoint: Callable[..., Awaitable[object]]) -> Schema:
    key = f"{method} {path}"
    operation: Schema = {
        "operationId": re.sub(r"\W+", "-", key).strip("-").lower(),
        "tags": [path.split("/")[2]],
        "summary": (inspect.getdoc(endpoint) or "").partition("\n")[0],
        "responses": _responses(key),
    }
    if key in DEPRECATED:
        operation |= {"deprecated": True, "description": f"Instead: {DEPRECATED[key]}."}
    forms = _forms()
    if key in forms.queries:
        operation["parameters"] = forms.queries[key]
    if key in forms.bodies:
        operation["requestBody"] = {"required": False, "content": forms.bodies[key]}
    is_public = path in _PUBLIC and not (method == "POST" and "binaries" in path)
    operation["security"] = (
        [] if is_public else [{"bearer": [one]} for one in needed(key)] or [{"bearer": []}]
    )
    return operation


def _responses(key: str) -> Schema:
    answer = _forms().answers.get(key)
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    # There is a call that is always refused.
    found: Schema = {} if answer is None else {"200": {"description": "Done.", "content": answer}}
    for status, sentence in _ERRORS.items():
        found[str(status)] = {"description": sentence, "content": refusal}
    if key == "GET /a/frontend/state":
        found["401"] = {"description": _ERRORS[401], "content": answer}
    return found
