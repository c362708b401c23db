"""Signing in by a passkey, and making one. WebAuthn-7.

A challenge is carried by the page that poses it, sealed for its browser and its purpose; what is
kept of it is that it was answered, so that pages which nobody answers cost nothing.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import FactorRefused
from keycell.accounts.factors import (
    CHALLENGE_FOR,
    PASSWORD,
    SEVERAL,
    Passkey,
    amr_of_passkey,
    free_name,
    platform_name,
    provider_name,
)
from keycell.accounts.people import Account
from keycell.accounts.ports import People, SealBroken
from keycell.accounts.ports_factors import KeyUse, PasskeyRefused
from keycell.accounts.second_steps import Half, refusal, used
from keycell.accounts.signin import Arrival, SignedIn, begin_session
from keycell.oauth.claims import ACR_MFA

Purpose = Literal["sign-in", "second-step", "adding"]
_KIND = "passkey"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What an authenticator is to sign, and the same as the page carries it."""

    secret: bytes
    sealed: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent back."""

    sealed: str
    credential: str
    browser: str


def pose(people: People, purpose: Purpose, browser: str, sub: str = "") -> Challenge:
    """Make a challenge for a browser, of anybody or of one account."""
    secret = people.mint()
    content = json.dumps([secret, sub, people.clock().timestamp()]).encode()
    sealed = people.sealer.seal(f"passkey {purpose}", content, browser.encode())
    return Challenge(secret.encode(), sealed)


async def sign_in_by_passkey(people: People, answer: Answer, arrival: Arrival) -> SignedIn:
    """Begin a session by a passkey that made sure of its user, or raise FactorRefused."""
    challenge = _open(people, "sign-in", answer, "")
    passkey, handle = await _find(people, answer, arrival)
    account = await people.accounts.find(passkey.sub)
    if account is None or account.disabled_at is not None or handle not in (None, account.sub):
        raise _unknown(people, arrival)
    use = _verify(people, answer, challenge, passkey, account, arrival)
    if not use.is_verified:
        refusal(people, account, arrival.origin, _KIND)
        raise FactorRefused("unverified")
    await _spend(people, challenge, passkey, use, account, arrival)
    how = amr_of_passkey(is_synced=passkey.is_synced, is_verified=True)
    return await begin_session(people, account, arrival, how, ACR_MFA)


async def end_by_passkey(people: People, half: Half, answer: Answer, arrival: Arrival) -> SignedIn:
    """Begin a session by a passkey after the password, or raise FactorRefused."""
    account = half.account
    challenge = _open(people, "second-step", answer, account.sub)
    passkey, _ = await _find(people, answer, arrival)
    if passkey.sub != account.sub:
        raise _unknown(people, arrival)
    use = _verify(people, answer, challenge, passkey, account, arrival)
    await _spend(people, challenge, passkey, use, account, arrival)
    how = amr_of_passkey(is_synced=passkey.is_synced, is_verified=False)
    both = (PASSWORD, *how, SEVERAL)
    key = passkey.credential_id
    return await begin_session(people, account, arrival, both, ACR_MFA, key)


async def read_new_passkey(
    people: People, account: Account, answer: Answer, arrival: Arrival
) -> Passkey:
    """Give a passkey that a browser has just made for an account, or raise FactorRefused."""
    challenge = _open(people, "adding", answer, account.sub)
    try:
        made = people.authenticators.read_new(answer.credential, challenge.encode())
    except PasskeyRefused:
        raise refusal(people, account, arrival.origin, _KIND) from None
    await _answered(people, challenge)
    name = provider_name(made.aaguid) or platform_name(arrival.origin.user_agent) or "Passkey"
    factors = await people.factors.of_account(account.sub)
    return Passkey(
        credential_id=made.credential_id,
        sub=account.sub,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=free_name(name, factors.passkeys),
        aaguid=made.aaguid,
        transports=made.transports,
        is_synced=made.is_synced,
        created_at=people.clock(),
    )


def _open(people: People, purpose: Purpose, answer: Answer, sub: str) -> str:
    """Give the challenge that is answered; another browser, purpose or account has none here."""
    try:
        content = people.sealer.open(f"passkey {purpose}", answer.sealed, answer.browser.encode())
    except SealBroken:
        raise FactorRefused("expired") from None
    secret, posed_to, posed = json.loads(content)
    if posed_to != sub or people.clock() - datetime.fromtimestamp(posed, tz=UTC) > CHALLENGE_FOR:
        raise FactorRefused("expired")
    return str(secret)


async def _find(people: People, answer: Answer, arrival: Arrival) -> tuple[Passkey, str | None]:
    try:
        credential_id, handle = people.authenticators.read_id(answer.credential)
    except PasskeyRefused:
        raise _unknown(people, arrival) from None
    passkey = await people.factors.passkey(credential_id)
    if passkey is None:
        raise _unknown(people, arrival)
    return passkey, handle


def _unknown(people: People, arrival: Arrival) -> FactorRefused:
    event = AuditEvent(
        at=people.clock(), actor="", action="session.refused", origin=arrival.origin,
        result="refused", detail={"kind": _KIND},
    )  # fmt: skip
    people.audit.note(event)
    return FactorRefused("unknown")


def _verify(
    people: People,
    answer: Answer,
    challenge: str,
    passkey: Passkey,
    account: Account,
    arrival: Arrival,
) -> KeyUse:
    try:
        return people.authenticators.read_use(answer.credential, challenge.encode(), passkey)
    except PasskeyRefused:
        raise refusal(people, account, arrival.origin, _KIND) from None


async def _spend(
    people: People,
    challenge: str,
    passkey: Passkey,
    use: KeyUse,
    account: Account,
    arrival: Arrival,
) -> None:
    await _answered(people, challenge)
    event = used(people, account, arrival.origin, _KIND)
    # Two that counted the same are not one device: the second is a copy, or too late.
    if not await people.factors.use_passkey(passkey, use.sign_count, event):
        raise refusal(people, account, arrival.origin, _KIND)


async def _answered(people: People, challenge: str) -> None:
    until = people.clock() + CHALLENGE_FOR
    if not await people.seen.see(_KIND, "", challenge, until):
        raise FactorRefused("expired")
