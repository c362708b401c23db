"""Keeping our keys: made at first start, published ahead, changed by age or by command."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from keycell.accounts.audit import NOWHERE, AuditEvent, Origin
from keycell.accounts.ports import Sealer
from keycell.oauth.encryption import KEY_FAMILIES
from keycell.oauth.keys import (
    PUBLISHED_AHEAD,
    KeyRecord,
    Rotation,
    plan_revocation,
    plan_rotation,
)
from keycell.oauth.metadata import OWN_KEYS
from keycell.provider.key_readers import KeyReaders, KeyReading

PURPOSE = "signing_key"
REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key's place in its life, and its private half, sealed."""

    record: KeyRecord
    sealed: str


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What becomes of the keys of one algorithm, if they are still those it was decided on."""

    alg: str
    seen: frozenset[tuple[str, str]]
    changed: Sequence[KeyRecord]
    gone: Sequence[str]
    added: Sequence[KeptKey]


class KeyStore(Protocol):
    """Our keys."""

    async def all(self) -> Sequence[KeptKey]:
        """List the keys, the oldest first."""
        ...

    async def readings(self, now: datetime) -> Sequence[KeyReading]:
        """List the latest looks of applications at our keys."""
        ...

    async def note(self, readings: Sequence[KeyReading]) -> None:
        """Keep looks of applications in the place of earlier ones."""
        ...

    async def change(self, change: KeyChange, event: AuditEvent | None) -> bool:
        """Change the keys of an algorithm; False if another process did meanwhile."""
        ...


MakeKey = Callable[[str], Awaitable[tuple[str, Mapping[str, object]]]]
"""Makes a key pair for an algorithm: its name and its private JWK. Others need not wait for it."""


@dataclass(frozen=True, slots=True)
class KeyKeeping:
    """What keeping the keys needs of the world."""

    store: KeyStore
    sealer: Sealer
    make: MakeKey
    clock: Callable[[], datetime]
    readers: KeyReaders = field(default_factory=KeyReaders)
    ahead: timedelta = PUBLISHED_AHEAD
    """How long a key is published before it signs."""


async def maintain(keeping: KeyKeeping) -> bool:
    """Do what is due for every algorithm; True if anything changed. OIDCC-10.1.1."""
    changed = False
    for alg in OWN_KEYS:
        changed |= await _advance(keeping, alg)
    return changed


async def rotate(
    keeping: KeyKeeping, alg: str, actor: str, origin: Origin = NOWHERE, *, is_urgent: bool
) -> bool:
    """Put the next key of an algorithm to use; raise NotPublishedLongEnough unless urgent."""
    keys = _of(await keeping.store.all(), alg)
    now = keeping.clock()
    plan = plan_rotation(
        [k.record for k in keys],
        now,
        is_asked=True,
        is_urgent=is_urgent,
        ahead=_ahead(keeping, alg),
    )  # fmt: skip
    event = AuditEvent(at=now, actor=actor, action="key.rotated", target=alg, origin=origin)
    return await _apply(keeping, alg, keys, plan, event)


async def revoke(keeping: KeyKeeping, kid: str, actor: str, origin: Origin = NOWHERE) -> bool:
    """Let a key count for nothing from now on; False if there is none, or it changed meanwhile."""
    kept = await keeping.store.all()
    alg = next(
        (k.record.alg for k in kept if k.record.kid == kid and k.record.state != REVOKED), ""
    )
    if not alg:
        return False
    keys, now = _of(kept, alg), keeping.clock()
    plan = plan_revocation([k.record for k in keys], kid, now)
    event = AuditEvent(at=now, actor=actor, action="key.revoked", target=kid, origin=origin)
    is_done = await _apply(keeping, alg, keys, plan, event)
    # Where no key followed, the one that was made signs at once, and gets one to follow it.
    await _advance(keeping, alg)
    return is_done


async def _advance(keeping: KeyKeeping, alg: str) -> bool:
    has_changed = False
    # A fresh database needs two rounds: a first key, which signs at once, and one that follows.
    for _ in range(3):
        keys = _of(await keeping.store.all(), alg)
        plan = plan_rotation([k.record for k in keys], keeping.clock(), ahead=_ahead(keeping, alg))
        if not (plan.changed or plan.gone or plan.makes_next):
            break
        event = None
        if plan.changed:
            event = AuditEvent(
                at=keeping.clock(), actor="system", action="key.rotated", target=alg
            )
        has_changed |= await _apply(keeping, alg, keys, plan, event)
    return has_changed


def _ahead(keeping: KeyKeeping, alg: str) -> timedelta:
    # Who encrypts to us takes the key that is published, so that none needs to be known before.
    return timedelta(0) if alg in KEY_FAMILIES else keeping.ahead


async def _apply(
    keeping: KeyKeeping,
    alg: str,
    keys: Sequence[KeptKey],
    plan: Rotation,
    event: AuditEvent | None,
) -> bool:
    added = [await _fresh(keeping, alg)] if plan.makes_next else []
    seen = frozenset((key.record.kid, key.record.state) for key in keys)
    return await keeping.store.change(KeyChange(alg, seen, plan.changed, plan.gone, added), event)


async def _fresh(keeping: KeyKeeping, alg: str) -> KeptKey:
    kid, private = await keeping.make(alg)
    sealed = keeping.sealer.seal(PURPOSE, json.dumps(dict(private)).encode(), kid.encode())
    return KeptKey(KeyRecord(kid, alg, "next", keeping.clock()), sealed)


def open_key(sealer: Sealer, key: KeptKey) -> Mapping[str, object]:
    """Give the private JWK of a key; what cannot be opened raises the sealer's error."""
    opened = json.loads(sealer.open(PURPOSE, key.sealed, key.record.kid.encode()))
    return dict(opened)


def _of(keys: Sequence[KeptKey], alg: str) -> list[KeptKey]:
    return [key for key in keys if key.record.alg == alg]
