"""Telling the trail that a client sent somebody with a redirect URI that it did not register."""

from datetime import timedelta

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.throttle import network_of
from keycell.oauth.errors import UntrustedRedirect
from keycell.provider.ports import Provider

_LONGEST = 500
_TOLD_EVERY = timedelta(minutes=1)


async def tell_misdirected(
    provider: Provider, refusal: UntrustedRedirect, nearest: str, origin: Origin
) -> None:
    """Keep for whoever administers what was received, and what it was nearest to.

    Once a minute for each client and network: strangers may come as often as they like, and must
    not fill the trail.
    """
    if not refusal.client_id or refusal.received is None:
        return
    now = provider.clock()
    turn = f"{network_of(origin.ip)} {int(now.timestamp()) // 60}"
    if not await provider.seen.see("misdirected", refusal.client_id, turn, now + _TOLD_EVERY):
        return
    provider.audit.note(AuditEvent(
        at=now, actor="", action="client.misdirected", target=refusal.client_id,
        client_id=refusal.client_id, origin=origin, result="refused",
        detail={"received": refusal.received[:_LONGEST], "nearest": nearest[:_LONGEST]},
    ))  # fmt: skip
