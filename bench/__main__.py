"""`python -m bench`: interleaved rounds of every row on both servers, and the table of them."""

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from bench import machine, passwords, peers
from bench.load import whole
from bench.rounds import Bare, Results, measure, median
from bench.rows import ROWS, Row

HERE = Path(__file__).parent
GOAL_OF_BARE = 0.85


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=whole, default=3, help="length of a round")
    parser.add_argument("--only", action="append", help="a row, by its name")
    parser.add_argument("--folder", type=Path, default=HERE.parent / ".make", help="on a disk")
    wanted = parser.parse_args()
    if wanted.quick:
        wanted.rounds, wanted.seconds = 1, 1
    wanted.folder.mkdir(exist_ok=True)
    kind = machine.check_disk(wanted.folder)
    os.sched_setaffinity(0, {int(machine.LOAD_CORE)})
    with tempfile.TemporaryDirectory(dir=wanted.folder, prefix="bench-") as made:
        folder = Path(made)
        print(f"{machine.described()}; {kind}, "
              f"fsync {machine.fsync_milliseconds(folder):.2f} ms", file=sys.stderr)  # fmt: skip
        with both(folder) as (ours, theirs):
            rows = [row for row in ROWS if not wanted.only or row.name in wanted.only]
            bare: Bare = {}
            sides = (ours, theirs)
            results = measure(rows, sides, folder, wanted.rounds, wanted.seconds, bare)
            logins = passwords.measure(ours, folder, wanted.rounds, wanted.seconds)
            print(table(rows, results, bare))
            print(summary(ours, theirs, logins, bare))
            keep(results, logins, bare)


@contextlib.contextmanager
def both(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Start both servers, and sign somebody in to each."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(peers.keycell(folder / "keycell"))
        theirs = stack.enter_context(peers.oidc_provider(folder))
        time.sleep(1)
        for peer in (ours, theirs):
            peer.idle_mb = machine.memory_mb(peer.pid)
        peers.sign_in_to_keycell(ours)
        peers.sign_in_to_oidc_provider(theirs)
        yield ours, theirs


def table(rows: list[Row], results: Results, bare: Bare) -> str:
    """Write the medians and ratios down."""
    lines = [
        "| | Keycell /s | oidc-provider /s | ratio (goal) | of bare signing (goal) "
        "| CPU us: ours, theirs | p50 ms: ours, theirs | p99 ms: ours, theirs |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        ours, theirs = results[row.name].values()
        rates = [median(side, "per_second") for side in (ours, theirs)]
        cells = [f"{median(ours, what):{form}}, {median(theirs, what):{form}}"
                 for what, form in (("cpu", ".0f"), ("p50", ".1f"), ("p99", ".1f"))]  # fmt: skip
        lines.append(
            f"| {row.name} | {rates[0]:,.0f} | {rates[1]:,.0f} "
            f"| {rates[0] / rates[1]:.2f}{f' ({row.goal:g})' if row.goal else ''} "
            f"| {of_bare(row, rates[0], bare)} | {' | '.join(cells)} |"
        )
    return "\n".join(lines)


def of_bare(row: Row, rate: float, bare: Bare) -> str:
    """Say how near a row comes to its RSA signatures alone; those of ES256 take little of it."""
    if row.signs != "RS256":
        return ""
    return f"{rate / statistics.median(bare[row.name]):.0%} ({GOAL_OF_BARE:.0%})"


def bare_rates(bare: Bare) -> str:
    """Say what the library alone does."""
    by_alg: dict[str, list[float]] = {}
    for name, rates in bare.items():
        by_alg.setdefault(name.rpartition(" ")[2], []).extend(rates)
    return ", ".join(
        f"{alg} {statistics.median(rates):,.0f}/s" for alg, rates in sorted(by_alg.items())
    )


def summary(ours: peers.Peer, theirs: peers.Peer, logins: passwords.Logins, bare: Bare) -> str:
    """Say what stands beside the table."""
    return "\n".join(
        [
            "",
            f"- Idle memory: {ours.idle_mb:.0f} MB, {theirs.idle_mb:.0f} MB; "
            f"start: {ours.started_in:.2f} s, {theirs.started_in:.2f} s.",
            f"- Logins: {logins.served:.1f}/s on one core, {logins.served / logins.bare:.0%} of "
            f"the {logins.bare:.1f}/s that bare Argon2id does at the same setting.",
            f"- p99 of JWKS while logins saturate the hashing: {logins.p99_busy:.1f} ms, "
            f"{logins.p99_busy / logins.p99_quiet:.1f} times the {logins.p99_quiet:.1f} ms "
            "without.",
            f"- Bare signatures on one core: {bare_rates(bare) or 'not measured'}.",
            f"- {machine.described()}.",
        ]
    )


def keep(results: Results, logins: passwords.Logins, bare: Bare) -> None:
    """Keep every figure, for who wants to look closer."""
    document = {
        "rows": {
            name: {side: [asdict(one) for one in rounds] for side, rounds in found.items()}
            for name, found in results.items()
        },
        "logins": asdict(logins),
        "bare signatures": bare,
    }
    (HERE / "results.json").write_text(json.dumps(document, indent=1))


main()
