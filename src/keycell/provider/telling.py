"""Telling applications that a session ended: in the background, and through the browser.

What else is told in the background, a decision that was awaited, is told by the same hand.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from keycell.accounts.audit import NOWHERE, AuditEvent
from keycell.accounts.ports import StoreUnavailable
from keycell.oauth.clients import Client
from keycell.oauth.logout import TOKEN_TYP, TOLD_FOR, frame_address, logout_token_claims
from keycell.oauth.redirect_uris import has_host
from keycell.provider.delivering import Delivery, client_of, deliver
from keycell.provider.issue import subject_of
from keycell.provider.notifying import notify
from keycell.provider.ports import Provider
from keycell.provider.ports_logout import ClientSender, Ended, Refusal
from keycell.provider.signed_answers import sign_for

LOOKED_EVERY = 1.0
"""Seconds between looks for what is to be told."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An application that is told by being loaded in a frame. OIDCFCL-2."""

    name: str
    address: str


async def frames(provider: Provider, sid: str) -> Sequence[Frame]:
    """Give what the browser is to load while a session ends."""
    found = []
    for client_id in await provider.logouts.clients_of(sid):
        client = await provider.clients.find(client_id)
        uri = None if client is None else client.metadata.frontchannel_logout_uri
        # One whose address is none keeps no other from being told.
        if client is not None and uri is not None and has_host(uri) and not client.disabled:
            found.append(Frame(client.name, frame_address(uri, provider.issuer, sid)))
    return found


async def serve(provider: Provider, sender: ClientSender, every: float = LOOKED_EVERY) -> None:
    """Tell whom there is to tell, for as long as we run; neither kind waits for the other."""
    await asyncio.gather(*(_serve(provider, sender, every, one) for one in (tell, notify)))


async def _serve(
    provider: Provider,
    sender: ClientSender,
    every: float,
    say: Callable[[Provider, ClientSender], Awaitable[int]],
) -> None:
    while True:
        await asyncio.sleep(every)
        with contextlib.suppress(StoreUnavailable):
            await say(provider, sender)


async def tell(provider: Provider, sender: ClientSender) -> int:
    """Tell all who are due; give how many were taken up. OIDCBCL-2.5."""

    async def send(client: Client, ended: Ended) -> Refusal | None:
        form = {"logout_token": await _token(provider, client, ended)}
        return await sender.post_form(client.metadata.backchannel_logout_uri or "", form)

    async def note(ended: Ended, result: str, why: str) -> None:
        _note(provider, ended, result, why)

    return await deliver(
        provider.clock,
        Delivery(
            what="that a session ended",
            outbox=provider.logouts,
            find=client_of(
                provider, lambda client: client.metadata.backchannel_logout_uri is not None
            ),
            send=send,
            whom=lambda ended: ended.client_id,
            until=lambda ended: ended.ended_at + TOLD_FOR,
            note=note,
        ),
    )


async def _token(provider: Provider, client: Client, ended: Ended) -> str:
    claims = logout_token_claims(
        issuer=provider.issuer,
        client_id=client.client_id,
        sub=subject_of(provider, client, ended.sub),
        sid=ended.sid,
        jti=provider.mint_id(),
        now=provider.clock(),
    )
    # Signed and encrypted as the ID tokens are. OIDCBCL-2.6.
    return await sign_for(provider, client, "id_token", TOKEN_TYP, claims)


def _note(provider: Provider, ended: Ended, result: str, why: str = "") -> None:
    detail: dict[str, object] = {"sid": ended.sid, "tries": ended.tries}
    if why:
        detail["why"] = why
    event = AuditEvent(
        at=provider.clock(), actor="", action="client.told_of_logout", target=ended.sub,
        client_id=ended.client_id, origin=NOWHERE, result=result, detail=detail,
    )  # fmt: skip
    provider.audit.note(event)
