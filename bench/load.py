"""Driving a server by wrk on the other core, and what it measured."""

import argparse
import json
import re
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench.machine import LOAD_CORE, cpu_seconds
from bench.peers import Peer

SCRIPTS = Path(__file__).parent / "load"
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Measured:
    """One round of one row on one server."""

    per_second: float
    p50: float
    """Milliseconds."""
    p99: float
    cpu: float
    """Microseconds of CPU time for each request."""


@dataclass(frozen=True)
class Load:
    """A script of wrk with what it is told."""

    script: str
    arguments: tuple[str, ...]
    connections: int = 16
    per: str = "counted"
    """What is counted: answers, or whole flows."""


def whole(text: str) -> int:
    """Read the length of a round in seconds, which wrk takes whole."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of seconds, from 1 on")
    return int(text)


def drive_alike(peer: Peer, path: str, folder: Path, seconds: float) -> Measured:
    """Run one round of a GET whose answer is always the same.

    wrk asks and counts by itself: a script that is called for each answer takes longer than these
    answers do, and would be what is measured. As many bytes must come as so many answers have.
    """
    length, connections = answer_length(peer, path), 16
    command = [
        "taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", "--latency",
        f"-d{seconds:g}s", "--timeout", "10s", "-s", str(SCRIPTS / "alike.lua"), peer.url + path,
    ]  # fmt: skip
    before = cpu_seconds(peer.pid)
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout
    spent = cpu_seconds(peer.pid) - before
    found = re.search(r"^counted (\d+) bytes (\d+) micros (\d+) wrong (\d+)$", said, re.MULTILINE)
    assert found is not None, said
    number, size, micros, wrong = map(int, found.groups())
    if wrong or abs(size - number * length) > connections * length:
        raise RuntimeError(f"{peer.name}: {path} was answered in another way at times: {said}")
    return Measured(
        per_second=number / micros * 1e6,
        p50=_latency(said, "50%"),
        p99=_latency(said, "99%"),
        cpu=spent * 1e6 / number,
    )


def answer_length(peer: Peer, path: str) -> int:
    """Give the bytes of a whole answer with status 200, as it goes over the wire."""
    with socket.create_connection(("127.0.0.1", peer.port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{peer.port}\r\n\r\n".encode())
        answer = b""
        while True:
            head, end, body = answer.partition(b"\r\n\r\n")
            told = re.search(rb"(?i)^content-length: (\d+)\r?$", head, re.MULTILINE)
            if end and told and len(body) >= int(told[1]):
                assert head.startswith(b"HTTP/1.1 200 "), head
                return len(answer)
            answer += connection.recv(65_536)


def drive(peer: Peer, load: Load, folder: Path, seconds: float, *, ends: bool = False) -> Measured:
    """Run one round; with ``ends``, until the script has no more to send."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command = [
        "taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{load.connections}", "--latency",
        f"-d{'60s' if ends else f'{seconds:g}s'}", "--timeout", "10s",
        "-s", str(SCRIPTS / f"{load.script}.lua"), peer.url, "--",
        str(SCRIPTS / "common.lua"), str(report), *load.arguments,
    ]  # fmt: skip
    before = cpu_seconds(peer.pid)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if ends:
        _await_end(peer, report)
        process.send_signal(2)
    said = process.communicate(timeout=90)[0].decode()
    spent = cpu_seconds(peer.pid) - before
    if not report.exists():
        raise RuntimeError(f"{peer.name}: too few answers in {seconds:g} s to report: {said}")
    told = json.loads(report.read_text())
    if told["wrong"]:
        raise RuntimeError(f"{peer.name}: {told['wrong']} wrong answers: {told['first_wrong']}")
    number = told[load.per]
    return Measured(
        per_second=number / told["seconds"],
        p50=_latency(said, "50%"),
        p99=_latency(said, "99%"),
        cpu=spent * 1e6 / number,
    )


def _await_end(peer: Peer, report: Path) -> None:
    # The script has ended when the server has nothing more to do.
    last = -1.0
    while True:
        time.sleep(0.25)
        used = cpu_seconds(peer.pid)
        if used == last and report.exists():
            return
        last = used


def _latency(said: str, which: str) -> float:
    found = re.search(rf"{re.escape(which)}\s+([\d.]+)(us|ms|s)\b", said)
    return float(found[1]) * _UNITS[found[2]] if found else float("nan")
