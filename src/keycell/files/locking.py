"""Locking files and folders, and looking at who has. The stores look once more with each write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keycell.files.access import Actor
from keycell.files.finding import Located, check_writable
from keycell.files.locks import LONGEST, NO_TOKENS, Lock, check_shown, covering
from keycell.files.nodes import Node
from keycell.files.ports import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A lock as it is asked for."""

    is_exclusive: bool
    is_deep: bool
    owner: str
    timeout: timedelta


async def take_lock(files: Files, actor: Actor, located: Located, wanted: Wanted) -> Lock:
    """Lock what was found; raise Locked where another lock does not suffer it."""
    check_writable(located)
    now = files.clock()
    timeout = min(wanted.timeout, LONGEST)
    lock = Lock(
        token=f"urn:uuid:{files.mint_id()}",
        node_id=located.node.node_id,
        volume_id=located.node.volume_id,
        is_exclusive=wanted.is_exclusive,
        is_deep=wanted.is_deep and located.node.is_folder,
        owner=wanted.owner,
        sub=actor.sub,
        timeout=timeout,
        expires_at=now + timeout,
    )
    await files.locks.take(lock, now)
    return lock


async def refresh_lock(files: Files, actor: Actor, token: str, lasts: timedelta) -> Lock | None:
    """Prolong a lock of one's own from now on; None if it has ended."""
    now = files.clock()
    return await files.locks.refresh(token, actor.sub, now + min(lasts, LONGEST), now)


async def locks_on(files: Files, nodes: Sequence[Node]) -> Sequence[Lock]:
    """List the locks that stand on some nodes; asks the store only where there may be any."""
    now = files.clock()
    held = [node.node_id for node in nodes if is_held(node, now)]
    return await files.locks.on_nodes(held, now) if held else ()


async def locks_covering(files: Files, located: Located) -> list[Lock]:
    """List the locks that cover what was found: its own, and deep ones on what it lies in."""
    found = await locks_on(files, located.found.chain)
    return covering(found, located.found.ids) if found else []


async def check_unlocked(
    files: Files, actor: Actor, located: Located, lock_tokens: frozenset[str] = NO_TOKENS
) -> None:
    """Refuse early what the store would refuse in the end: a change of what others locked."""
    check_shown(await locks_covering(files, located), actor.sub, lock_tokens)


def is_held(node: Node, now: datetime) -> bool:
    """Tell whether some lock may stand on a node."""
    return node.locked_until is not None and node.locked_until > now
