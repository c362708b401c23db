"""A loss of power: what is agreed on is on the disk before that is kept."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from keycell.sync.names import WORKING
from keycell.sync.state import State
from keycell.sync.trees import Pair

from .test_run import Machine, pair, server

__all__ = ["pair", "server"]


def test_what_is_agreed_on_outlasts_a_loss_of_power(
    pair: tuple[Machine, Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = pair
    one.write("d/a.txt", "a")
    one.sync()
    happened: list[str] = []
    fsync, link, agree = os.fsync, os.link, State.agree

    def synced(descriptor: int) -> None:
        happened.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    def placed(source: Path, target: Path) -> None:
        happened.append(f"placed {target.name}")
        link(source, target)

    def agreed(self: State, pairs: Iterable[Pair]) -> None:
        kept = list(pairs)
        happened.extend(f"agreed {each.local_place.name}" for each in kept)
        agree(self, kept)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", placed)
    monkeypatch.setattr(State, "agree", agreed)
    two.sync()
    assert happened.index(str(two.root)) < happened.index("agreed d")
    (arrived,) = [each for each in happened if WORKING in each]
    steps = [arrived, "placed a.txt", str(two.root / "d"), "agreed a.txt"]
    assert [each for each in happened if each in steps] == steps
