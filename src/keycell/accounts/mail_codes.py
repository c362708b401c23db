"""Signing in by a code that was mailed, in the browser that asked for it. UX-L15, UX-R03.

Weaker than a password: whoever reads the mail is in. So it is off unless an administrator lets it
be, it opens no account that has a second factor, and the session says of itself what it came by.
"""

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import ProofRefused, WrongCredentials
from keycell.accounts.factors import ONE_TIME
from keycell.accounts.ports import People
from keycell.accounts.proofs import Proof, ProofKind
from keycell.accounts.recovery import Guess, account_of, may_sign_in_by_mail, proof_of_code
from keycell.accounts.signin import Arrival, SignedIn, begin_session
from keycell.oauth.claims import ACR_MAIL

AMR = (ONE_TIME, "email")
"""A code that is used once, and how it came: no registered value says so. RFC8176-2."""


async def sign_in_by_code(people: People, guess: Guess, arrival: Arrival) -> SignedIn:
    """Begin a session by a code; raise ProofRefused, WrongCredentials or Throttled.

    Only the browser that asked may type it: whatever login comes with it is not looked at.
    """
    if guess.typed or not people.mail_codes:
        raise ProofRefused("unknown", ProofKind.SIGN_IN)
    try:
        proof = await proof_of_code(people, guess, ProofKind.SIGN_IN)
    except ProofRefused:
        refused = AuditEvent(
            at=people.clock(), actor="", action="session.refused", origin=guess.origin,
            result="refused", detail={"kind": "mail-code"},
        )  # fmt: skip
        people.audit.note(refused)
        raise
    return await spend(people, proof, arrival)


async def spend(people: People, proof: Proof, arrival: Arrival) -> SignedIn:
    """Spend a code for a session: of many at once, one begins it. Raises as `sign_in_by_code`."""
    account = await account_of(people, proof)
    if not await may_sign_in_by_mail(people, account):
        raise WrongCredentials
    now = people.clock()
    event = AuditEvent(
        at=now, actor=account.sub, action="mail-code.used", target=account.login,
        origin=arrival.origin,
    )  # fmt: skip
    if not await people.mail.proofs.revoke(proof, now, event):
        raise ProofRefused("spent", ProofKind.SIGN_IN)
    return await begin_session(people, account, arrival, AMR, ACR_MAIL)
