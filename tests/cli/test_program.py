"""What the program says of itself, of its server, and to shells."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from keycell.cli.output import Exit

from ..postgres import free_port
from ..server import KEYCELL, Server, keycell, keycell_json, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("program") / "data"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data),
            stdin="correct horse battery")  # fmt: skip
    with serving(data) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(server: Server) -> dict[str, str]:
    made = keycell_json(
        "admin", "token", "add", "ann", "--label", "test", "--expires", "24h",
        "--data", str(server.data),
    )  # fmt: skip
    return {"KEYCELL_CONFIG_DIR": str(server.data.parent / "home"),
            "KEYCELL_SERVER": server.url, "KEYCELL_TOKEN": made["access_token"]}  # fmt: skip


@pytest.fixture
def nobody(tmp_path: Path) -> dict[str, str]:
    return {"KEYCELL_CONFIG_DIR": str(tmp_path / "home")}


def test_the_version_of_both(
    server: Server, signed_in: dict[str, str], nobody: dict[str, str]
) -> None:
    ours = version("keycell")
    told = keycell_json("version", environment=signed_in)
    assert told == {"version": ours, "server": server.url, "server_version": ours}
    told = keycell_json("version", environment=nobody)
    assert told == {"version": ours, "server": None, "server_version": None}
    assert keycell("version", environment=nobody).stdout == f"version\t{ours}\n"
    keycell("version", "--profile", "nowhere", environment=nobody, code=4)


def test_a_server_that_is_away_hides_no_version(nobody: dict[str, str]) -> None:
    away = nobody | {"KEYCELL_TOKEN": "any", "KEYCELL_SERVER": f"http://localhost:{free_port()}"}
    said = keycell("version", environment=away)
    assert said.stdout.startswith(f"version\t{version('keycell')}\n")
    assert "cannot be reached" in said.stderr


def test_what_holds_for_all_commands() -> None:
    codes = {one["name"] for one in keycell_json("help", "exit-codes")["items"]}
    assert {str(int(code)) for code in Exit} < codes
    assert "KEYCELL_TOKEN_FILE" in keycell("help", "environment").stdout
    assert "{{.Name}}" in keycell("help", "formatting").stdout
    assert ":space/dir/file" in keycell("help", "paths").stdout
    assert keycell("help").stdout.split() == ["exit-codes", "environment", "formatting", "paths"]
    assert "there are: exit-codes" in keycell("help", "exits", code=2).stderr


def completed(words: str, home: dict[str, str]) -> list[str]:
    """Ask as bash does, by the script that it is told to run."""
    script = keycell("completion", "bash").stdout
    begun = "''" if words.endswith(" ") else ""
    asked = (
        f"export PATH={Path(KEYCELL).parent}:$PATH\n{script}\n"
        f"COMP_WORDS=({words} {begun}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))\n"
        f"COMP_LINE={shlex.quote(words)}; COMP_POINT=${{#COMP_LINE}}\n"
        '_keycell_completion keycell\nprintf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", asked],
        capture_output=True, text=True, timeout=30, check=True, env=home,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes(nobody: dict[str, str]) -> None:
    assert completed("keycell doc", nobody) == ["doctor"]
    assert {"login", "sync", "admin"} <= {*completed("keycell ", nobody)}
    assert "put" not in completed("keycell ", nobody)
    assert completed("keycell auth sw", nobody) == ["switch"]
    assert completed("keycell whoami --js", nobody) == ["--json"]
    assert completed("keycell help exit", nobody) == ["exit-codes"]


def test_bash_completes_profiles(nobody: dict[str, str]) -> None:
    assert completed("keycell whoami --profile ", nobody) == []
    file = Path(nobody["KEYCELL_CONFIG_DIR"]) / "config.toml"
    file.parent.mkdir()
    file.write_text('[profiles.work]\nserver = "https://a.example"\n'
                    '[profiles.home]\nserver = "https://b.example"\n')  # fmt: skip
    assert completed("keycell whoami --profile ", nobody) == ["work", "home"]
    assert completed("keycell version --profile w", nobody) == ["work"]
    file.write_text("nonsense")
    assert completed("keycell whoami --profile ", nobody) == []


def test_other_shells_are_told(nobody: dict[str, str]) -> None:
    assert "complete_powershell" in keycell("completion", "powershell", environment=nobody).stdout
    keycell("completion", "tcsh", code=2)
    asked = {"_KEYCELL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "keycell log"}
    assert '"login":"Sign in to a server."' in keycell(environment=nobody | asked).stdout
    asked = {"_KEYCELL_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": "keycell log",
             "_TYPER_COMPLETE_FISH_ACTION": "get-args"}  # fmt: skip
    assert "login" in keycell(environment=nobody | asked).stdout


def test_all_is_well(signed_in: dict[str, str]) -> None:
    found = keycell_json("doctor", environment=signed_in)
    assert found["ok"] is True
    checks = [one["check"] for one in found["items"]]
    assert checks == ["profile", "proxy", "credentials", "server", "tls", "clock", "sign-in"]
    said = keycell("doctor", environment=signed_in).stdout
    assert "signed in as ann" in said
    assert "MEND" not in said


def test_what_is_to_be_mended(
    server: Server, signed_in: dict[str, str], nobody: dict[str, str]
) -> None:
    assert "keycell login" in keycell("doctor", environment=nobody, code=1).stdout
    wrong = keycell("doctor", "--json", environment=signed_in | {"KEYCELL_TOKEN": "x"}, code=1)
    assert json.loads(wrong.stdout)["items"][-1]["check"] == "sign-in"
    closed = f"http://localhost:{free_port()}"
    away = keycell("doctor", environment=signed_in | {"KEYCELL_SERVER": closed}, code=1).stdout
    assert "MEND  server" in away
    proxy = {"http_proxy": f"http://me:secret@localhost:{free_port()}"}
    said = keycell("doctor", environment=signed_in | proxy, code=1)
    assert "through localhost:" in said.stdout
    assert "secret" not in said.stdout + said.stderr
    assert server.url in said.stdout


def test_a_clock_that_is_wrong(signed_in: dict[str, str]) -> None:
    # A machine whose clock is an hour behind.
    code = (
        "import time; real = time.time; time.time = lambda: real() - 3600\n"
        "import sys; sys.argv = ['keycell', 'doctor']\n"
        "from keycell.cli.main import main; main()"
    )
    done = subprocess.run(
        [Path(KEYCELL).parent / "python", "-c", code],
        capture_output=True, text=True, timeout=60, check=False, env=signed_in,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "s behind the server's" in done.stdout


def test_what_everybody_tries_first_says_the_version() -> None:
    assert keycell("--version").stdout == f"{version('keycell')}\n"


def test_an_address_that_nothing_says_is_said_to_be_taken(tmp_path: Path) -> None:
    """The store does not know where people reach its server; who reads the answer should."""
    said = keycell("admin", "report", "--data", str(tmp_path / "data")).stderr
    assert "taken to be at http://localhost:8080; KEYCELL_PUBLIC_URL says where" in said
    known = keycell("admin", "report", "--data", str(tmp_path / "data"),
                    environment={"KEYCELL_PUBLIC_URL": "https://id.example.org"})  # fmt: skip
    assert not known.stderr


def test_who_mistypes_a_name_is_told_what_lists_them(tmp_path: Path) -> None:
    for line, lists in (("client show nobody", "client"), ("user disable nobody", "user")):
        told = keycell("admin", *line.split(), "--data", str(tmp_path / "data"), code=3)
        assert f"hint: keycell admin {lists} list says which there are" in told.stderr


def test_every_start_loads_little() -> None:
    """What one command needs is loaded by it alone: each start and each server would pay."""
    asked = "import sys, keycell.cli.main; print(*(m for m in sys.modules if m[:8] == 'keycell.'))"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    parts = ("", ".commands", ".completion", ".main", ".output", ".plain", ".terminal")
    assert set(done.stdout.split()) == {f"keycell.cli{part}" for part in parts}


@pytest.mark.parametrize("command", ["help exit-codes", "help exit-codes --json"])
def test_whoever_reads_no_more_is_told_nothing_more(command: str) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as nobody:
        done = subprocess.run([KEYCELL, *command.split()], stdout=nobody, stderr=subprocess.PIPE,
                              timeout=60, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (Exit.DONE, b"")


def test_where_nothing_can_be_written_is_said_in_a_sentence() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123  (it has no other name)
        done = subprocess.run([KEYCELL, "help", "paths"], stdout=full, stderr=subprocess.PIPE,
                              timeout=60, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (Exit.OTHER, b"error: No space left on device\n")
