"""Who acts by a token for its subject: the claim ``act``. RFC8693-4.1.

A delegated token is the subject's; it names who acts, and nests within whoever acted before.
"""

from dataclasses import dataclass

from keycell.oauth.errors import InvalidRequest

MOST_ACTORS = 4
"""So long a chain of actors is at most, who acts now among them."""


@dataclass(frozen=True, slots=True)
class ActingParty:
    """Who acts, as a token names them. RFC8693-4.1."""

    sub: str
    client_id: str
    """The application through which they do: an application's own, where itself acts."""


Act = tuple[ActingParty, ...]
"""Who acts now, then who did before."""


def act_json(act: Act) -> dict[str, object]:
    """Give the claim ``act``: each actor within the one who followed. RFC8693-4.1."""
    inner: dict[str, object] = {}
    for actor in reversed(act):
        nested = {"act": inner} if inner else {}
        inner = {"sub": actor.sub, "client_id": actor.client_id, **nested}
    return inner


def read_act(claim: object) -> Act:
    """Read a claim ``act`` of ours. RFC8693-4.1."""
    found: list[ActingParty] = []
    while isinstance(claim, dict) and len(found) < MOST_ACTORS:
        found.append(ActingParty(str(claim["sub"]), str(claim["client_id"])))
        claim = claim.get("act")
    return tuple(found)


def lengthened(actor: ActingParty, before: Act) -> Act:
    """Put who acts now before those who did; raise InvalidRequest for too many. RFC8693-4.1."""
    if len(before) >= MOST_ACTORS:
        raise InvalidRequest(
            f"subject_token: {MOST_ACTORS} have acted one after another by it, and no more may; "
            "start from a token of the person's own"
        )
    return (actor, *before)
