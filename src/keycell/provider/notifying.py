"""Telling clients what was decided: a ping that says so, or the tokens themselves.

What is told waits sealed beside the request, and goes when the client has taken it.
CIBA-10.2, CIBA-10.3.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from keycell.accounts.audit import NOWHERE, SYSTEM, AuditEvent
from keycell.oauth.backchannel import PUSH, BackchannelAuthentication
from keycell.oauth.clients import Client
from keycell.oauth.waiting import fetched_until
from keycell.provider.delivering import Delivery, client_of, deliver
from keycell.provider.ports import Provider
from keycell.provider.ports_logout import ClientSender, Refusal

PURPOSE = "notice"


@dataclass(frozen=True, slots=True)
class Told:
    """What a client is told, and by which token it knows that it is us. CIBA-10.2, CIBA-10.3.1."""

    auth_req_id: str
    token: str
    body: Mapping[str, object] = field(default_factory=dict)


def seal_told(provider: Provider, request_id: str, told: Told) -> str:
    """Give it as it waits."""
    return provider.sealer.seal(PURPOSE, json.dumps(asdict(told)).encode(), request_id.encode())


def open_told(provider: Provider, request_id: str, sealed: str) -> Told:
    """Give what waits."""
    return Told(**json.loads(provider.sealer.open(PURPOSE, sealed, request_id.encode())))


async def notify(provider: Provider, sender: ClientSender) -> int:
    """Tell every client that is to be told; give how many were taken up."""

    async def send(client: Client, request: BackchannelAuthentication) -> Refusal | None:
        told = open_told(provider, request.request_id, request.sealed or "")
        body = {"auth_req_id": told.auth_req_id, **told.body}
        endpoint = client.metadata.backchannel_client_notification_endpoint or ""
        return await sender.post_json(endpoint, body, told.token)

    def until(request: BackchannelAuthentication) -> datetime:
        if request.mode == PUSH and request.decided_at is not None:
            # Tokens that are over are of no use to anybody.
            return request.decided_at + provider.lifetimes.access_token
        return fetched_until(request)

    async def note(request: BackchannelAuthentication, result: str, why: str) -> None:
        await _note(provider, request, result, why)

    return await deliver(
        provider.clock,
        Delivery(
            what="what was decided",
            outbox=provider.backchannel,
            find=client_of(provider, _is_wanted),
            send=send,
            whom=lambda request: request.client_id,
            until=until,
            note=note,
        ),
    )


def _is_wanted(client: Client) -> bool:
    return client.metadata.backchannel_client_notification_endpoint is not None


async def _note(
    provider: Provider, request: BackchannelAuthentication, result: str, why: str
) -> None:
    event = AuditEvent(
        at=provider.clock(), actor="", action="client.told_of_decision", target=request.sub,
        client_id=request.client_id, origin=NOWHERE, result=result,
        detail={"mode": request.mode, "tries": request.tries, **({"why": why} if why else {})},
    )  # fmt: skip
    provider.audit.note(event)
    if result == "failed" and request.mode == PUSH and request.grant_id is not None:
        # Nobody has taken these tokens; what nobody holds is not left standing.
        ended = replace(
            event, actor=SYSTEM, action="grant.revoked", target=request.grant_id, result="ended"
        )
        await provider.grants.revoke(request.grant_id, ended.at, ended)
