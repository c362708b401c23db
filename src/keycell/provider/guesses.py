"""Guesses at client secrets: whoever fails waits, and nobody makes another wait.

Failures count for a client from one network, as those of a sign-in do, whether there is such a
client or not; so a stranger's guesses hold up the client nowhere but beside the stranger. A secret
that we minted is beyond guessing, so the right one is always heard, and costs nothing here.
"""

from collections.abc import Awaitable, Callable

from keycell.accounts.audit import Origin
from keycell.accounts.errors import Throttled
from keycell.accounts.throttle import NETWORK, PAIR, Slot, network_of
from keycell.oauth.errors import InvalidClient, TooManyGuesses
from keycell.provider.ports import Provider

_PURPOSE = "throttle"


async def heard(
    provider: Provider,
    client_id: str,
    origin: Origin,
    check: Callable[[], Awaitable[None]],
    *,
    may_be_guessed: bool,
) -> None:
    """Hear a proof by a secret, counting it if it fails; raise InvalidClient, TooManyGuesses."""
    now = provider.clock()
    try:
        if may_be_guessed:
            pair, everyone = slots = _slots(provider, client_id, origin)
            # Who has failed from here before counts before they are heard, so that twenty guesses
            # at a time are counted like twenty in a row; whoever has not costs one look.
            if await provider.throttles.count(pair.key, now) > 0:
                await provider.throttles.take(slots, now)
                await check()
                await provider.throttles.give_back((pair.key,), (everyone.key,))
                return
        try:
            await check()
        except InvalidClient:
            await provider.throttles.take(_slots(provider, client_id, origin), now)
            raise
    except Throttled as refusal:
        raise TooManyGuesses(refusal.wait, detail=f"client_id {client_id!r}") from None


def _slots(provider: Provider, client_id: str, origin: Origin) -> tuple[Slot, Slot]:
    network = network_of(origin.ip)
    pair = _key(provider, f"client\0{client_id}\0{network}")
    everyone = _key(provider, f"clients\0{network}")
    return Slot(pair, PAIR), Slot(everyone, NETWORK)


def _key(provider: Provider, text: str) -> str:
    # A secret may have been put where the identifier belongs: the table must not hold it.
    return provider.sealer.mac(_PURPOSE, text.encode(errors="backslashreplace"))
