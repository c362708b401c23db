"""Authorization details: what a token may do with files, place by place. RFC9396-2."""

from dataclasses import dataclass
from typing import Literal

FILES = "files"
"""The one ``type`` of authorization details that means something here."""

Action = Literal["read", "write"]
"""Writing includes reading."""


@dataclass(frozen=True, slots=True)
class FilesDetail:
    """What may be done with the files of one place; of the whole account where none is named."""

    actions: frozenset[Action]
    space: str | None = None
    """A space's slug."""
    node_id: str | None = None
    """A folder or file, with all that lies in it."""
