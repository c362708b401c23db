"""`python -m bench.grants`: what tokens cost among ten thousand grants, and among ten million."""

import argparse
import contextlib
import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench import machine, peers
from bench.load import whole
from bench.rounds import Results, measure, median
from bench.rows import ROWS, Row

HERE = Path(__file__).parent
FEW = 10_000
MANY = 10_000_000
GOAL = 0.8
"""Of the ratio to the peer, this much is left."""
OF_EACH_PERSON = 20
NAMES = (
    "client_credentials", "refresh, ES256", "code exchange, ES256", "introspection", "UserInfo",
    "whole code flow, ES256",
)  # fmt: skip
_FILL = """
INSERT INTO grants ({names})
WITH RECURSIVE numbers (number) AS (
  SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :wanted
), made AS (
  SELECT number, substr(lower(hex(randomblob(11))), 1, 22) AS grant_id FROM numbers
)
SELECT {values} FROM made,
  (SELECT * FROM grants WHERE refresh_digest IS NOT NULL LIMIT 1) AS one ORDER BY made.grant_id
"""
_VARIED = {
    "grant_id": "made.grant_id",
    "sub": "printf('%022d', made.number / :of_each)",
    "sid": "lower(hex(randomblob(11)))",
    "code_digest": "NULL",
    "family_digest": "lower(hex(randomblob(16)))",
    "refresh_digest": "lower(hex(randomblob(16)))",
    "purge_at": "one.purge_at + made.number * 86400000000 / :wanted",
}


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="make bench-grants", description=__doc__)
    parser.add_argument("--grants", type=int, default=MANY, help="in the large database")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=whole, default=3, help="length of a round")
    parser.add_argument("--only", action="append", help="a row, by its name")
    parser.add_argument("--folder", type=Path, default=HERE.parent / ".make", help="on a disk")
    wanted = parser.parse_args()
    wanted.folder.mkdir(exist_ok=True)
    machine.check_disk(wanted.folder)
    os.sched_setaffinity(0, {int(machine.LOAD_CORE)})
    kept = [made(wanted.folder / f"grants-{number}", number) for number in (FEW, wanted.grants)]
    with contextlib.ExitStack() as stack:
        few, many = (
            stack.enter_context(peers.serving_keycell(folder, clients, f"{number:,} grants"))
            for folder, clients, number in kept
        )
        peer = stack.enter_context(peers.oidc_provider(wanted.folder))
        for one in (few, many):
            peers.sign_in_to_keycell(one)
        peers.sign_in_to_oidc_provider(peer)
        rows = [row for row in ROWS if row.name in (wanted.only or NAMES)]
        sides = (few, many, peer)
        results = measure(rows, sides, wanted.folder, wanted.rounds, wanted.seconds, {})
        print(table(rows, results, sides))
        sizes = [(folder / "keycell.db").stat().st_size / 1e9 for folder, _, _ in kept]
        print(f"\n- The databases are {sizes[0]:.2f} and {sizes[1]:.2f} GB.")
        print(f"- {machine.described()}.")


def made(folder: Path, number: int) -> tuple[Path, list[dict[str, str]], int]:
    """Give a data folder with so many grants, made at the first run and kept while they stand."""
    told = folder / "clients.json"
    if not told.exists() or not stands(folder / "keycell.db", number):
        shutil.rmtree(folder, ignore_errors=True)
        started = time.monotonic()
        print(f"filling {folder} with {number:,} grants", file=sys.stderr)
        clients = peers.set_up_keycell(folder)
        with peers.serving_keycell(folder, clients) as peer:
            peers.sign_in_to_keycell(peer)
            peer.tokens(peer.client_id)
        fill(folder / "keycell.db", number)
        told.write_text(json.dumps(clients))
        print(f"filled in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return folder, json.loads(told.read_text()), number


def stands(path: Path, number: int) -> bool:
    """Tell whether all grants are there: those that expired are purged while it is measured."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute(
            "SELECT count(*) FROM grants WHERE purge_at > ?", (time.time_ns() // 1000,)
        ).fetchone()
    return int(found) >= number


def fill(path: Path, number: int) -> None:
    """Multiply the one grant that is there; the indexes are made afterwards, which is faster."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-1000000")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'grants' AND type = 'index' AND sql"
    ).fetchall()
    names = [row[1] for row in connection.execute("PRAGMA table_info(grants)")]
    values = [_VARIED.get(name, f"one.{name}") for name in names]
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    connection.execute(
        _FILL.format(names=", ".join(names), values=", ".join(values)),
        {"wanted": number, "of_each": OF_EACH_PERSON},
    )
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def table(rows: Sequence[Row], results: Results, sides: Sequence[peers.Peer]) -> str:
    """Write the medians down, and what is left of the ratio to the peer."""
    few, many, peer = (side.name for side in sides)
    lines = [
        f"| | {few} /s | {many} /s | {peer} /s | ratios to it | left (goal) | CPU us: few, many |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        of = results[row.name]
        rates = {name: median(rounds, "per_second") for name, rounds in of.items()}
        ratios = [rates[name] / rates[peer] for name in (few, many)]
        lines.append(
            f"| {row.name} | {rates[few]:,.0f} | {rates[many]:,.0f} | {rates[peer]:,.0f} "
            f"| {ratios[0]:.2f}, {ratios[1]:.2f} | {ratios[1] / ratios[0]:.2f} ({GOAL:g}) "
            f"| {median(of[few], 'cpu'):.0f}, {median(of[many], 'cpu'):.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
