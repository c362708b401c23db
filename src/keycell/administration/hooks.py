"""Webhooks: who else is told what happens. See decisions/0095."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

from keycell.accounts.audit_sentences import SENTENCES
from keycell.accounts.errors import Invalid
from keycell.accounts.hooks import (
    MOST_HOOKS,
    OVERLAP,
    Hook,
    HookCall,
    check_hook,
    make_secret,
)
from keycell.administration.call import Moment, Nothing, Page
from keycell.administration.office import Clash, NotThere, Office
from keycell.oauth.sentences import phrase
from keycell.randomness import random_bytes

PURPOSE = "hook"
_SECRET_BYTES = 32
_MOST_CALLS = 200
_LAST = "g"
"""Beyond every event's key, which is hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedHook:
    """A webhook, by its identifier."""

    hook_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddingHook:
    """Its name, where events are posted, and which: by their names, in which ``*`` is any part."""

    label: str
    url: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangingHook:
    """What is different; what is not said stays."""

    hook_id: str
    label: str | None = None
    url: str | None = None
    actions: tuple[str, ...] | None = None
    is_paused: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """So many deliveries of a webhook, beyond the cursor of the last part."""

    hook_id: str
    before: str = ""
    most: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCall:
    """A delivery: of which event, to which webhook."""

    hook_id: str
    event_id: str


class HookView(TypedDict):
    """A webhook, what it is told, and how that goes."""

    hook_id: str
    label: str
    url: str
    actions: list[str]
    is_paused: bool
    since: Moment
    failing_since: Moment | None
    failing_why: str
    former_secret_until: Moment | None
    waiting: int
    created_at: Moment


class HookOnce(HookView):
    """A webhook, and the secret that it verifies by: shown this once."""

    secret: str


class Hooks(TypedDict):
    """The webhooks, how many there may be, and the names of the events there are."""

    items: list[HookView]
    most: int
    actions: list[str]


class HookNamed(TypedDict):
    """The webhook that it was done to."""

    hook_id: str


class HookEvent(HookNamed):
    """An event that a webhook is told, soon."""

    event_id: str


class HookDelivery(TypedDict):
    """What a webhook was told, or is to be, and what became of it."""

    event_id: str
    action: str
    state: Literal["waiting", "failed", "taken"]
    tries: int
    queued_at: Moment
    tried_at: Moment | None
    next_try_at: Moment | None
    status: int | None
    answer: str
    why: str


async def listed(office: Office, _asked: Nothing) -> Hooks:
    """List the webhooks, and the names of the events there are."""
    found = await office.provider.hooks.all()
    return {
        "items": [await _view(office, one) for one in found],
        "most": MOST_HOOKS,
        "actions": sorted(SENTENCES),
    }


async def shown(office: Office, asked: NamedHook) -> HookView:
    """Show one webhook."""
    return await _view(office, await _found(office, asked.hook_id))


async def added(office: Office, asked: AddingHook) -> HookOnce:
    """Add a webhook; its secret is given this once. What happens from now on is posted."""
    _check(office, asked.label, asked.url, asked.actions)
    now, hook_id = office.people.clock(), office.people.mint_id()
    secret = make_secret(random_bytes(_SECRET_BYTES))
    hook = Hook(
        hook_id=hook_id, label=asked.label, url=asked.url, actions=asked.actions,
        sealed=_sealed(office, hook_id, secret), since=now, created_at=now,
    )  # fmt: skip
    if not await office.provider.hooks.add(
        hook, MOST_HOOKS, office.event("hook.added", hook.label)
    ):
        raise Clash(phrase("there are %(most)s webhooks already; remove one", most=MOST_HOOKS))
    return {**await _view(office, hook), "secret": secret}


async def changed(office: Office, asked: ChangingHook) -> HookView:
    """Change a webhook, pause it or let it go on; what happens in a pause is never posted."""
    hook = await _found(office, asked.hook_id)
    said = {
        name: getattr(asked, name) for name in ("label", "url", "actions")
        if getattr(asked, name) is not None
    }  # fmt: skip
    hook, was_paused = replace(hook, **said), hook.paused_at is not None
    _check(office, hook.label, hook.url, hook.actions)
    now = office.people.clock()
    if asked.is_paused is True and not was_paused:
        hook = replace(hook, paused_at=now)
    elif asked.is_paused is False and was_paused:
        hook = replace(hook, paused_at=None, since=now)
    await _change(office, hook, "hook.changed")
    return await _view(office, hook)


async def removed(office: Office, asked: NamedHook) -> HookNamed:
    """Remove a webhook, and what it was still to be told."""
    hook = await _found(office, asked.hook_id)
    if not await office.provider.hooks.remove(
        hook.hook_id, office.event("hook.removed", hook.label)
    ):
        raise _no_hook(asked.hook_id)
    return {"hook_id": hook.hook_id}


async def renewed(office: Office, asked: NamedHook) -> HookOnce:
    """Make a new secret, given this once; for a day the former one signs beside it."""
    hook, secret = await _found(office, asked.hook_id), make_secret(random_bytes(_SECRET_BYTES))
    hook = replace(
        hook, sealed=_sealed(office, hook.hook_id, secret), former=hook.sealed,
        former_until=office.people.clock() + OVERLAP,
    )  # fmt: skip
    await _change(office, hook, "hook.renewed")
    return {**await _view(office, hook), "secret": secret}


async def tested(office: Office, asked: NamedHook) -> HookEvent:
    """Post an event that tells of nothing but this test, soon, to this webhook."""
    hook = await _found(office, asked.hook_id)
    if hook.paused_at is not None:
        raise Clash(phrase("this webhook is paused; let it go on first"))
    event_id = await office.provider.hooks.test(
        hook.hook_id, office.event("hook.tested", hook.label)
    )
    return {"hook_id": hook.hook_id, "event_id": event_id}


async def calls(office: Office, asked: Calls) -> Page[HookDelivery]:
    """List what a webhook was told or is to be, and what became of it, the latest event first."""
    if not 1 <= asked.most <= _MOST_CALLS:
        raise Invalid("most", "most", f"expected 1 to {_MOST_CALLS} deliveries")
    hook = await _found(office, asked.hook_id)
    before = asked.before or _LAST
    found = await office.provider.hooks.calls(hook.hook_id, before, asked.most)
    is_more = len(found) == asked.most
    return {
        "items": [_call(one) for one in found],
        "next": found[-1].event_id if is_more else None,
    }


async def replayed(office: Office, asked: OneCall) -> HookEvent:
    """Post an event again that was taken or given up, under the same ``webhook-id``."""
    hook = await _found(office, asked.hook_id)
    event = office.event("hook.replayed", hook.label)
    if not await office.provider.hooks.replay(hook.hook_id, asked.event_id, event):
        raise NotThere(phrase("there is no such delivery that is over"))
    return {"hook_id": hook.hook_id, "event_id": asked.event_id}


def _check(office: Office, label: str, url: str, actions: Sequence[str]) -> None:
    # Plain http is for receivers on networks of one's own, as a setting lists them.
    check_hook(label, url, actions, SENTENCES, allows_http=bool(office.fetch_networks))


async def _found(office: Office, hook_id: str) -> Hook:
    hook = await office.provider.hooks.find(hook_id)
    if hook is None:
        raise _no_hook(hook_id)
    return hook


def _no_hook(hook_id: str) -> NotThere:
    return NotThere(phrase("there is no webhook %(hook_id)s", hook_id=hook_id[:100]))


async def _change(office: Office, hook: Hook, action: str) -> None:
    if not await office.provider.hooks.change(hook, office.event(action, hook.label)):
        raise _no_hook(hook.hook_id)


def _sealed(office: Office, hook_id: str, secret: str) -> str:
    return office.provider.sealer.seal(PURPOSE, secret.encode(), hook_id.encode())


async def _view(office: Office, hook: Hook) -> HookView:
    return {
        "hook_id": hook.hook_id,
        "label": hook.label,
        "url": hook.url,
        "actions": list(hook.actions),
        "is_paused": hook.paused_at is not None,
        "since": hook.since.isoformat(),
        "failing_since": hook.failing_at.isoformat() if hook.failing_at else None,
        "failing_why": hook.failing_why,
        "former_secret_until": hook.former_until.isoformat() if hook.former_until else None,
        "waiting": await office.provider.hooks.waiting(hook.hook_id),
        "created_at": hook.created_at.isoformat(),
    }


def _call(one: HookCall) -> HookDelivery:
    return {
        "event_id": one.event_id,
        "action": one.action,
        "state": "waiting" if one.ended_at is None else "failed" if one.why else "taken",
        "tries": one.tries,
        "queued_at": one.queued_at.isoformat(),
        "tried_at": one.tried_at.isoformat() if one.tried_at else None,
        "next_try_at": one.due_at.isoformat() if one.due_at else None,
        "status": one.status or None,
        "answer": one.answer,
        "why": one.why,
    }
