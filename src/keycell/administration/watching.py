"""The server's keys."""

from dataclasses import dataclass

from keycell.accounts.errors import Invalid
from keycell.administration.call import Document, Nothing
from keycell.administration.office import Clash, Office
from keycell.oauth.keys import NotPublishedLongEnough
from keycell.oauth.metadata import OWN_KEYS
from keycell.provider.keys import rotate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotating:
    """Of which algorithm, or all; ``is_urgent`` though clients may not know the new key."""

    alg: str = "all"
    is_urgent: bool = False


async def keys(office: Office, _asked: Nothing) -> Document:
    """List the server's keys with their states."""
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
    """Put the next key to use, and make one to follow it."""
    chosen = OWN_KEYS if asked.alg == "all" else (asked.alg,)
    if not set(chosen) <= set(OWN_KEYS):
        raise Invalid("alg", "alg", f"{asked.alg[:20]}: expected one of {', '.join(OWN_KEYS)}")
    by = office.by
    try:
        for alg in chosen:
            await rotate(office.keys, alg, by.actor, by.origin, is_urgent=asked.is_urgent)
    except NotPublishedLongEnough as error:
        raise Clash(
            f"{error}; wait until then, or pass --urgent (is_urgent) after a leak"
        ) from None
    return {"rotated": list(chosen)}
