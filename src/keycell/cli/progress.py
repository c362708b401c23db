"""How far a transfer is: bars at a terminal, lines elsewhere, events for programs."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from keycell.cli.output import Exit
from keycell.cli.tables import size_text
from keycell.cli.talk import MANNER, Level, note
from keycell.cli.terminal import Terminal, clean, shortened, stderr

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID, TimeRemainingColumn

    from keycell.client.carrying import Carried, Item

_EVERY = 10.0
"""Seconds between lines where there is no terminal."""
_BEAT = 0.2
"""Seconds between events of one file."""
_JUDGED_AFTER = 3.0
"""Seconds of a transfer that tell how long the rest of it takes; the first ones mislead."""
_MOST_BARS = 4
_NAME_WIDTH = 24
_MINUTE = 60


class Shown(StrEnum):
    """How it is told."""

    AUTO = "auto"
    BAR = "bar"
    PLAIN = "plain"
    JSON = "json"
    NONE = "none"


class Meter(Protocol):
    """What is told how far each file is."""

    def watch(self, item: "Item") -> Callable[[int], None]:
        """Begin a file; give what is told of its bytes."""
        ...

    def ended(self, carried: "Carried") -> None:
        """Tell what came of a file."""
        ...


@contextmanager
def shown(items: "Sequence[Item]", way: Shown) -> Iterator[Meter]:
    """Give what watches the files."""
    total = sum(item.size for item in items)
    files = sum(not item.is_folder for item in items)
    if way is Shown.AUTO:
        way = _automatic(stderr())
    match way:
        case Shown.BAR:
            with _bars(total, files) as meter:
                yield meter
        case Shown.JSON:
            events = _Events(total)
            events.say("start", files=files, bytes=total)
            yield events
        case Shown.PLAIN:
            yield _Lines(total)
        case _:
            yield _Silence()


def _automatic(terminal: Terminal) -> Shown:
    if MANNER.get().level < Level.NOTES:
        return Shown.NONE
    can_move = terminal.is_terminal and os.environ.get("TERM") != "dumb"
    return Shown.BAR if can_move else Shown.PLAIN


class _Silence:
    def watch(self, item: "Item") -> Callable[[int], None]:
        del item
        return lambda _: None

    def ended(self, carried: "Carried") -> None:
        del carried


@dataclass(slots=True)
class _Lines:
    """A line every ten seconds."""

    total: int
    done: int = 0
    began: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def watch(self, item: "Item") -> Callable[[int], None]:
        del item
        return self._count

    def _count(self, more: int) -> None:
        self.done += more
        now = time.monotonic()
        if now - self.told >= _EVERY:
            self.told = now
            rate = self.done / (now - self.began)
            left = f", {seconds_text((self.total - self.done) / rate)} left" if rate > 0 else ""
            percent = 100 * self.done // max(1, self.total)
            note(f"{size_text(self.done)} of {size_text(self.total)} ({percent} %), "
                 f"{size_text(round(rate))}/s{left}")  # fmt: skip

    def ended(self, carried: "Carried") -> None:
        del carried


@dataclass(slots=True)
class _Events:
    """A JSON object per line on stderr, for programs that run this one."""

    total: int
    done: int = 0

    def say(self, event: str, **told: object) -> None:
        print(
            json.dumps({"event": event, **told}, ensure_ascii=False), file=sys.stderr, flush=True
        )

    def watch(self, item: "Item") -> Callable[[int], None]:
        own, told = 0, 0.0
        self.say("begin", path=item.path, local=str(item.local), size=item.size)

        def count(more: int) -> None:
            nonlocal own, told
            own, self.done = own + more, self.done + more
            now = time.monotonic()
            if now - told >= _BEAT:
                told = now
                self.say("progress", path=item.path, done=own, size=item.size,
                         total_done=self.done, total=self.total)  # fmt: skip

        return count

    def ended(self, carried: "Carried") -> None:
        error = carried.error
        failed = {} if error is None else {
            "error": str(error), "kind": error.kind, "code": int(Exit[error.kind.upper()])
        }  # fmt: skip
        self.say("end", path=carried.item.path, local=str(carried.item.local),
                 size=carried.item.size, resumed=carried.resumed, **failed)  # fmt: skip


@dataclass(slots=True)
class _Bars:
    """A bar for everything, and one for each of a few files that are on their way."""

    bars: "Progress"
    everything: "TaskID"
    files: int
    ended_files: int = 0
    own: "dict[Item, TaskID]" = field(default_factory=dict)

    def watch(self, item: "Item") -> Callable[[int], None]:
        name = shortened(clean(item.local.name), _NAME_WIDTH)
        if item.size and len(self.own) < _MOST_BARS:
            self.own[item] = self.bars.add_task(name, total=item.size)
        left = item.size

        def count(more: int) -> None:
            nonlocal left
            left -= more
            self.bars.advance(self.everything, more)
            bar = self.own.get(item)
            if bar is not None:
                self.bars.advance(bar, more)
                if left <= 0:
                    self.bars.update(bar, description=shortened(f"finishing {name}", _NAME_WIDTH))

        return count

    def ended(self, carried: "Carried") -> None:
        self.ended_files += 1
        bar = self.own.pop(carried.item, None)
        if bar is not None:
            self.bars.remove_task(bar)
        self.bars.update(self.everything, description=self.title())

    def title(self) -> str:
        return f"{self.ended_files} of {self.files} files"


@contextmanager
def _bars(total: int, files: int) -> Iterator[_Bars]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TransferSpeedColumn,
    )

    colours = stderr(MANNER.get().colour).has_colour
    bars = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(bar_width=18), DownloadColumn(),
        TransferSpeedColumn(), _time_left(),
        console=Console(stderr=True, no_color=not colours, highlight=False),
        speed_estimate_period=10, transient=True,
    )  # fmt: skip
    with bars:
        meter = _Bars(bars, bars.add_task("", total=total), files)
        bars.update(meter.everything, description=meter.title())
        yield meter


def _time_left() -> "TimeRemainingColumn":
    """Give the time that is left, once there is enough of it behind to judge by."""
    from rich.progress import Task, TimeRemainingColumn
    from rich.text import Text

    class TimeLeft(TimeRemainingColumn):
        def render(self, task: Task) -> Text:
            is_early = (task.elapsed or 0) < _JUDGED_AFTER
            return Text() if is_early or task.time_remaining is None else super().render(task)

    return TimeLeft(compact=True)


def seconds_text(seconds: float) -> str:
    """Give a length of time as a person reads it."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    if minutes < _MINUTE:
        return f"{minutes} m {rest} s"
    return f"{minutes // _MINUTE} h {minutes % _MINUTE} m"
