"""Browsers in which one is not asked for a second factor."""

from dataclasses import dataclass
from typing import TypedDict

from keycell.accounts.sessions import browser_label
from keycell.accounts.trusted import end_trust, ends_at, trusted_browsers
from keycell.administration.call import Items, Moment, Nothing
from keycell.administration.office import NotThere
from keycell.own.holder import Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A browser that is trusted."""

    trust_id: str


class TrustedBrowser(TypedDict):
    """A browser that one trusts."""

    id: str
    label: str
    ip: str
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None


class TrustNamed(TypedDict):
    """The browser that is trusted no longer."""

    id: str


class TrustsEnded(TypedDict):
    """How many browsers were trusted."""

    ended: int


async def listed(holder: Holder, _asked: Nothing) -> Items[TrustedBrowser]:
    """List the browsers that one trusts."""
    people = holder.people
    return {
        "items": [
            {
                "id": one.trust_id,
                "label": browser_label(one.user_agent),
                "ip": one.ip,
                "created_at": one.created_at.isoformat(),
                "expires_at": ends_at(people, one).isoformat(),
                "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
            }
            for one in await trusted_browsers(people, holder.account)
        ]
    }


async def ended(holder: Holder, asked: Named) -> TrustNamed:
    """Ask for a second factor in a browser again."""
    if not await end_trust(holder.people, holder.account, asked.trust_id, holder.origin):
        raise NotThere(f"you trust no browser {asked.trust_id[:100]}")
    return {"id": asked.trust_id}


async def ended_all(holder: Holder, _asked: Nothing) -> TrustsEnded:
    """Ask for a second factor in every browser again."""
    return {"ended": await end_trust(holder.people, holder.account, None, holder.origin)}
