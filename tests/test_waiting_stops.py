"""Whoever follows changes holds up no stop: they are answered."""

import socket
from pathlib import Path

import httpx2

from .application import PASSWORD
from .server import keycell, keycell_json, serving
from .waiting import is_read, until

FEED = "/a/keycell/changes?space=personal-files"


def test_who_waits_for_changes_is_answered_when_the_server_stops(tmp_path: Path) -> None:
    data = tmp_path / "data"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data), stdin=PASSWORD)
    made = keycell_json("admin", "token", "add", "ann", "--label", "t", "--expires", "1h",
                        "--data", str(data))  # fmt: skip
    bearer = {"Authorization": f"Bearer {made['access_token']}"}
    with serving(data) as server:
        cursor = httpx2.get(f"{server.url}{FEED}&cursor=0", headers=bearer).json()["cursor"]
        follower = socket.create_connection(("localhost", server.port), 60)
        follower.sendall(
            f"GET {FEED}&cursor={cursor}&wait=60 HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: {bearer['Authorization']}\r\n\r\n".encode()
        )
        until(lambda: is_read(follower))
        assert server.stop() == 0
        with follower.makefile("rb") as answer:
            said = answer.read()
        follower.close()
        assert said.startswith(b"HTTP/1.1 200")
        assert b'"changes":[]' in said
        assert '"level": "error"' not in server.log.read_text()
