"""A reach as a small document: what a job keeps of the token that asked for it."""

from collections.abc import Sequence

from keycell.oauth.details import Action, FilesDetail


def write_reach(reach: Sequence[FilesDetail]) -> list[dict[str, object]]:
    """Write a reach down."""
    return [
        {"actions": sorted(one.actions), "space": one.space, "node": one.node_id} for one in reach
    ]


def read_reach(kept: object) -> tuple[FilesDetail, ...]:
    """Read a reach that was written down; what is no reach opens nothing."""
    if not isinstance(kept, list):
        return ()
    found = []
    for one in kept:
        if isinstance(one, dict) and isinstance(one.get("actions"), list):
            allowed: set[Action] = set()
            allowed |= {"read"} if "read" in one["actions"] else set()
            allowed |= {"write"} if "write" in one["actions"] else set()
            space, node_id = one.get("space"), one.get("node")
            found.append(FilesDetail(frozenset(allowed), space, node_id))
    return tuple(found)
