"""How the server stands and what it was told, for administrators: below `/a/keycell/admin/`.

These look at the process itself, which the calls of administration do not know.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import MISSING, fields, replace
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keycell.administration import trail
from keycell.administration.calls import PREFIX
from keycell.administration.office import PAGE, Office
from keycell.http.administering import office_of
from keycell.http.calling import Endpoint, once
from keycell.http.csp_reports import pages_state
from keycell.http.edge import Edge
from keycell.http.setting_words import MEANINGS
from keycell.http.wire import NO_STORE, json_answer
from keycell.oauth.errors import InvalidRequest
from keycell.oauth.sentences import Sentence, in_english, phrase
from keycell.settings import LOCAL_HOSTS, Settings, variable

_SECRET = frozenset({"sealing_key"})
_LITTLE_ROOM = 0.1
_JSONL = "application/jsonl"


async def health(edge: Edge, request: Request) -> Response:
    """Say how database, storage, keys, pages, clock and version stand."""
    office = await office_of(edge, request)
    started = time.perf_counter()
    await edge.ping()
    took = round((time.perf_counter() - started) * 1000, 1)
    kind = "PostgreSQL" if edge.settings.database.startswith("postgresql") else "SQLite"
    checks = [
        _check("database", "good", kind, milliseconds=took),
        await _storage(office, edge.settings),
        await _keys(office),
        _check("tls", *_tls(office, edge.settings)),
        _check("pages", *_pages(office)),
        _check("version", "good", version("keycell")),
    ]
    now = edge.people.clock().isoformat()
    return json_answer({"now": now, "items": checks}, headers=NO_STORE)


def _check(name: str, state: str, detail: str, **more: object) -> dict[str, object]:
    return {"check": name, "state": state, "detail": detail, **more}


async def _storage(office: Office, settings: Settings) -> dict[str, object]:
    if settings.objects:
        return _check("storage", "good", _without_secrets(settings.objects))
    usage = await asyncio.to_thread(shutil.disk_usage, settings.data)
    state = "warning" if usage.free < usage.total * _LITTLE_ROOM else "good"
    detail = phrase("a folder of this machine").told(office.words)
    return _check("storage", state, detail, free=usage.free, total=usage.total)


async def _keys(office: Office) -> dict[str, object]:
    records = [key.record for key in await office.keys.store.all()]
    states = {(one.alg, one.state) for one in records}
    missing = sorted({alg for alg, _ in states if (alg, "next") not in states})
    if missing:
        told = phrase("no key follows for %(algorithms)s", algorithms=missing)
        return _check("keys", "warning", told.told(office.words))
    told = phrase("keys that are published: %(count)s", count=len(records))
    return _check("keys", "good", told.told(office.words))


def tls_of(settings: Settings) -> tuple[str, Sentence]:
    """Say whether what people send is protected on its way."""
    address, host = settings.base_url, urlsplit(settings.base_url).hostname
    if settings.is_secure:
        # As it is in every language, so no catalog has it.
        return "good", Sentence("%(address)s", {"address": address})
    state = "warning" if host in LOCAL_HOSTS else "bad"
    return state, phrase(
        "%(address)s: passwords travel in the clear beyond this machine", address=address
    )


def _tls(office: Office, settings: Settings) -> tuple[str, str]:
    state, told = tls_of(settings)
    return state, told.told(office.words)


def _pages(office: Office) -> tuple[str, str]:
    state, told = pages_state()
    return state, told.told(office.words)


async def settings(edge: Edge, request: Request) -> Response:
    """List every setting: what it is for, its value, default and variable; no secret is shown."""
    office = await office_of(edge, request)
    found = []
    for one in fields(Settings):
        value = getattr(edge.settings, one.name)
        default = None if one.default is MISSING else one.default
        is_set = value != default
        found.append(
            {
                "setting": one.name,
                "variable": variable(one.name),
                "meaning": MEANINGS[one.name].told(office.words),
                "value": shown(one.name, value),
                "default": shown("", default),
                "source": "start" if is_set else "default",
            }
        )
    return json_answer({"items": found}, headers=NO_STORE)


def shown(name: str, value: object) -> object:
    """Give a setting as it may be shown."""
    if name in _SECRET:
        return "set" if value else ""
    if isinstance(value, tuple):
        return [_without_secrets(str(one)) for one in value]
    if isinstance(value, Path):
        return str(value)
    return _without_secrets(value) if isinstance(value, str) else value


def _without_secrets(text: str) -> str:
    """Give an address as it is, but for the password in it and what follows its path."""
    if "://" not in text:
        return text
    parts = urlsplit(text)
    host = parts.netloc.rpartition("@")[2]
    user = parts.username
    return parts._replace(netloc=f"{user}:…@{host}" if user else host, query="").geturl()


async def checklist(edge: Edge, request: Request) -> Response:
    """Check what a new server should have, each by a look at how it is now."""
    office = await office_of(edge, request)
    tls_state, tls_detail = _tls(office, edge.settings)
    found = [
        _reached(edge.settings, request),
        _check("tls", "done" if tls_state == "good" else "todo", tls_detail),
        _proxy(office, edge.settings, request),
        _check("mail", "done" if edge.settings.smtp else "todo", edge.settings.mail_from),
        await _first_client(office),
        await _backup(office),
        await _administrators(office),
    ]
    return json_answer({"items": found}, headers=NO_STORE)


def _reached(settings: Settings, request: Request) -> dict[str, object]:
    host = request.headers.get("host", "")
    known = {urlsplit(one).netloc for one in settings.origins}
    state = "done" if host in known else "bad"
    return _check("issuer", state, f"{settings.issuer}", reached_at=host[:200])


def _proxy(office: Office, settings: Settings, request: Request) -> dict[str, object]:
    ip = request.client.host if request.client else ""
    if "x-forwarded-for" in request.headers and not settings.trusted_proxies:
        told = phrase(
            "a proxy tells where requests come from and is not believed: set %(option)s to its "
            "address",
            option=variable("trusted_proxies"),
        )
        return _check("proxy", "bad", told.told(office.words), ip=ip)
    told = phrase("you come from %(address)s", address=ip)
    return _check("proxy", "done", told.told(office.words), ip=ip)


async def _first_client(office: Office) -> dict[str, object]:
    count, after = 0, ""
    while page := await office.provider.clients.page(after, PAGE):
        count += sum(not one.is_first_party for one in page)
        after = page[-1].client_id
    return _check("client", "done" if count else "todo", str(count))


async def _backup(office: Office) -> dict[str, object]:
    made = await trail.latest(office, "backup.made")
    if made is None:
        return _check("backup", "todo", "")
    return _check("backup", "done", made.at.isoformat())


async def _administrators(office: Office) -> dict[str, object]:
    count = await office.people.accounts.count_administrators()
    return _check("administrators", "done" if count > 1 else "todo", str(count))


async def audit_lines(edge: Edge, request: Request) -> Response:
    """Give the trail as JSON lines, the latest first, by the same filters as the list."""
    office = await office_of(edge, request)
    said = once(request)
    try:
        asked = msgspec.convert(said, trail.Asking, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error)) from None
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(_lines(office, asked), 200, headers, _JSONL)


async def _lines(office: Office, asked: trail.Asking) -> AsyncIterator[bytes]:
    # Lines are for programs: they are the same whoever fetches them.
    async for one in trail.events(replace(office, words=in_english), asked):
        yield msgspec.json.encode(one) + b"\n"


WATCHING: Mapping[str, Mapping[str, Endpoint]] = {
    f"{PREFIX}health": {"GET": health},
    f"{PREFIX}settings": {"GET": settings},
    f"{PREFIX}checklist": {"GET": checklist},
    f"{PREFIX}audit.jsonl": {"GET": audit_lines},
}
