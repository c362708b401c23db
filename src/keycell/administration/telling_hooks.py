"""Telling webhooks what happens: the trail is followed, and each event goes by a lasting queue.

Whoever looks at an event a second time, another process too, queues nothing twice. See
decisions/0095.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from keycell.accounts.audit import SYSTEM, AuditEvent
from keycell.accounts.hooks import AT_ONCE, TRIED_FOR, Hook, HookCall, signed_headers
from keycell.accounts.ports import SealBroken
from keycell.accounts.ports_hooks import HookSender
from keycell.administration.following import follow
from keycell.administration.hooks import PURPOSE
from keycell.administration.office import Office
from keycell.administration.trail import event_view
from keycell.provider.delivering import Delivery, deliver
from keycell.provider.ports_logout import Refusal

log = logging.getLogger(__name__)


async def queue_events(office: Office) -> int:
    """Queue what happened for those who want to know; give how many deliveries were added."""
    hooks = [one for one in await office.provider.hooks.all() if one.paused_at is None]
    if not hooks:
        return 0
    # What happened before the first of them was made is nobody's here.
    since, now, done = min(one.since for one in hooks), office.people.clock(), 0
    async for found, is_settled in follow(office, "hooks", since):
        done += await office.provider.hooks.queue(hooks, found, now)
        if is_settled:
            # Those that were read twice are queued no more, so that they can be forgotten.
            for one in hooks:
                await office.provider.hooks.trim(one.hook_id, found[-1][0])
    return done


@dataclass(slots=True)
class Telling:
    """What tells hooks, each by a task of its own: a slow one holds up no other."""

    office: Office
    sender: HookSender
    _tasks: dict[str, asyncio.Task[int]] = field(default_factory=dict)

    async def round(self) -> int:
        """Begin to tell whoever is due and not being told; give how many that is."""
        begun = 0
        for hook_id in await self.office.provider.hooks.ready(self.office.people.clock()):
            if hook_id not in self._tasks:
                telling = tell(self.office, self.sender, hook_id)
                task = asyncio.get_running_loop().create_task(telling)
                self._tasks[hook_id] = task
                task.add_done_callback(self._ended(hook_id))
                begun += 1
        return begun

    def _ended(self, hook_id: str) -> Callable[[asyncio.Task[int]], None]:
        def ended(task: asyncio.Task[int]) -> None:
            del self._tasks[hook_id]
            # A database that went away is told elsewhere, and the lease ends by itself.
            if not task.cancelled() and task.exception() is not None:
                log.warning("telling the webhook %s stopped: %r", hook_id, task.exception())

        return ended

    async def stop(self) -> None:
        """End what is under way; another process goes on with it when the lease is over."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def tell(office: Office, sender: HookSender, hook_id: str) -> int:
    """Tell one hook all that is due; give how many were taken up."""
    hooks = office.provider.hooks

    async def find(_call: HookCall) -> Hook | None:
        return await hooks.find(hook_id)

    async def send(hook: Hook, call: HookCall) -> Refusal | None:
        return await _send(office, sender, hook, call)

    async def note(call: HookCall, result: str, why: str) -> None:
        now = office.people.clock()
        hook = await hooks.find(hook_id)
        event = AuditEvent(
            at=now, actor=SYSTEM, action="hook.failed", target=hook.label if hook else "",
            result="refused", detail={"why": why},
        )  # fmt: skip
        await hooks.ended(replace(call, why="" if result == "ok" else why), now, event)

    return await deliver(
        office.people.clock,
        Delivery(
            what="what happened",
            outbox=hooks.outbox(hook_id),
            find=find,
            send=send,
            whom=lambda call: f"the webhook {call.hook_id}",
            until=lambda call: call.queued_at + TRIED_FOR,
            note=note,
            most_at_once=AT_ONCE,
        ),
    )


async def _send(office: Office, sender: HookSender, hook: Hook, call: HookCall) -> Refusal | None:
    event = await office.provider.following.named(call.event_id)
    if event is None:
        return Refusal("the event is kept no longer", is_final=True)
    content = msgspec.json.encode(await event_view(office, {}, call.event_id, event))
    now = office.people.clock()
    try:
        secrets = _secrets(office, hook, now)
    except SealBroken:
        return Refusal("its secret was sealed under another key; make a new one", is_final=True)
    headers = signed_headers(secrets, f"evt_{call.event_id}", now, content)
    answered = await sender.post_hook(hook.url, content, headers)
    tried = replace(
        call, tried_at=now, status=answered.status, answer=answered.answer, why=answered.why
    )
    await office.provider.hooks.tried(tried)
    return Refusal(answered.why, answered.is_final) if answered.why else None


def _secrets(office: Office, hook: Hook, now: datetime) -> list[str]:
    kept = [hook.sealed]
    if hook.former is not None and hook.former_until is not None and now < hook.former_until:
        kept.append(hook.former)
    bound_to = hook.hook_id.encode()
    return [office.provider.sealer.open(PURPOSE, one, bound_to).decode() for one in kept]
