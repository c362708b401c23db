"""Answers of the REST calls, held against their description: these members, and no others."""

import functools
import re
from typing import Any

import httpx2
import jsonschema_rs

from keycell.http.app import ROUTES
from keycell.http.rest.openapi import document

OPEN = {"ClientView", "ClientAdded", "ListedClient", "Connected"}
"""Whatever else an application registered stands in these, by its registered name."""
_PREFIX = "/a/"


@functools.cache
def _described() -> tuple[dict[str, Any], list[tuple[re.Pattern[str], dict[str, Any]]]]:
    told: dict[str, Any] = document({row.path: row.endpoints for row in ROUTES})
    for name, form in told["components"]["schemas"].items():
        if "title" in form and name not in OPEN:
            # Those that come of what the calls say that they answer.
            form.setdefault("additionalProperties", False)
    places = [
        (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), item)
        for path, item in told["paths"].items()
    ]
    # Where two fit, the one that names more of it itself is meant.
    places.sort(key=lambda place: place[0].pattern.count("[^/]+"))
    return told["components"], places


@functools.cache
def _validator(address: str, method: str) -> jsonschema_rs.Validator | None:
    components, places = _described()
    item = next((item for pattern, item in places if pattern.fullmatch(address)), {})
    content = item.get(method, {}).get("responses", {}).get("200", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        return None
    return jsonschema_rs.Draft202012Validator({**schema, "components": components})


async def hold(answer: httpx2.Response) -> None:
    """Raise where an answer is not as it is described."""
    request = answer.request
    address = request.url.raw_path.decode().partition("?")[0]
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    if not address.startswith(_PREFIX) or answer.status_code != 200 or not is_json:
        return
    validator = _validator(address, request.method.lower())
    if validator is not None:
        await answer.aread()
        validator.validate(answer.json())
