"""Pages for who writes applications: the issuer, error codes, first steps, the calls.

They are made of the documents that programs read, so that they cannot say anything else.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.http import changelog, oidc
from keycell.http.edge import Edge
from keycell.http.explained import EXPLAINED
from keycell.http.quickstarts import QUICKSTARTS, Values
from keycell.http.render import language_of
from keycell.http.wire import NO_STORE
from keycell.http.words import CLAIMS
from keycell.own.scopes import SCOPES

_CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,100}")
"""What may stand in a command without quotes; nobody shall copy what a link smuggled in."""
_ALIASES = {"offline": "offline_access"}
_OF_TOKENS = {
    "sub": "who it is: the same for good, whatever becomes of login and address",
    "iss": "this issuer", "aud": "for whom the token is: your client_id in an ID token",
    "exp": "until when the token is good", "iat": "when the token was made",
    "auth_time": "when the person signed in", "nonce": "the nonce of your request",
    "acr": "how strongly the person signed in", "amr": "by what the person signed in",
    "at_hash": "what binds an ID token to the access token beside it",
}  # fmt: skip
"""The claims that tell of a token or a sign-in."""
_METHODS = ("get", "head", "put", "post", "patch", "delete")


_FOR_PROGRAMS = """\
# Keycell at {base}

> An OpenID provider and file home. An application needs the issuer, {issuer}, a client_id and, if
> it can keep one, a secret; it finds every address in the metadata document.

## Documents

- [Metadata]({issuer}/.well-known/openid-configuration): endpoints, scopes, claims, algorithms
- [Keys]({issuer}/.well-known/jwks.json): to verify ID tokens by
- [Calls under /a/]({base}/a/openapi.json): OpenAPI 3.1, for files, accounts and administration
- [Issuer, for people]({base}/oidc), [first steps]({base}/developers/quickstarts),
  [reference]({base}/developers/api), [error codes]({base}/oauth2/errors)
- [Changelog]({base}/developers/changelog): what became different, and what is deprecated

## What to know

- Use the authorization code with PKCE (S256; plain is refused) and check state and iss.
- Redirect URIs match byte for byte; the port is free for http://127.0.0.1 and http://[::1] alone.
- A refresh token buys one successor; whoever lost the answer asks again with the same token.
- Files open by the scopes files.read and files.write, over S3 at {base}/io/, WebDAV at {base}/dav/
  and REST at {base}/a/.
- Deprecated, and kept for what was set up before: {deprecated}.
  The changelog says which calls under /a/ are, and what to use instead.
- There is no password grant.

## First steps"""
"""What stands before the first steps and the errors; each of it is in the pages or the docs."""


async def error_codes(edge: Edge, request: Request) -> Response:
    """Explain every error code: where ``error_uri`` leads. RFC6749-5.2."""
    return _page(edge, request, "errors", {"codes": sorted(EXPLAINED.items())})


async def issuer(edge: Edge, request: Request) -> Response:
    """Show the metadata document to people. OIDCD-3."""
    told: dict[str, Any] = msgspec.json.decode(oidc.metadata(edge).body)
    keys: list[dict[str, Any]] = msgspec.json.decode(oidc.jwks(edge).body)["keys"]
    addresses = {
        name: value
        for name, value in told.items()
        if name.endswith("_endpoint") or name == "jwks_uri"
    }
    plain = {"issuer", "scopes_supported", "claims_supported", *addresses}
    context = {
        "issuer": told["issuer"],
        "addresses": addresses,
        "scopes": [
            (name, SCOPES.get(_ALIASES.get(name, name), "")) for name in told["scopes_supported"]
        ],
        "claims": [(name, (_OF_TOKENS | CLAIMS)[name]) for name in told["claims_supported"]],
        "rest": {name: _said(value) for name, value in told.items() if name not in plain},
        "keys": keys,
    }
    return _page(edge, request, "issuer", context)


async def for_programs(edge: Edge, _request: Request) -> Response:
    """Give what these pages say as one text, for programs that write applications. llms.txt."""
    base = edge.settings.base_url
    values = Values(issuer=edge.provider.issuer, base_url=base, client_id="YOUR_CLIENT_ID")
    parts = [
        _FOR_PROGRAMS.format(
            base=base, issuer=edge.provider.issuer, deprecated="; ".join(changelog.NAMES)
        )
    ]
    parts += [
        f"### {one.title}\n\n{one.needs}\n\n```\n{one.filled(values)}\n```" for one in QUICKSTARTS
    ]
    parts.append("## Errors")
    parts += [
        f"- [{code}]({base}/oauth2/errors#{code}): {one.meaning} {one.mend}"
        for code, one in sorted(EXPLAINED.items())
    ]
    return Response("\n\n".join(parts) + "\n", 200, NO_STORE, "text/markdown; charset=utf-8")


async def changes(edge: Edge, request: Request) -> Response:
    """Tell what became different, and what is deprecated. UX-V09."""
    # Five hundred small files, once.
    told = await asyncio.to_thread(changelog.releases)
    context = {
        "releases": told,
        "version": version("keycell"),
        "names": changelog.NAMES,
        "calls": {name.replace(":path", ""): one for name, one in changelog.DEPRECATED.items()},
    }
    return _page(edge, request, "changelog", context)


async def quickstarts(edge: Edge, request: Request) -> Response:
    """Show first steps with the reader's own values filled in."""
    asked = request.query_params.get("client_id", "").strip()
    fits = _CLIENT_ID.fullmatch(asked) is not None
    values = Values(
        issuer=edge.provider.issuer,
        base_url=edge.settings.base_url,
        client_id=asked if fits else "YOUR_CLIENT_ID",
    )
    context = {
        "asked": asked,
        "refused": bool(asked) and not fits,
        "snippets": [(one, one.filled(values)) for one in QUICKSTARTS],
    }
    return _page(edge, request, "quickstarts", context)


def reference(edge: Edge, request: Request, document: Mapping[str, Any]) -> Response:
    """Show the OpenAPI document to people, grouped as it is."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in document["paths"].items():
        for method, operation in _operations(item):
            one = {
                **operation,
                "path": path,
                "method": method.upper(),
                "parameters": [*item.get("parameters", ()), *operation.get("parameters", ())],
                "errors": [each for each in operation["responses"].items() if each[0] != "200"],
                "body": _written(operation.get("requestBody")),
                "answer": _written(operation["responses"].get("200")),
            }
            groups.setdefault(operation["tags"][0], []).append(one)
    schemas = {
        name: _pretty(schema) for name, schema in sorted(document["components"]["schemas"].items())
    }
    common = _common(groups)
    context = {"groups": groups, "schemas": schemas, "common": common, "info": document["info"]}
    return _page(edge, request, "reference", context)


def _operations(item: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return ((method, item[method]) for method in _METHODS if method in item)


def _common(groups: Mapping[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Take the errors that every call has out of each, to be said once."""
    calls = [one for group in groups.values() for one in group]
    told = [{status: each["description"] for status, each in one["errors"]} for one in calls]
    common = {
        status: sentence
        for status, sentence in (told[0] if told else {}).items()
        if all(one.get(status) == sentence for one in told)
    }
    for one in calls:
        one["errors"] = [each for each in one["errors"] if each[0] not in common]
    return common


def _written(message: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    content = (message or {}).get("content", {})
    return [(kind, _pretty(told.get("schema", {}))) for kind, told in content.items()]


def _pretty(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _page(edge: Edge, request: Request, name: str, context: Mapping[str, object]) -> Response:
    def switch(code: str) -> str:
        return f"{request.url.path}?lang={code}"

    return edge.pages.page(
        language_of(request), name, {"switch": switch, "here": request.url.path, **context}
    )
