"""The session of docs/cli.md is typed at a real server, and what it shows is compared."""

import os
import platform
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx2
import pytest

from .server import _CLEAN, Server, keycell, serving
from .test_docs import ROOT, blocks

PASSWORD = "correct horse battery"
PROMPT = re.compile(r"^(laptop|desktop)\$ ")
PAGE = "https://files.example"
ASKS = re.compile(r"^(http\S+/oauth2/device\?user_code=\S+)\r?\n.*minutes", re.MULTILINE)
# What differs each time is as long each time: it is compared by its form.
FORMS = (
    (re.compile(r"\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b"), "CODE"),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?"), "MOMENT"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DAY"),
    (re.compile(r"\b[0-9a-f]{24}\b"), "LINK"),
    (re.compile(r"\bin \d+\.\d s\b"), "in SECONDS"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID"),
)
QR_CODE = re.compile(r"^[ █▀▄]+$")


def typed_and_shown() -> Iterator[tuple[str, str, str]]:
    """Give what each machine's commands are, and what the page says they show."""
    for name, text in blocks("console"):
        if name != "cli.md":
            continue
        for part in re.split(r"^(?=\w+\$ )", text, flags=re.MULTILINE)[1:]:
            typed, _, shown = part.partition("\n")
            machine, _, command = typed.partition("$ ")
            yield machine, command, shown


def of_form(text: str) -> list[str]:
    for pattern, name in FORMS:
        text = pattern.sub(name, text)
    # Columns are as wide as what is in them.
    lines = [re.sub(" {2,}", "  ", line).rstrip() for line in text.splitlines()]
    return [line for line in lines if not QR_CODE.match(line) or not line]


def approve(address: str) -> None:
    """Sign in, and let the device in, as in a browser without scripts."""
    with httpx2.Client(follow_redirects=True) as http:
        page = http.get(address)
        for _ in range(5):
            if 'id="device-accept"' in page.text:
                break
            form = dict(
                re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
            )
            more = {"username": "ann", "password": PASSWORD}
            if 'id="device-find"' in page.text:
                more = {"user_code": address.partition("user_code=")[2], "action": "find"}
            page = http.post(page.url.copy_with(query=None), data=form | more)
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        done = http.post(page.url.copy_with(query=None), data=form | {"action": "accept"})
        assert done.status_code == 200, done.text


class Machine:
    """A home with a shell in it, at a terminal of 80 columns."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        home.mkdir()
        self._home = home
        self._environment = {**_CLEAN, **environment, "HOME": str(home)}
        self._before = home / ".said"
        self._before.touch()

    def types(self, command: str) -> str:
        near, far = pty.openpty()
        # Variables that were set are there for the commands that follow.
        script = f". ./.said; {command}\nended=$?; set | grep '^first=' > .said; exit $ended"
        with subprocess.Popen(
            ["sh", "-c", script], cwd=self._home, env=self._environment,
            stdin=far, stdout=far, stderr=far, start_new_session=True,
        ) as process:  # fmt: skip
            os.close(far)
            written, until, approved = b"", time.monotonic() + 120, False
            while time.monotonic() < until:
                if not select.select([near], [], [], 1)[0]:
                    continue
                try:
                    written += os.read(near, 65_536)
                except OSError:  # nobody writes any more
                    break
                asked = ASKS.search(written.decode(errors="replace"))
                if asked and not approved:
                    approved = True
                    approve(asked[1])
            os.close(near)
            process.wait(10)
        return written.decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a machine where the client alone was installed."""
    made = tmp_path_factory.mktemp("client")
    pins = re.findall(
        r"^[\w.-]+==.*?(?= \\$)", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    (made / "pins").write_text("\n".join(pins))
    environment = made / "environment"
    python = environment / "bin" / "python"
    for command in (
        ["-m", "venv", "--without-pip", str(environment)],
        ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(made), str(ROOT)],
        ["-m", "pip", "--python", str(python), "install", "--quiet", "--find-links", str(made),
         "--constraint", str(made / "pins"), "keycell"],
    ):  # fmt: skip
        subprocess.run([sys.executable, *command], check=True, capture_output=True, timeout=300)
    return python.parent


def test_the_client_alone_says_what_a_server_needs(client: Path, tmp_path: Path) -> None:
    assert not list(client.parent.rglob("starlette"))
    for arguments in (["serve"], ["admin", "user", "list", "--data", "data"],
                      ["admin", "migrate", "--data", "data"]):  # fmt: skip
        done = subprocess.run(
            [client / "keycell", *arguments], cwd=tmp_path, env=_CLEAN, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        sentence, hint = done.stderr.splitlines()
        assert done.returncode == 2, done
        assert re.fullmatch(r"error: this needs \w+, which is not installed", sentence)
        assert 'pip install "keycell[server]"' in hint
    assert not list(tmp_path.rglob("*.db"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data), stdin=PASSWORD)
    with serving(data) as running:
        yield running


def test_the_session_of_the_page(server: Server, client: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": f"{client}:/usr/bin:/bin", "NO_COLOR": "1", "TERM": "dumb",
        "COLUMNS": "80", "TZ": "UTC", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    machines = {name: Machine(tmp_path / name, environment) for name in ("laptop", "desktop")}
    came = []
    for machine, command, shown in typed_and_shown():
        said = machines[machine].types(command.replace(PAGE, server.url))
        said = said.replace(server.url, PAGE).replace(
            server.url.partition("//")[2], "files.example"
        )
        said = said.replace(str(tmp_path), "/home/ann").replace(platform.node(), machine)
        came.append((f"{machine}$ {command}", said, shown))
    for command, said, shown in came:
        assert of_form(said) == of_form(shown), f"{command}\n{said}"
