"""What is synced within one process."""

from pathlib import Path

import httpx2
import pytest

from keycell.bootstrap import World
from keycell.server import make_app

from ..conftest import Browser
from ..files.conftest import Home, home
from ..http.tokens import sign_in
from .inside import Inside

__all__ = ["home"]


@pytest.fixture
async def inside(world: World, browser: Browser, home: Home, tmp_path: Path) -> Inside:
    token = await sign_in(browser.http, "ann")
    found = Inside(tmp_path / "synced", httpx2.ASGITransport(app=make_app(world)), token, home)
    found.begin()
    return found
