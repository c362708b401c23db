"""Following the trail: each event is looked at soon after it happened, and once more.

When it is there, and when nobody can be writing it any longer, for transactions that begin first
may end last. Who follows does nothing twice, whichever process looks. See decisions/0095.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from keycell.accounts.ports_hooks import Found
from keycell.administration.office import Office

_BEHIND = (timedelta(seconds=1), timedelta(minutes=5))
"""How far behind the present one stays, the first time and the second."""
_AT_ONCE = 500


async def follow(
    office: Office, name: str, since: datetime, but: str = ""
) -> AsyncIterator[tuple[Found, bool]]:
    """Give what happened since a moment and was not followed by this name; and whether twice.

    Events of one kind may be left out: there is one of a grant with each token.
    """
    following, now, begin = office.provider.following, office.people.clock(), key_of(since)
    for behind in _BEHIND:
        is_settled = behind == _BEHIND[-1]
        reader = f"{name} again" if is_settled else name
        after = max(await following.position(reader, begin), begin)
        until = key_of(now - behind)
        while found := await following.between(after, until, _AT_ONCE, but):
            yield found, is_settled
            after = found[-1][0]
            await following.move(reader, after)
        if but and (last := await following.last(until)) > after:
            await following.move(reader, last)


def key_of(at: datetime) -> str:
    """Give what the keys of all events from a moment on are beyond."""
    return f"{int(at.timestamp() * 1_000_000):016x}"
