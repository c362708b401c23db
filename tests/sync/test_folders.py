"""What was said of the folders that are synced."""

from pathlib import Path

import pytest

from keycell.sync.errors import SyncError
from keycell.sync.folders import folders, new_folder, remove


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEYCELL_CONFIG_DIR", str(tmp_path / "home"))
    return tmp_path


def test_a_long_name_is_shortened(home: Path) -> None:
    """Files are called by it, and a system takes no name of more than 255 bytes."""
    new_folder(home / f"{'n' * 250}a", "p", "space/a", "both").write()
    other = new_folder(home / f"{'n' * 250}b", "p", "space/b", "both")
    other.write()
    assert {one.name for one in folders()} == {"n" * 100, f"{'n' * 100}-2"}
    remove(other)
    assert [one.name for one in folders()] == ["n" * 100]


@pytest.mark.parametrize("text", ["[]", "7", "{}", '{"ignored": 7}', "{"])
def test_what_says_nothing_of_a_folder_is_told_in_a_sentence(home: Path, text: str) -> None:
    kept = new_folder(home / "files", "p", "space/a", "both")
    kept.write()
    kept.database.with_suffix(".json").write_text(text)
    with pytest.raises(SyncError, match=r"files\.json cannot be read"):
        folders()
