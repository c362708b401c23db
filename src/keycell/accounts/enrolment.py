"""Being led to set up a second factor, where a policy says so.

Whoever is bound, has no factor and has not put it off in this session is signed in to nothing but
the pages on which they set one up. It is asked wherever a session is looked at, so that no page
and no application is a way round. See decisions/0078.
"""

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.people import Account
from keycell.accounts.policies import Grace, grace, policy_for
from keycell.accounts.ports import People
from keycell.accounts.sessions import Session


async def must_enrol(people: People, session: Session, account: Account) -> bool:
    """Tell whether a session opens nothing yet but the setting up of a second factor."""
    policy = policy_for(await people.policies.all(), account)
    if policy is None:
        return False
    # A policy whose day has come asks whoever put it off before, too.
    if session.skipped_at is not None and people.clock() < policy.due_at:
        return False
    return not (await people.factors.of_account(account.sub)).are_set


async def is_overdue(people: People, account: Account) -> bool:
    """Tell whether somebody without a second factor should have one by now."""
    policy = policy_for(await people.policies.all(), account)
    if policy is None or people.clock() < policy.due_at:
        return False
    return not (await people.factors.of_account(account.sub)).are_set


async def grace_of(people: People, account: Account) -> Grace | None:
    """Say until when somebody may put it off, and how often; None where nothing binds them."""
    policy = policy_for(await people.policies.all(), account)
    if policy is None:
        return None
    used = await people.policies.used(account.sub, policy.mark)
    return grace(policy, used, people.clock())


async def skip(people: People, session: Session, account: Account, origin: Origin) -> bool:
    """Put it off for this session; False if that is over. Sent twice it is counted once."""
    left = await grace_of(people, account)
    if left is None:
        return True
    if people.clock() >= left.policy.due_at:
        return False
    event = AuditEvent(
        at=people.clock(), actor=account.sub, action="factor.put-off", target=account.sub,
        origin=origin, detail={"due": left.policy.due_at.isoformat()},
    )  # fmt: skip
    policy = left.policy
    return await people.policies.skip(session.sid, account.sub, policy.mark, policy.skips, event)
