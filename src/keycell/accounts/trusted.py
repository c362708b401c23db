"""Browsers in which a person is not asked for a second factor for some days.

What a browser brings is a secret in a cookie, and no authenticator: a session that it shortened
proved a password, and says so. See decisions/0073.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.accounts.sessions import LONGEST_AGENT
from keycell.accounts.trust import Trust, TrustedBrowser

MOST_IN_COOKIE = 5
"""So many people of one browser may each have its trust."""
_BETWEEN = "."
_LONGEST_SECRET = 100


async def trusted_browser(
    people: People, account: Account, cookie: str | None
) -> TrustedBrowser | None:
    """Find what somebody trusts this browser by, if it stands."""
    secrets = _secrets(cookie)
    if not secrets or not people.trust_for:
        return None
    digests = {_digest(one) for one in secrets}
    kept = await people.trusted.of_account(account.sub)
    found = (one for one in kept if one.digest in digests and _stands(people, one))
    return next(found, None)


def trust_of(
    people: People, account: Account, cookie: str | None, origin: Origin, factor: str
) -> tuple[Trust, str]:
    """Give the trust that somebody begins in a browser, and what its cookie is from now on.

    ``factor`` is the key of what they have just proved: where it is gone meanwhile, nothing is
    kept. A secret that was brought is kept for whom else it stands, and is never used again.
    """
    now, secret = people.clock(), people.mint()
    browser = TrustedBrowser(
        trust_id=people.mint_id(),
        digest=_digest(secret),
        sub=account.sub,
        ip=origin.ip,
        user_agent=origin.user_agent[:LONGEST_AGENT],
        created_at=now,
        expires_at=now + people.trust_for,
    )
    event = AuditEvent(
        at=now, actor=account.sub, action="trust.given", target=account.sub, origin=origin,
        detail={"days": people.trust_for.days},
    )  # fmt: skip
    former = _secrets(cookie)[-(MOST_IN_COOKIE - 1) :]
    replaced = frozenset(_digest(one) for one in former)
    return Trust(browser, factor, replaced, event), _BETWEEN.join((*former, secret))


def used(people: People, account: Account, browser: TrustedBrowser, origin: Origin) -> AuditEvent:
    """Tell that nobody was asked for a second factor."""
    return AuditEvent(
        at=people.clock(), actor=account.sub, action="trust.used", target=account.sub,
        origin=origin, detail={"since": browser.created_at.isoformat()},
    )  # fmt: skip


async def trusted_browsers(people: People, account: Account) -> Sequence[TrustedBrowser]:
    """List the browsers that somebody trusts, the latest first."""
    kept = await people.trusted.of_account(account.sub)
    return [one for one in kept if _stands(people, one)]


async def end_trust(people: People, account: Account, trust_id: str | None, origin: Origin) -> int:
    """End the trust in a browser of somebody, or in all of them; tell in how many."""
    event = AuditEvent(
        at=people.clock(), actor=account.sub, action="trust.ended", target=account.sub,
        origin=origin, detail={"which": "one" if trust_id else "all"},
    )  # fmt: skip
    return await people.trusted.end(account.sub, trust_id, event)


def ends_at(people: People, browser: TrustedBrowser) -> datetime:
    """Say when a trust ends: no later than what is decided today lets it last."""
    return min(browser.expires_at, browser.created_at + people.trust_for)


def _stands(people: People, browser: TrustedBrowser) -> bool:
    now = people.clock()
    # One of a clock that has been set back would last longer than was decided.
    return browser.created_at - timedelta(minutes=1) <= now < ends_at(people, browser)


def _secrets(cookie: str | None) -> list[str]:
    parts = (cookie or "").split(_BETWEEN)[-MOST_IN_COOKIE:]
    return [one for one in parts if 0 < len(one) <= _LONGEST_SECRET]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
