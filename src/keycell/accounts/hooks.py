"""Webhooks: who else is told what happens, of which events, and how it is proved to be us.

What is posted is one event of the trail, signed as Standard Webhooks has it. See decisions/0095.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from keycell.accounts.errors import Invalid
from keycell.oauth.redirect_uris import LONGEST_URI, has_host

MOST_HOOKS = 20
MOST_ACTIONS = 50
LONGEST_LABEL = 100
TRIED_FOR = timedelta(hours=12)
"""How long a receiver that does not take an event is tried."""
KEPT = timedelta(days=7)
"""How long one reads what became of a delivery."""
MOST_WAITING = 10_000
"""Beyond so many events that wait for one receiver, what follows is left out, and that is said."""
MOST_KEPT = 1_000
"""So many deliveries of a hook that are over are kept at most."""
LONGEST_ANSWER = 1024
OVERLAP = timedelta(hours=24)
"""How long the former secret signs beside the new one."""
AT_ONCE = 2
"""So many deliveries of one hook at once; another hook's do not wait for them."""
GONE = 410
UNTOLD = "hook.failed"
"""Told to no hook: two that fail would tell each other of it for ever."""

_PATTERN = re.compile(r"[a-z*][a-z0-9_.*-]{0,63}")
_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Somebody who is told of some events."""

    hook_id: str
    label: str
    url: str
    actions: tuple[str, ...]
    """Names of events; a star stands for any part of one."""
    sealed: str
    former: str | None = None
    former_until: datetime | None = None
    since: datetime
    """What happened before is not told: when it was made, or went on after a pause."""
    paused_at: datetime | None = None
    failing_at: datetime | None = None
    """Since when events were given up or left out without one being taken."""
    failing_why: str = ""
    created_at: datetime

    def wants(self, action: str, at: datetime) -> bool:
        """Tell whether an event is to be told."""
        is_time = self.paused_at is None and at >= self.since
        return is_time and action != UNTOLD and is_among(action, self.actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class HookCall:
    """An event that one hook is to be told, and what became of it."""

    hook_id: str
    event_id: str
    action: str
    queued_at: datetime
    tries: int = 0
    due_at: datetime | None = None
    tried_at: datetime | None = None
    ended_at: datetime | None = None
    status: int = 0
    """What the receiver answered; 0 where nothing did."""
    answer: str = ""
    why: str = ""
    """Why it was not taken; empty once it was."""


def is_among(action: str, patterns: Iterable[str]) -> bool:
    """Tell whether an event's name is one of those that patterns stand for."""
    # Not by an expression with as many ".*": each star would multiply the time that it takes.
    return any(fnmatchcase(action, one) for one in patterns)


def check_hook(
    label: str, url: str, actions: Sequence[str], known: Iterable[str], *, allows_http: bool
) -> None:
    """Refuse what no hook can be; raise Invalid."""
    if not label.strip() or len(label) > LONGEST_LABEL or not label.isprintable():
        raise Invalid("label", "label", f"expected a name of 1 to {LONGEST_LABEL} characters")
    schemes = ("https://", "http://") if allows_http else ("https://",)
    is_good = url.isprintable() and not any(one.isspace() for one in url) and "@" not in url
    if not is_good or not url.startswith(schemes) or len(url) > LONGEST_URI or not has_host(url):
        raise Invalid("url", "url", f"expected an address that begins with {schemes[0]}")
    if not 1 <= len(actions) <= MOST_ACTIONS:
        raise Invalid("actions", "actions", f"expected 1 to {MOST_ACTIONS} names of events")
    names = list(known)
    for one in actions:
        if _PATTERN.fullmatch(one) is None or not any(is_among(name, [one]) for name in names):
            raise Invalid("actions", "actions", f"{one[:64]}: no event is called so")


def make_secret(random: bytes) -> str:
    """Give a secret as its owner keeps it: Standard Webhooks writes one so."""
    return _PREFIX + base64.b64encode(random).decode()


def signed_headers(
    secrets: Sequence[str], message_id: str, at: datetime, content: bytes
) -> Mapping[str, str]:
    """Give the headers that prove whom a message is from; one signature for each secret."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), content))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(one, signed) for one in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
