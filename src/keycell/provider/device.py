"""The device authorization grant: a device begins it, a person decides, the device fetches.

A browser that waits to be signed in shows a code of the same kind, typed on the same page.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlencode

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import Throttled
from keycell.accounts.sessions import LONGEST_AGENT
from keycell.accounts.user_codes import beginning, guess, kept_code
from keycell.accounts.waiting_browsers import WaitingBrowser, draw_number
from keycell.oauth.authorization import Pairs
from keycell.oauth.clients import Client
from keycell.oauth.device import (
    DeviceAuthorization,
    format_device_code,
    format_user_code,
    make_user_code,
    read_device_code,
    read_device_request,
    read_user_code,
)
from keycell.oauth.errors import SlowDown
from keycell.oauth.grants import PresentedCode, digest
from keycell.oauth.terms import term_of, told_term
from keycell.oauth.waiting import INTERVAL
from keycell.provider import waiting
from keycell.provider.authorize import Visitor
from keycell.provider.ports import Provider
from keycell.provider.register import keep_used
from keycell.provider.waiting import NotWaiting

PURPOSE = "device"
_DRAWN_AT_MOST = 5


Waiting = waiting.Waiting[DeviceAuthorization]


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
            user_code=kept_code(provider.sealer.mac, user_code),
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
    return {
        "device_code": device_code,
        **_shown(provider, user_code, is_again=request.is_again),
        "expires_in": int(provider.lifetimes.device.total_seconds()),
        "interval": int(INTERVAL.total_seconds()),
    }


def _shown(provider: Provider, user_code: str, *, is_again: bool) -> dict[str, object]:
    """Give what a person is shown. RFC8628-3.2."""
    code, page = format_user_code(user_code), provider.endpoints.verification
    asked = {"prompt": "login"} if is_again else {}
    return {
        "user_code": code,
        "verification_uri": f"{page}?{urlencode(asked)}" if asked else page,
        "verification_uri_complete": f"{page}?{urlencode(asked | {'user_code': code})}",
    }


async def _count_beginning(provider: Provider, origin: Origin) -> None:
    # Anybody may speak for a public client.
    slot = beginning(provider.sealer.mac, "device", origin)
    try:
        await provider.throttles.take([slot], provider.clock())
    except Throttled as refusal:
        raise SlowDown(f"too many devices began here; wait {refusal.wait} seconds") from None


async def allowed_code(provider: Provider, client: Client, device_code: str) -> PresentedCode:
    """Give the code that a device may spend, or raise what it must do instead. RFC8628-3.5."""
    return await waiting.poll(provider, provider.devices, client, read_device_code(device_code))


async def look_up(provider: Provider, visitor: Visitor, typed: str) -> Waiting | WaitingBrowser:
    """Find what a person's code is of; raise NotWaiting or Throttled. RFC8628-5.1.

    Every attempt is counted before it is heard, for the account and for the network.
    """
    account, now = visitor.account, provider.clock()
    assert account is not None  # noqa: S101  (codes are taken of who is signed in alone)
    slots = guess(provider.sealer.mac, account.sub, visitor.origin)
    await provider.throttles.take(slots, now)
    code = read_user_code(typed)
    found = await _found(provider, account.sub, code, now) if code else None
    if found is None:
        event = AuditEvent(
            at=now, actor=account.sub, action="device.guessed", origin=visitor.origin,
            result="refused",
        )  # fmt: skip
        provider.audit.note(event)
        raise NotWaiting
    # One attempt back, and no more: whoever begins a device of their own between two guesses
    # gains nothing by it.
    await provider.throttles.give_back((), [slot.key for slot in slots])
    return found


async def _found(
    provider: Provider, sub: str, code: str, now: datetime
) -> Waiting | WaitingBrowser | None:
    kept = kept_code(provider.sealer.mac, code)
    device = await provider.devices.waiting(kept, now)
    if device is None:
        number = draw_number(provider.mint())
        return await provider.browsers.claim(kept, sub, number, now)
    client = await provider.clients.find(device.client_id)
    return None if client is None or client.disabled else waiting.Waiting(device, client)


def seal_shown(provider: Provider, device_id: str, visitor: Visitor) -> str:
    """Give what a page carries: which device is asked about, and who is asked."""
    return waiting.seal_shown(provider, PURPOSE, device_id, visitor)


async def open_shown(provider: Provider, sealed: str, visitor: Visitor) -> Waiting:
    """Give the device that a page asks about, if this is who is asked.

    Raises NotWaiting, MayNot where the client is not for them.
    """
    return await waiting.open_shown(provider, provider.devices, PURPOSE, sealed, visitor)


async def allow(
    provider: Provider, asked: Waiting, visitor: Visitor, lasting: str | None = None
) -> bool:
    """Let a device have what it asked for: False if that was decided before. RFC8628-3.3."""
    device = asked.awaited
    term = term_of(asked.client, lasting, provider.clock())
    grant = waiting.allowed_grant(provider, device, visitor, term, device.code_challenge)
    await keep_used(provider, asked.client)
    consent = waiting.remembered(device, term)
    told = told_term(term)
    allowed = _event(provider, device, visitor, ("consent.given", device.client_id), told)
    started = _event(provider, device, visitor, ("grant.started", grant.grant_id), told)
    return await provider.devices.allow(device.device_id, grant, consent, allowed, started)


async def deny(provider: Provider, asked: Waiting, visitor: Visitor) -> bool:
    """Let a device have nothing: False if that was decided before. RFC8628-3.3."""
    device = asked.awaited
    event = _event(provider, device, visitor, ("device.denied", device.client_id))
    return await provider.devices.deny(device.device_id, provider.clock(), event)


def _event(
    provider: Provider,
    device: DeviceAuthorization,
    visitor: Visitor,
    what: tuple[str, str],
    more: Mapping[str, object] = MappingProxyType({}),
) -> AuditEvent:
    detail = {
        **more,
        "device": device.device_name, "device_ip": device.ip, "device_agent": device.user_agent,
    }  # fmt: skip
    return waiting.decided(provider, device, visitor, what, detail)
