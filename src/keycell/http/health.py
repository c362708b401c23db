"""How the server stands: one look, for the page, the probes, the counters and diagnostics."""

import asyncio
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from urllib.parse import urlsplit

from keycell.http.csp_reports import pages_state
from keycell.http.edge import Edge
from keycell.http.settings_told import without_secrets
from keycell.oauth.sentences import Sentence, Words, phrase
from keycell.provider.keys import REVOKED
from keycell.settings import LOCAL_HOSTS, Settings

_LITTLE_ROOM = 0.1


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at: good, a warning, or bad; and figures, where there are any."""

    name: str
    state: str
    detail: Sentence
    more: Mapping[str, object] = field(default_factory=dict)

    def view(self, words: Words) -> dict[str, object]:
        """Give it in the language of these words."""
        detail = self.detail.told(words)
        return {"check": self.name, "state": self.state, "detail": detail, **self.more}


async def checks(edge: Edge) -> list[Check]:
    """Look at database, tables, storage, mail, jobs, keys, the way, pages and version."""
    started = time.perf_counter()
    await edge.ping()
    took = round((time.perf_counter() - started) * 1000, 1)
    kind = "PostgreSQL" if edge.settings.database.startswith("postgresql") else "SQLite"
    return [
        Check("database", "good", _as_it_is(kind), {"milliseconds": took}),
        Check("tables", "good", phrase("of version %(version)s", version=edge.tables)),
        await _storage(edge.settings),
        _mail(edge.settings),
        Check("jobs", "good", phrase("under way: %(count)s", count=len(edge.runner.tasks))),
        await _keys(edge),
        Check("tls", *tls_of(edge.settings)),
        Check("pages", *pages_state()),
        Check("version", "good", _as_it_is(version("keycell"))),
    ]


def _as_it_is(text: str) -> Sentence:
    # The same in every language, so that no catalog has it.
    return Sentence("%(text)s", {"text": text})


async def _storage(settings: Settings) -> Check:
    if settings.objects:
        return Check("storage", "good", _as_it_is(without_secrets(settings.objects)))
    usage = await asyncio.to_thread(shutil.disk_usage, settings.data)
    state = "warning" if usage.free < usage.total * _LITTLE_ROOM else "good"
    room = {"free": usage.free, "total": usage.total}
    return Check("storage", state, phrase("a folder of this machine"), room)


def _mail(settings: Settings) -> Check:
    if settings.mail_server is None:
        return Check("mail", "warning", phrase("no mail server: nobody gets a letter"))
    return Check("mail", "good", _as_it_is(settings.mail_server.host))


async def _keys(edge: Edge) -> Check:
    kept = await edge.keys.store.all()
    records = [key.record for key in kept if key.record.state != REVOKED]
    states = {(one.alg, one.state) for one in records}
    missing = sorted({alg for alg, _ in states if (alg, "next") not in states})
    if missing:
        return Check(
            "keys", "warning", phrase("no key follows for %(algorithms)s", algorithms=missing)
        )
    told = phrase("keys that are published: %(count)s", count=len(records))
    return Check("keys", "good", told)


def tls_of(settings: Settings) -> tuple[str, Sentence]:
    """Say whether what people send is protected on its way."""
    address, host = settings.base_url, urlsplit(settings.base_url).hostname
    if settings.is_secure:
        return "good", _as_it_is(address)
    state = "warning" if host in LOCAL_HOSTS else "bad"
    return state, phrase(
        "%(address)s: passwords travel in the clear beyond this machine", address=address
    )
