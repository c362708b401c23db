"""The documents of clients that are their own addresses, fetched through the guard. CIMD-4.

A document is kept for as long as it is good for; what could not be had is not kept. CIMD-4.4.
"""

import asyncio
import json
import time
from collections import OrderedDict
from urllib.parse import urlsplit

from keycell.oauth.client_documents import LONGEST_DOCUMENT, kept_for
from keycell.oauth.errors import InvalidClientMetadata
from keycell.outside.fetch import Fetcher, FetchFailed, FetchRefused

_MOST_KEPT = 1000
_MOST_A_MINUTE = 20
"""So often one host is asked, whatever strangers say that lies there."""
_MOST_OF_ALL_A_MINUTE = 60
"""So often all hosts together are asked: each document becomes a row that is kept for a while."""
_MINUTE = 60.0
_ALL = "all hosts"
_MOST_AT_ONCE = 4
"""Half of what the fetcher does at once: what strangers name keeps no client's keys waiting."""


class ClientDocuments:
    """Fetches documents, each of them once for all that ask at the same time."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._kept: OrderedDict[str, tuple[float, object]] = OrderedDict()
        self._asked: OrderedDict[str, list[float]] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[object]] = {}

    async def document(self, address: str) -> object:
        """Give the document at an address; raise InvalidClientMetadata saying why not."""
        kept = self._kept.get(address)
        if kept is not None and time.monotonic() < kept[0]:
            return kept[1]
        task = self._under_way.get(address)
        if task is None:
            if len(self._under_way) >= _MOST_AT_ONCE:
                host = urlsplit(address).hostname
                raise InvalidClientMetadata(f"{host}: too many are asked; try again in a moment")
            task = asyncio.get_running_loop().create_task(self._fetch(address))
            self._under_way[address] = task
            task.add_done_callback(lambda _: self._under_way.pop(address, None))
        return await asyncio.shield(task)

    def forget(self, address: str) -> None:
        """Keep nothing of a document that turned out to be none of a client. CIMD-4.4."""
        self._kept.pop(address, None)

    async def _fetch(self, address: str) -> object:
        host = urlsplit(address).hostname or ""
        self._count(host, _MOST_A_MINUTE)
        self._count(_ALL, _MOST_OF_ALL_A_MINUTE)
        try:
            found = await self._fetcher.fetch(address, longest=LONGEST_DOCUMENT)
            document: object = json.loads(found.body)
        except (FetchRefused, FetchFailed) as error:
            raise InvalidClientMetadata(f"{host}: {error}") from None
        except (ValueError, RecursionError):
            raise InvalidClientMetadata(f"{host}: no JSON there") from None
        until = time.monotonic() + kept_for(found.cache_control).total_seconds()
        self._kept[address] = (until, document)
        self._kept.move_to_end(address)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return document

    def _count(self, host: str, most: int) -> None:
        now = time.monotonic()
        times = [one for one in self._asked.pop(host, ()) if now - one < _MINUTE]
        self._asked[host] = times
        if len(self._asked) > _MOST_KEPT:
            self._asked.popitem(last=False)
        if len(times) >= most:
            raise InvalidClientMetadata(f"{host}: asked too often; try again in a minute")
        times.append(now)
