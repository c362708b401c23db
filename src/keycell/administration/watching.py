"""The server's keys, and the trail of what was done."""

from dataclasses import asdict, dataclass

from keycell.accounts.audit import AuditEvent, sentence
from keycell.accounts.errors import Invalid
from keycell.administration.office import Clash, Document, Nothing, Office
from keycell.oauth.keys import NotPublishedLongEnough
from keycell.oauth.metadata import SIGNING_ALGORITHMS
from keycell.provider.keys import rotate

MOST_EVENTS = 100_000
_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotating:
    """Of which algorithm, or all; ``is_urgent`` though clients may not know the new key."""

    alg: str = "all"
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Which events: so many, of an action or its kind, of an actor, target or client."""

    most: int = 50
    action: str | None = None
    who: str | None = None


async def keys(office: Office, _asked: Nothing) -> Document:
    """List the signing keys with their states."""
    records = [key.record for key in await office.keys.store.all()]
    return {
        "items": [
            {
                "kid": one.kid,
                "alg": one.alg,
                "state": one.state,
                "created_at": one.created_at.isoformat(),
                "activated_at": one.activated_at and one.activated_at.isoformat(),
                "retired_at": one.retired_at and one.retired_at.isoformat(),
            }
            for one in records
        ]
    }


async def rotated(office: Office, asked: Rotating) -> Document:
    """Let the next key sign, and publish one to follow it."""
    chosen = SIGNING_ALGORITHMS if asked.alg == "all" else (asked.alg,)
    if not set(chosen) <= set(SIGNING_ALGORITHMS):
        raise Invalid(
            "alg", "alg", f"{asked.alg[:20]}: expected one of {', '.join(SIGNING_ALGORITHMS)}"
        )
    by = office.by
    try:
        for alg in chosen:
            await rotate(office.keys, alg, by.actor, by.origin, is_urgent=asked.is_urgent)
    except NotPublishedLongEnough as error:
        raise Clash(
            f"{error}; wait until then, or pass --urgent (is_urgent) after a leak"
        ) from None
    return {"rotated": list(chosen)}


async def audit(office: Office, asked: Asking) -> Document:
    """List what happened, the latest first."""
    if not 1 <= asked.most <= MOST_EVENTS:
        raise Invalid("most", "most", f"expected 1 to {MOST_EVENTS} events")
    found: list[AuditEvent] = []
    before: str | None = None
    while len(found) < asked.most and (page := await office.people.audit.page(before, _PAGE)):
        before = page[-1][0]
        found += [event for _, event in page if _is_wanted(event, asked)]
    return {"items": [_view(event) for event in found[: asked.most]]}


def _view(event: AuditEvent) -> dict[str, object]:
    return asdict(event) | {"at": event.at.isoformat(), "sentence": sentence(event)}


def _is_wanted(event: AuditEvent, asked: Asking) -> bool:
    if asked.action is not None and not f"{event.action}.".startswith(f"{asked.action}."):
        return False
    return asked.who is None or asked.who in (event.actor, event.target, event.client_id)
