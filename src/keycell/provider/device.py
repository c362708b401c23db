"""The device authorization grant: a device begins it, a person decides, the device fetches.

What a person allows a device is a grant whose code is the device code, so it is spent, replayed
and ended as any other code is. It is bound to no browser session: the device is elsewhere, and
stays signed in when the browser that allowed it is signed out.
"""

import json
from dataclasses import dataclass

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import Throttled
from keycell.accounts.sessions import LONGEST_AGENT
from keycell.accounts.throttle import NETWORK, PAIR, Slot, network_of
from keycell.oauth.authorization import Pairs
from keycell.oauth.claims import Authentication
from keycell.oauth.clients import Client
from keycell.oauth.details import details_json
from keycell.oauth.device import (
    INTERVAL,
    Allowed,
    DeviceAuthorization,
    fetched_until,
    format_device_code,
    format_user_code,
    make_user_code,
    read_device_code,
    read_device_request,
    read_user_code,
    redeem_device_code,
)
from keycell.oauth.errors import AuthorizationPending, SlowDown
from keycell.oauth.grants import CodeState, Grant, PresentedCode, digest
from keycell.oauth.interaction import Consent
from keycell.provider.authorize import Visitor
from keycell.provider.ports import Provider, SealBroken
from keycell.provider.register import keep_used

PURPOSE = "device"
_DRAWN_AT_MOST = 5


class NoSuchCode(Exception):
    """No device waits under this code: mistyped, expired, or decided."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device that waits for somebody, and whose client asks."""

    device: DeviceAuthorization
    client: Client


async def begin(
    provider: Provider, client: Client, pairs: Pairs, origin: Origin
) -> dict[str, object]:
    """Let a device wait for a person. RFC8628-3.1, RFC8628-3.2."""
    request = read_device_request(pairs, client, provider.resource)
    if client.is_public:
        await _count_beginning(provider, origin)
    now = provider.clock()
    device_id = provider.mint_id()
    device_code = format_device_code(device_id, provider.mint())
    for _ in range(_DRAWN_AT_MOST):
        user_code = make_user_code(provider.mint())
        device = DeviceAuthorization(
            device_id=device_id,
            digest=digest(device_code),
            user_code=_kept(provider, user_code),
            client_id=client.client_id,
            scope=request.scope,
            audience=request.audience,
            details=request.details,
            code_challenge=request.code_challenge,
            device_name=request.device_name,
            ip=origin.ip,
            user_agent=origin.user_agent[:LONGEST_AGENT],
            created_at=now,
            expires_at=now + provider.lifetimes.device,
        )
        if await provider.devices.start(device):
            break
    else:
        raise SlowDown("too many devices wait at this moment; try again")
    page, shown = provider.endpoints.verification, format_user_code(user_code)
    return {
        "device_code": device_code,
        "user_code": shown,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={shown}",
        "expires_in": int(provider.lifetimes.device.total_seconds()),
        "interval": int(INTERVAL.total_seconds()),
    }


async def _count_beginning(provider: Provider, origin: Origin) -> None:
    # Anybody may speak for a public client: what one network can keep waiting has a bound.
    network = network_of(origin.ip)
    try:
        await provider.throttles.take(
            [Slot(_key(provider, "begun", network), NETWORK)], provider.clock()
        )
    except Throttled as refusal:
        raise SlowDown(f"too many devices began here; wait {refusal.wait} seconds") from None


async def allowed_code(provider: Provider, client: Client, device_code: str) -> PresentedCode:
    """Give the code that a device may spend, or raise what it must do instead. RFC8628-3.5."""
    presented, now = read_device_code(device_code), provider.clock()
    device = await provider.devices.find(presented.device_id)
    match redeem_device_code(device, presented, client.client_id, now):
        case Allowed(grant_id):
            return PresentedCode(grant_id, presented.digest)
    grown = await provider.devices.poll(presented.device_id, now)
    if grown is None:
        raise AuthorizationPending("nobody has decided yet; ask again after the interval")
    raise SlowDown(f"wait {int(grown.total_seconds())} seconds between two requests from here on")


async def look_up(provider: Provider, visitor: Visitor, typed: str) -> Waiting:
    """Find the device that a person's code is of; raise NoSuchCode or Throttled. RFC8628-5.1.

    Every attempt is counted before it is heard, for the account and for the network.
    """
    account, now = visitor.account, provider.clock()
    assert account is not None  # noqa: S101  (codes are taken of who is signed in alone)
    slots = [
        Slot(_key(provider, "guess", account.sub), PAIR),
        Slot(_key(provider, "guesses", network_of(visitor.origin.ip)), NETWORK),
    ]
    await provider.throttles.take(slots, now)
    code = read_user_code(typed)
    device = await provider.devices.waiting(_kept(provider, code), now) if code else None
    client = await provider.clients.find(device.client_id) if device is not None else None
    if device is None or client is None or client.disabled:
        event = AuditEvent(
            at=now, actor=account.sub, action="device.guessed", origin=visitor.origin,
            result="refused",
        )  # fmt: skip
        provider.audit.note(event)
        raise NoSuchCode
    # One attempt back, and no more: whoever begins a device of their own between two guesses
    # gains nothing by it.
    await provider.throttles.give_back((), [slot.key for slot in slots])
    return Waiting(device, client)


def seal_shown(provider: Provider, device_id: str, visitor: Visitor) -> str:
    """Give what a page carries: which device is asked about, and who is asked."""
    sub = visitor.account.sub if visitor.account else ""
    return provider.sealer.seal(PURPOSE, json.dumps([device_id, sub]).encode())


async def open_shown(provider: Provider, sealed: str, visitor: Visitor) -> Waiting:
    """Give the device that a page asks about, if this is who is asked; else raise NoSuchCode."""
    try:
        device_id, sub = json.loads(provider.sealer.open(PURPOSE, sealed))
    except SealBroken:
        raise NoSuchCode from None
    device = await provider.devices.find(device_id)
    if device is None or visitor.account is None or visitor.account.sub != sub:
        raise NoSuchCode
    client = await provider.clients.find(device.client_id)
    if client is None or client.disabled:
        raise NoSuchCode
    if device.decided_at is not None or device.expires_at <= provider.clock():
        raise NoSuchCode
    return Waiting(device, client)


async def allow(provider: Provider, waiting: Waiting, visitor: Visitor) -> bool:
    """Let a device have what it asked for: False if that was decided before. RFC8628-3.3."""
    device, session = waiting.device, visitor.session
    assert session is not None  # noqa: S101  (the page is shown to who is signed in alone)
    now = provider.clock()
    until = fetched_until(device)
    grant = Grant(
        grant_id=provider.mint_id(),
        client_id=device.client_id,
        sub=session.sub,
        sid=None,
        scope=device.scope,
        audience=device.audience,
        authentication=Authentication(
            auth_time=session.auth_time, acr=session.acr, amr=session.amr
        ),
        created_at=now,
        expires_at=until + provider.lifetimes.access_token,
        code=CodeState(
            digest=device.digest,
            expires_at=until,
            redirect_uri="",
            redirect_uri_was_sent=False,
            code_challenge=device.code_challenge,
            nonce=None,
        ),
        details=device.details,
    )
    await keep_used(provider, waiting.client)
    consent = Consent(device.scope, frozenset(), device.details)
    allowed = _event(provider, waiting, visitor, "consent.given", device.client_id)
    started = _event(provider, waiting, visitor, "grant.started", grant.grant_id)
    return await provider.devices.allow(device.device_id, grant, consent, allowed, started)


async def deny(provider: Provider, waiting: Waiting, visitor: Visitor) -> bool:
    """Let a device have nothing: False if that was decided before. RFC8628-3.3."""
    event = _event(provider, waiting, visitor, "device.denied", waiting.client.client_id)
    return await provider.devices.deny(waiting.device.device_id, provider.clock(), event)


def _event(
    provider: Provider, waiting: Waiting, visitor: Visitor, action: str, target: str
) -> AuditEvent:
    device = waiting.device
    detail: dict[str, object] = {
        "device": device.device_name, "device_ip": device.ip,
        "device_agent": device.user_agent, "scope": sorted(device.scope),
    }  # fmt: skip
    if device.details:
        detail["authorization_details"] = details_json(device.details)
    return AuditEvent(
        at=provider.clock(),
        actor=visitor.account.sub if visitor.account else "",
        action=action,
        target=target,
        client_id=device.client_id,
        origin=visitor.origin,
        result="denied" if action == "device.denied" else "done",
        detail=detail,
    )


def _kept(provider: Provider, user_code: str) -> str:
    # It has too little entropy for a plain digest: whoever has the table could try them all.
    return provider.sealer.mac("user_code", user_code.encode())


def _key(provider: Provider, kind: str, text: str) -> str:
    return provider.sealer.mac("throttle", f"device {kind}\0{text}".encode())
