"""What the documents tell people to type and to write is typed and written here."""

import os
import pty
import re
import runpy
import select
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from keycell.settings import SETTINGS, Settings, variable

from .postgres import Postgres, free_port
from .server import KEYCELL, keycell, serving

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md",
         *sorted((ROOT / "docs").glob("*.md"))]  # fmt: skip
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:keycell|make) [^`]+)`")
EXAMPLE = "postgresql://keycell:secret@db.example.org/keycell"
WORDS = b"words of a passphrase\n"

# Stands before the real command on the PATH: a server that was started stops when it is ready.
WRAPPER = """#!/bin/sh
if [ "$1" != serve ]; then exec {keycell} "$@"; fi
{keycell} "$@" --port {port} & server=$!
for _ in $(seq 200); do
  {python} -c 'import urllib.request as r; r.urlopen("http://127.0.0.1:{port}/readyz")' \\
    2>/dev/null && ready=1 && break
  sleep 0.1
done
kill $server; wait $server && [ -n "$ready" ]
"""


def blocks(language: str) -> list[tuple[str, str]]:
    """Give the blocks of a language, each with the name of its page."""
    return [
        (page.name, text)
        for page in PAGES
        for found, text in BLOCK.findall(page.read_text())
        if found == language
    ]


def block(language: str, holds: str) -> str:
    (found,) = [text for _, text in blocks(language) if holds in text]
    return found


def typed(folder: Path, script: str) -> tuple[int, str]:
    """Run a script as at a terminal, giving a passphrase where one is asked for."""
    bin_ = folder / "bin"
    bin_.mkdir()
    (bin_ / "keycell").write_text(
        WRAPPER.format(keycell=KEYCELL, python=sys.executable, port=free_port())
    )
    (bin_ / "keycell").chmod(0o755)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEYCELL_")}
    environment = clean | {"PATH": f"{bin_}:{os.environ['PATH']}"}
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve("/bin/sh", ["sh", "-ec", script], environment)  # noqa: S606
    written, answered, deadline = b"", 0, time.monotonic() + 90
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            written += os.read(terminal, 65536)
        except OSError:  # the other end is closed: it has ended
            break
        asked = len(re.findall(rb"(?:Passphrase|Again): ", written))
        while answered < asked:
            answered += 1
            os.write(terminal, WORDS)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), written.decode()


SCRIPTS = [
    pytest.param(text, id=f"{name}-{n}")
    for n, (name, text) in enumerate(blocks("sh"))
    # What is typed at a server that runs is in test_docs_files.py.
    if "keycell " in text and "$KEYCELL" not in text
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_to_be_typed_works(script: str, tmp_path: Path, postgres: Postgres) -> None:
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(tmp_path / "data"),
            stdin="correct horse battery")  # fmt: skip
    with postgres.database() as url:
        code, written = typed(tmp_path, script.replace(EXAMPLE, url))
    assert code == 0, written


def test_every_command_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [page.read_text() for page in PAGES]
    said = {one for page in pages for one in INLINE.findall(page)}
    said |= {line for _, text in blocks("sh") for line in text.splitlines() if line}
    helped: dict[str, str] = {}
    for one in said:
        words = one.replace("…", "").split()
        if words[0] == "make":
            assert words[1] in targets, one
        if words[0] != "keycell" or len(words) == 1:
            continue
        commands = [word for word in words[1:4] if re.fullmatch(r"[a-z][a-z-]+", word)]
        name = " ".join(commands)
        if name not in helped:
            helped[name] = keycell(*name.split(), "--help", environment={"COLUMNS": "200"}).stdout
        for flag in re.findall(r"--[a-z][a-z-]+", one):
            assert flag in helped[name], one


def test_the_table_of_settings_is_what_there_is() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    told: dict[str, str] = {}
    for row in re.findall(r"^\| (.*) \|$", page.partition("\n## Behind")[0], re.MULTILINE)[1:]:
        cells = row.split("|")
        names, values = re.findall(r"`(\w+)`", cells[1]), re.findall(r"`([^`]+)`", cells[2])
        told |= dict(zip(names, values or [""] * len(names), strict=True))
    assert set(told) == {variable(name) for name in SETTINGS}
    for name, value in {"data": "data", "host": "127.0.0.1", "port": "8080", "workers": "1",
                        "registration": "token", "log_level": "info",
                        "show_registered_redirects": "administrators"}.items():  # fmt: skip
        assert str(getattr(Settings(), name)) == value == told[variable(name)]


async def test_the_application_inside_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """decisions/0023."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inside.py").write_text(block("python", "keycell.create_app"))
    made = runpy.run_path(str(tmp_path / "inside.py"))
    transport = httpx2.ASGITransport(app=made["app"])
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as http:
        document = (await http.get("/oidc/.well-known/openid-configuration")).json()
    await made["provider"].stop()
    assert document["issuer"] == "http://localhost:8000/oidc"
    assert (tmp_path / "data" / "keycell.db").exists()


async def test_the_settings_of_authlib(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        text = block("python", "authlib").replace("https://id.example.org", server.url)
        (tmp_path / "application.py").write_text(text)
        oauth = runpy.run_path(str(tmp_path / "application.py"))["oauth"]
        metadata = await oauth.keycell.load_server_metadata()
        assert metadata["issuer"] == f"{server.url}/oidc"
        begun = await oauth.keycell.create_authorization_url("https://app.example/callback")
        assert "code_challenge_method=S256" in begun["url"]


def test_the_settings_of_apache(tmp_path: Path) -> None:
    modules = ("mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc")
    load = "".join(
        f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so\n" for one in modules
    )
    head = f'ServerRoot "{tmp_path}"\nServerName localhost\nListen 127.0.0.1:{free_port()}\n'
    text = block("apache", "OIDCClientID")
    for placeholder in re.findall(r"<(?:client_id|client_secret|anything long)>", text):
        text = text.replace(placeholder, "x" * 32)
    (tmp_path / "httpd.conf").write_text(f"{head}ErrorLog {tmp_path}/log\n{load}{text}")
    command = ["/usr/sbin/apache2", "-t", "-f", str(tmp_path / "httpd.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
