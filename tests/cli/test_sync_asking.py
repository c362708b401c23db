"""`keycell sync run --watch` with somebody at the terminal, and what does not end it."""

import json
import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..postgres import free_port
from ..server import BARE, KEYCELL, Server
from .test_sync import Home, _states, homes, server

__all__ = ["homes", "server"]


class Terminal:
    """What a watch says at a terminal, and what is answered there."""

    def __init__(self, near: int) -> None:
        self._near = near
        self._said = ""

    def until(self, words: str) -> None:
        """Wait until something is said that was not said before."""
        ends = time.monotonic() + 60
        while words not in self._said:
            assert time.monotonic() < ends, self._said
            if select.select([self._near], [], [], 1)[0]:
                with suppress(OSError):
                    self._said += os.read(self._near, 4096).decode()
        self._said = self._said.partition(words)[2]

    def types(self, text: str) -> None:
        os.write(self._near, text.encode())


@contextmanager
def watched(home: Home, *arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", Terminal]]:
    near, far = pty.openpty()
    with subprocess.Popen(
        ["setsid", "--ctty", KEYCELL, "sync", "run", "--watch", *arguments],
        env={**BARE, **home.environment}, stdin=far, stdout=far, stderr=far,
    ) as process:  # fmt: skip
        os.close(far)
        try:
            yield process, Terminal(near)
        finally:
            process.kill()
            os.close(near)


def empty(folder: Path) -> None:
    for one in folder.glob("*.txt"):
        one.unlink()


def fill(folder: Path, name: str) -> None:
    for number in range(30):
        (folder / f"{name}{number}.txt").write_text(f"{name}{number}")


def test_a_yes_to_deletions_holds_for_those_alone(homes: tuple[Home, Home]) -> None:
    one, two = homes
    fill(one.files, "a")
    one.sync("run")
    with watched(one) as (process, terminal):
        terminal.until("alike")
        empty(one.files)
        terminal.until("30 of 30 files would be deleted on the server. Delete them? [y/N] ")
        terminal.types("y\n")
        terminal.until("30 done")
        terminal.until("alike")
        fill(one.files, "b")
        terminal.until("30 done")
        empty(one.files)
        terminal.until("30 of 30 files would be deleted on the server. Delete them? [y/N] ")
        terminal.types("n\n")
        terminal.until("nothing was deleted")
        assert process.wait(30) == 2
    two.sync("run")
    assert len(list(two.files.glob("b*.txt"))) == 30
    assert not list(two.files.glob("a*.txt"))


def test_a_folder_that_is_paused_while_it_is_watched_is_left_alone_until_it_is_resumed(
    homes: tuple[Home, Home],
) -> None:
    one, two = homes
    with watched(one) as (process, terminal):
        terminal.until("alike")
        one.sync("pause")
        terminal.until("files: paused")
        assert _states(one) == ["paused"]
        (one.files / "a.txt").write_text("a")
        assert two.told("run")["items"][0]["done"] == 0
        one.sync("resume")
        terminal.until("files: synced again")
        terminal.until("1 done")
        # Whoever follows it would go on, knowing nothing.
        assert "by another process" in one.sync("rm", "files", code=6).stderr
        process.terminate()
        assert process.wait(30) == 143
    one.sync("rm", "files")


def test_a_server_that_is_away_at_first_is_waited_for(
    homes: tuple[Home, Home], server: Server
) -> None:
    one, _ = homes
    server.stop()
    try:
        with watched(one) as (_, terminal):
            terminal.until("cannot be reached")
            server.start()
            terminal.until("alike")
            (one.files / "a.txt").write_text("a")
            terminal.until("1 done")
    finally:
        if not server.is_running:
            server.start()


def test_a_server_that_is_away_keeps_nobody_from_following_another(
    homes: tuple[Home, Home],
) -> None:
    one, _ = homes
    one.sync("add", str(one.files.with_name("more")), ":personal-files/more")
    config = Path(one.environment["KEYCELL_CONFIG_DIR"])
    kept = config / "state" / "sync" / "more.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "profile": "away"}))
    (config / "config.toml").write_text(
        f'[profiles.away]\nserver = "http://localhost:{free_port()}"\nstorage = "file"\n'
    )
    with watched(one) as (process, terminal):
        terminal.until("more: http://localhost:")
        (one.files / "a.txt").write_text("a")
        terminal.until("files: 1 done")
        process.terminate()
        assert process.wait(30) == 143


def test_one_that_cannot_be_synced_keeps_no_other_from_it(homes: tuple[Home, Home]) -> None:
    one, two = homes
    one.sync("add", str(one.files.with_name("more")), ":personal-files/more")
    (one.files / ".keycell-sync" / "marker").unlink()
    (one.files.with_name("more") / "a.txt").write_text("a")
    told = one.told("run", code=8)["items"]
    assert [(item["name"], item["done"]) for item in told] == [("files", 0), ("more", 1)]
    assert "is not the folder that was added" in told[0]["error"]
    assert "error" not in told[1]
    assert "files: " in one.sync("run", code=8).stderr
    one.sync("rm", "more")
    assert "hint: mount it" in one.sync("run", code=3).stderr
    assert two.told("run")["items"][0]["done"] == 0


def test_what_cannot_be_kept_is_told_in_a_sentence(homes: tuple[Home, Home]) -> None:
    one, _ = homes
    one.sync("run")
    state = Path(one.environment["KEYCELL_CONFIG_DIR"]) / "state" / "sync" / "files.db"
    for path in state.parent.glob("files.db*"):
        path.unlink()
    state.write_bytes(b"no database at all" * 100)
    for arguments in (["run"], ["run", "--watch"], ["status"], ["conflicts"]):
        told = one.sync(*arguments, code=1).stderr.splitlines()
        assert told[0] == (
            f"error: {state}, where what is known of files is kept, cannot be used: "
            "file is not a database"
        )
        assert told[1] == "hint: move it away: all is compared anew then, and nothing is deleted"
