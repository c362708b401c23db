"""What lies on the server, as the calls over REST have it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keycell.client.errors import NotKeycell
from keycell.client.globs import RECYCLE_BIN


@dataclass(frozen=True, slots=True)
class Node:
    """A file or a folder; the spaces are folders at the top."""

    path: str
    node_id: str
    is_folder: bool
    size: int = 0
    mtime: float = 0
    etag: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """What is said of it, by namespace."""

    @property
    def name(self) -> str:
        """Give its name; "" at the top."""
        return self.path.rpartition("/")[2]

    @property
    def is_bin(self) -> bool:
        """Tell whether it is the recycle bin of a space."""
        return self.path.count("/") == 1 and self.name == RECYCLE_BIN

    @property
    def lies_in_bin(self) -> bool:
        """Tell whether it is that, or lies in it; a folder of that name elsewhere is a folder."""
        return self.path.split("/")[1:2] == [RECYCLE_BIN]

    @property
    def content_type(self) -> str:
        """Give what kind of file it is."""
        return str(self.meta.get("mime", ""))

    @property
    def label(self) -> str:
        """Give what a space is called, and otherwise the name."""
        return str(self.meta.get("ws_label") or self.name)

    @property
    def origin(self) -> str:
        """Give where it was before it was deleted; "" outside the recycle bin."""
        return str(self.meta.get("x-keycell-origin") or "")

    @property
    def trashed_at(self) -> float:
        """Give when that was, in seconds since 1970; 0 outside the recycle bin."""
        said = self.meta.get("x-keycell-trashed-at")
        return float(said) if isinstance(said, int | float) else 0


def read_node(view: object) -> Node:
    """Read a node as the wire has it: 64-bit numbers are texts, metadata JSON in texts."""
    if not isinstance(view, dict) or not isinstance(view.get("Uuid"), str):
        raise NotKeycell("the server's answer holds no node where one should be")
    path = str(view.get("Path", ""))
    if any(name in (".", "..") or "\0" in name for name in path.split("/")):
        # Made into a path of this machine it would lead out of the folder that is meant.
        raise NotKeycell(f"the server tells of a file at {path[:200]!r}, which no file can be at")
    try:
        size, mtime = int(view.get("Size") or 0), float(view.get("MTime") or 0)
    except (TypeError, ValueError):
        raise NotKeycell(f"the server tells no size and time of {path[:200]!r}") from None
    said = view.get("MetaStore")
    return Node(
        path=path,
        node_id=view["Uuid"],
        is_folder=view.get("Type") == "COLLECTION",
        size=size,
        mtime=mtime,
        etag=str(view.get("Etag", "")),
        meta={name: _said(text) for name, text in said.items()} if isinstance(said, dict) else {},
    )


def _said(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text
