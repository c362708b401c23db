"""A mail server, and a Keycell that sends by it; a Keycell on either database."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keycell.accounts.posting import deliver
from keycell.bootstrap import World
from keycell.settings import Settings

from ..conftest import BASE
from ..smtp import Mailbox, mail_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def mailing(settings: Settings, mailbox: Mailbox) -> Settings:
    return replace(settings, smtp=mailbox.url, mail_from="keycell@id.example")


async def deliver_all(world: World) -> None:
    while await deliver(world.people, "test"):
        continue


@pytest.fixture(params=["sqlite", "postgresql"])
def either_settings(
    request: pytest.FixtureRequest, tmp_path: Path, first_start: Path
) -> Iterator[Settings]:
    """Either database: they differ in what they can hold at all."""
    data = tmp_path / "data"
    shutil.copytree(first_start, data)
    kept = Settings(data=data, public_url=BASE, registration="open")
    if request.param == "sqlite":
        yield kept
        return
    with request.getfixturevalue("postgres").database() as url:
        yield replace(kept, database=url, sealing_key="A" * 43)
