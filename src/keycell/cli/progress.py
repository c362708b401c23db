"""How far a transfer is: bars at a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from keycell.cli.talk import MANNER, Level, note

if TYPE_CHECKING:
    from keycell.client.carrying import Item

_EVERY = 10.0
"""Seconds between lines where there is no terminal."""
Watch = Callable[["Item"], Callable[[int], None]]


@contextmanager
def shown(items: "Sequence[Item]") -> Iterator[Watch]:
    """Give what watches each file."""
    total = sum(item.size for item in items)
    if MANNER.get().level >= Level.NOTES and sys.stderr.isatty():
        with _bars(total) as watch:
            yield watch
    else:
        yield _lines(total)


def _lines(total: int) -> Watch:
    done, told = 0, time.monotonic()

    def count(more: int) -> None:
        nonlocal done, told
        done += more
        if time.monotonic() - told >= _EVERY:
            told = time.monotonic()
            note(f"{done:,} of {total:,} bytes ({100 * done // max(1, total)} %)")

    return lambda _: count


@contextmanager
def _bars(total: int) -> Iterator[Watch]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    bars = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(),
        TransferSpeedColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), speed_estimate_period=10, transient=True,
    )  # fmt: skip
    with bars:
        everything = bars.add_task("total", total=total)

        def watch(item: "Item") -> Callable[[int], None]:
            own = bars.add_task(item.local.name[:24], total=item.size, visible=item.size > 0)
            left = item.size

            def count(more: int) -> None:
                nonlocal left
                left -= more
                bars.advance(everything, more)
                bars.advance(own, more)
                if left <= 0:
                    bars.update(own, visible=False)

            return count

        yield watch
