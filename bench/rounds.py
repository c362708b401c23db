"""Rounds in which servers take turns at the same row."""

import statistics
import sys
from pathlib import Path

from bench import peers, signing
from bench.load import Measured
from bench.rows import Row

Results = dict[str, dict[str, list[Measured]]]
Bare = dict[str, list[float]]
"""Signatures a second by the library alone, in the rounds of each row that signs ID tokens."""


def measure(
    rows: list[Row],
    servers: tuple[peers.Peer, ...],
    folder: Path,
    rounds: int,
    seconds: float,
    bare: Bare,
) -> Results:
    """Go through the rows; in each, the servers take turns."""
    results: Results = {}
    for row in rows:
        prepared = {peer.name: row.prepare(peer, folder) for peer in servers}
        for go in prepared.values():
            go(min(1.0, seconds))
        found: dict[str, list[Measured]] = {name: [] for name in prepared}
        for turn in range(rounds):
            order = list(prepared) if turn % 2 == 0 else list(reversed(prepared))
            for name in order:
                found[name].append(prepared[name](seconds))
            if row.signs is not None:
                rate = signing.bare_rate(row.signs, min(seconds, 1.0))
                bare.setdefault(row.name, []).append(rate)
        results[row.name] = found
        rates = ", ".join(
            f"{name} {statistics.median(one.per_second for one in measured):,.0f}/s"
            for name, measured in found.items()
        )
        print(f"{row.name}: {rates}", file=sys.stderr)
    return results


def median(side: list[Measured], what: str) -> float:
    """Give the median of one figure over the rounds."""
    return float(statistics.median(getattr(one, what) for one in side))
