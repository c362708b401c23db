"""A real server with Ann, a home of the test's own, and a line that can be cut."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from keycell.client.credentials import EnvironmentKeeper
from keycell.client.discovery import Metadata
from keycell.client.profiles import Profile
from keycell.client.session import Session, bind, open_http, open_session

from ..server import Server, keycell, keycell_json, serving
from .line import Line, line_to

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("client") / "data"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data), stdin=PASSWORD)
    with serving(data) as running:
        yield running


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    """A personal access token of Ann's."""
    made: dict[str, str] = keycell_json(
        "admin", "token", "add", "ann", "--label", "test", "--expires", "24h",
        "--data", str(server.data),
    )  # fmt: skip
    return made["access_token"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home: no profile, and nothing of whoever runs the tests."""
    for name in ("KEYCELL_TOKEN", "KEYCELL_SERVER", "KEYCELL_TOKEN_FILE", "KEYCELL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    monkeypatch.setenv("KEYCELL_CONFIG_DIR", str(folder))
    return folder


@pytest.fixture
async def session(
    home: Path, server: Server, token: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Session]:
    """Ann's session, by the environment."""
    monkeypatch.setenv("KEYCELL_TOKEN", token)
    monkeypatch.setenv("KEYCELL_SERVER", server.url)
    async with open_session() as opened:
        yield opened


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    with line_to(server.port) as laid:
        yield laid


@pytest.fixture
async def cut_session(home: Path, line: Line, token: str) -> AsyncIterator[Session]:
    """Ann's session over a line that can be cut."""
    profile = Profile("cut", line.url, storage="environment")
    metadata = Metadata(f"{line.url}/oidc", {"token_endpoint": f"{line.url}/oidc/oauth2/token"})
    async with open_http(line.url) as (http, transport):
        yield bind(profile, EnvironmentKeeper(token), http, metadata, transport)
