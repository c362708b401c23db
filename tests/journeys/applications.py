"""Three applications of others, started as their documentation says."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from keycell.http.quickstarts import QUICKSTARTS, Values

from ..postgres import free_port
from ..server import Server, keycell_json

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Application:
    """A running application, registered with the server."""

    name: str
    origin: str
    client_id: str
    login: str
    logout: str
    landing: str
    """Where somebody is who has just signed in."""


def register(server: Server, name: str, origin: str, callback: str) -> tuple[str, str]:
    made = keycell_json(
        "admin", "client", "add", name, "--redirect-uri", f"{origin}{callback}",
        "--post-logout-redirect-uri", f"{origin}/", "--data", str(server.data),
        environment=server.database_environment,
    )  # fmt: skip
    return made["client_id"], made["client_secret"]


def node_modules() -> Path:
    """Give the folder of the journeys' packages of npm, installed as their lock file says."""
    folder = HERE / "node_modules"
    stamp = folder / ".installed"
    lock = (HERE / "package-lock.json").read_text()
    ours = HERE.parents[1] / ".make"
    ours.mkdir(exist_ok=True)
    # One worker installs, for that begins by removing what another may be reading.
    with FileLock(ours / "journeys.lock"):
        if not stamp.exists() or stamp.read_text() != lock:
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
            stamp.write_text(lock)
    return folder


@contextlib.contextmanager
def openid_client(server: Server) -> Iterator[Application]:
    """An application of openid-client (npm)."""
    node_modules()
    with _running(
        server, "openid-client", ["node", str(HERE / "openid_client.mjs")]
    ) as application:
        yield application


@contextlib.contextmanager
def authlib(server: Server) -> Iterator[Application]:
    """An application of Authlib (PyPI) and Starlette."""
    command = [sys.executable, str(HERE / "authlib_app.py")]
    with _running(server, "Authlib", command) as application:
        yield application


@contextlib.contextmanager
def _running(server: Server, name: str, command: list[str]) -> Iterator[Application]:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    client_id, secret = register(server, name, origin, "/callback")
    environment = os.environ | {
        "ISSUER": f"{server.url}/oidc", "PORT": str(port), "CLIENT_ID": client_id,
        "CLIENT_SECRET": secret,
    }  # fmt: skip
    log = (server.data.parent / f"{name}.log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(port)
        yield Application(name, origin, client_id, "/login", "/logout", "/")
    finally:
        process.terminate()
        process.wait(10)
        log.close()


APACHE = """
ServerRoot "{folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile "{folder}/httpd.pid"
ErrorLog "{folder}/error.log"
{modules}
User {user}
Group {group}
DocumentRoot "{folder}/site"
TypesConfig /dev/null
AddType text/html .html
<Directory "{folder}/site">
  Options +Includes
  Require all granted
</Directory>
AddOutputFilter INCLUDES .html
{quickstart}
"""
MODULES = (
    "mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "dir", "mime",
    "include", "filter",
)  # fmt: skip


@contextlib.contextmanager
def apache(server: Server) -> Iterator[Application]:
    """Apache httpd with mod_auth_openidc, both of Debian."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    client_id, secret = register(server, "Apache", origin, "/protected/redirect_uri")
    folder = server.data.parent / "apache"
    (folder / "site" / "protected").mkdir(parents=True, exist_ok=True)
    inside = '<h1>Hello <!--#echo var="REMOTE_USER" --></h1>'
    (folder / "site" / "protected" / "index.html").write_text(inside)
    (folder / "site" / "index.html").write_text("<h1>Nobody</h1>")
    is_root = os.geteuid() == 0
    (folder / "httpd.conf").write_text(
        APACHE.format(
            folder=folder, port=port, quickstart=_quickstart(server, client_id),
            modules="\n".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so"
                              for m in MODULES),
            user="www-data" if is_root else f"#{os.geteuid()}",
            group="www-data" if is_root else f"#{os.getegid()}",
        )
    )  # fmt: skip
    if is_root:
        _let_in(folder)
    command = [_httpd(), "-f", str(folder / "httpd.conf"), "-DFOREGROUND"]
    told = {"CLIENT_SECRET": secret, "APP_URL": origin, "CRYPTO_PASSPHRASE": "of this test"}
    process = subprocess.Popen(command, env=os.environ | told)
    try:
        wait_for(port)
        back = f"/protected/redirect_uri?logout={origin}/"
        yield Application(
            "Apache", origin, client_id, "/protected/", back.replace(":", "%3A"), "/protected/"
        )
    finally:
        process.terminate()
        process.wait(20)


def _quickstart(server: Server, client_id: str) -> str:
    """What the page for who writes applications tells Apache's administrators to write."""
    (text,) = (one for one in QUICKSTARTS if one.key == "mod-auth-openidc")
    return text.filled(Values(f"{server.url}/oidc", server.url, client_id))


def _let_in(folder: Path) -> None:
    # Apache's children give up being root, and must still reach what they serve.
    for path in (folder, *folder.parents):
        if path.owner() == "root" and path.parent != path:
            path.chmod(path.stat().st_mode | 0o011)


def _httpd() -> str:
    return shutil.which("apache2") or shutil.which("httpd") or "/usr/sbin/apache2"


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nobody listens on {port}")
