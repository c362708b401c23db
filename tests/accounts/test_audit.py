"""The trail: everything that is written has its sentence, and every sentence is written."""

import re
from pathlib import Path

import keycell
from keycell.accounts.audit import SENTENCES

SOURCE = Path(keycell.__file__).parent
ACTION = re.compile(r'"([a-z-]+\.[a-z_-]+)"')


def test_every_action_there_is_is_told_somewhere() -> None:
    """UX-P08: a sentence that nothing writes is a promise that is not kept."""
    kinds = {action.partition(".")[0] for action in SENTENCES}
    written = {
        found
        for path in SOURCE.rglob("*.py")
        if path.name != "audit.py" or path.parent.name != "accounts"
        for found in ACTION.findall(path.read_text())
        if found.partition(".")[0] in kinds
    }
    assert set(SENTENCES) <= written
