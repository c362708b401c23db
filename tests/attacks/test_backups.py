"""Backups that somebody put in the place of ours: row 84 of the attacks to survive."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from keycell.bootstrap import World
from keycell.files.errors import BlobMissing
from keycell.outside.archive import BadArchive, new_archive, open_archive
from keycell.stores.backup import BadBackup, Ending, Heading, restore_lines
from keycell.stores.blobs import open_blobs
from keycell.stores.migrate import VERSIONS
from keycell.stores.schema_files import blobs

PASSPHRASE = "a long passphrase"
OUT = ("../../outside", "/etc/passwd", "..", ".", "", "ab/../../outside", "a\\b", "a\0b")


def test_attack_84_who_has_a_passphrase_takes_nothing_that_is_not_sealed(tmp_path: Path) -> None:
    """ATTACKS 84: without it anybody can write a backup with an administrator of their own."""
    forged = tmp_path / "forged.backup"
    with new_archive(forged, None) as archive:
        archive.write(b"{}\n")
    with pytest.raises(BadArchive, match="not sealed"), open_archive(forged, PASSPHRASE):
        pass
    with open_archive(forged, None) as archive:
        assert archive.read() == b"{}\n"
    ours = tmp_path / "ours.backup"
    with new_archive(ours, PASSPHRASE) as archive:
        archive.write(b"[]\n")
    with open_archive(ours, PASSPHRASE) as archive:
        assert archive.read() == b"[]\n"


def lines(key: str) -> Iterator[bytes]:
    """The rows of a backup in which the bytes of a file lie elsewhere."""
    known = {"sha256": "0" * 64, "size": 7, "md5": "0" * 32, "key": key}
    row = [known.get(one.name, None if one.nullable else 0) for one in blobs.c]
    yield json.dumps({"table": "blobs", "columns": [one.name for one in blobs.c]}).encode()
    yield json.dumps(row).encode()
    yield b'{"rows": 1}'


@pytest.mark.parametrize("key", OUT)
async def test_attack_84_no_backup_leads_to_files_of_the_machine(world: World, key: str) -> None:
    """ATTACKS 84: its rows say where bytes lie, and whoever made it wants others read."""
    url = world.settings.database_url
    store = open_blobs("", world.settings.data)
    heading = Heading(VERSIONS[-1], 0, False, "")  # noqa: FBT003
    before = await world.clients.find("keycell-web")
    with pytest.raises(BadBackup, match="damaged"):
        await restore_lines(url, heading, lines(key), Ending(store, [], lambda: None))
    assert before is not None
    assert await world.clients.find("keycell-web") == before
    await store.close()


async def test_attack_84_no_row_leads_out_of_the_folder_of_bytes(tmp_path: Path) -> None:
    """ATTACKS 84: neither to be read nor to be removed, whoever wrote it."""
    store = open_blobs("", tmp_path / "data")
    outside = tmp_path / "outside"
    outside.write_bytes(b"secrets")
    keys = [str(outside), "../../../outside", "..", "."]
    for key in keys:
        with pytest.raises(BlobMissing):
            _ = [piece async for piece in store.read(key, 0, 7)]
    await store.remove(keys)
    assert outside.read_bytes() == b"secrets"
    await store.close()
