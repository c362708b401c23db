"""What systemd is told, of the server by the documents and of sync by its command."""

import configparser
import shlex
import subprocess
from pathlib import Path

from .server import KEYCELL, keycell
from .test_docs import block


def verify(unit: Path) -> str:
    """Have systemd read a unit as it would, and give what it finds wrong."""
    return subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", unit],
        capture_output=True, text=True, check=False,
    ).stderr  # fmt: skip


def test_the_server_as_a_service(tmp_path: Path) -> None:
    told = block("ini", "[Service]")
    unit = tmp_path / "keycell.service"
    unit.write_text(told.replace("/opt/keycell/bin/keycell", KEYCELL))
    assert verify(unit) == ""
    unit.write_text(unit.read_text() + "\n[Service]\nProtectSytem=strict\n")
    assert "ProtectSytem" in verify(unit)


def test_no_service_without_a_place_for_its_files() -> None:
    read = configparser.ConfigParser(delimiters="=", interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(block("ini", "[Service]"))
    service = read["Service"]
    assert shlex.split(service["ExecStart"]) == ["/opt/keycell/bin/keycell", "serve"]
    # ProtectSystem leaves nothing else to write to.
    assert service["Environment"] == f"KEYCELL_DATA=/var/lib/{service['StateDirectory']}"


def test_sync_as_a_service_of_ones_own(tmp_path: Path) -> None:
    place = tmp_path / "100% mine"
    place.mkdir()
    command = place / "keycell"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    written = keycell(
        "sync", "service",
        environment={"XDG_CONFIG_HOME": str(tmp_path), "PATH": f"{place}:/usr/bin:/bin"},
    ).stdout.strip()  # fmt: skip
    text = Path(written).read_text()
    # Of the template, the instance for the synced folder `photos`.
    instance = tmp_path / "keycell-sync@photos.service"
    instance.write_text(text)
    assert verify(instance) == ""
    assert str(place).replace("%", "%%") in text
