"""A new password for who has lost theirs: by mail, or by a link of an administrator.

What is asked is answered alike for everybody. Whether there is an account is looked up when the
outbox comes to the wish, in another process perhaps, so that neither the answer nor its time
tells. Seeing a link spends nothing; whoever spends it has typed a password, in the browser that
asked or after the code. See decisions/0048.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from keycell.accounts.audit import AuditEvent, Origin, about
from keycell.accounts.errors import NoMail, ProofRefused, TooBusy
from keycell.accounts.letters import MOST_WAITING, Letter, LetterKind
from keycell.accounts.mailing import (
    About,
    can_be_told,
    fits,
    joined,
    mint_proof,
    named,
    notice,
    post,
    spoken,
)
from keycell.accounts.offices import is_in_office
from keycell.accounts.passwords import check_password
from keycell.accounts.people import LONGEST_EMAIL, Account, login_key
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL, Change, Ends, Mailing
from keycell.accounts.proofs import (
    MOST_RESETS,
    Proof,
    ProofKind,
    check_account,
    check_proof,
    email_key,
    shown_code,
)
from keycell.accounts.throttle import Limit, Slot, network_of

ASKED = Limit(3, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
"""One login or address: nobody's mailbox is filled."""
ASKED_FROM = Limit(30, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
"""One network."""
TYPED = Limit(10, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
"""Codes of one person, or of one browser: of a hundred million, some are tried an hour."""
TYPED_FROM = Limit(50, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
_MAILED = {ProofKind.RESET: "recovery.mailed", ProofKind.SIGN_IN: "mail-code.mailed"}
MOST_OF_ADDRESS = 5
"""So many accounts of one address get a letter each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody wants to set a new password."""

    typed: str
    """A login or a mail address."""
    asked_by: str
    """The digest of their browser's name."""
    language: str
    origin: Origin
    kind: ProofKind = ProofKind.RESET


async def ask(people: People, wish: Wish) -> None:
    """Take a wish, whoever it is for; raise NoMail, Throttled or TooBusy."""
    if not people.mail.mailer.is_set:
        raise NoMail
    typed = wish.typed.strip()[:LONGEST_EMAIL]
    await people.throttles.take(
        (
            Slot(_key(people, "asked", login_key(typed)), ASKED),
            Slot(_key(people, "asked-from", network_of(wish.origin.ip)), ASKED_FROM),
        ),
        people.clock(),
    )
    values = {
        "typed": typed, "asked_by": wish.asked_by, "ip": wish.origin.ip, "kind": wish.kind.value,
    }  # fmt: skip
    letter = Letter(kind=LetterKind.WISH, to="", language=wish.language, values=values)
    if not await people.mail.outbox.put(post(people, letter), MOST_WAITING):
        raise TooBusy


async def letters_for(people: People, wish: Letter) -> Mailing:
    """Give the letters that a wish becomes: none where nobody is meant."""
    made = NO_MAIL
    # One that waits since before there were codes to sign in by says no kind.
    kind = ProofKind(wish.values.get("kind", ProofKind.RESET))
    for account in await whom(people, wish.values["typed"]):
        if not await _may_have(people, account, kind):
            continue
        made = joined(made, _letter(people, account, kind, wish))
        origin = Origin(ip=wish.values["ip"])
        people.audit.note(
            AuditEvent(at=people.clock(), actor="", action=_MAILED[kind], target=account.login,
                       origin=origin, detail=about(account.sub))
        )  # fmt: skip
    return made


async def _may_have(people: People, account: Account, kind: ProofKind) -> bool:
    if account.disabled_at is not None or not can_be_told(people, account):
        return False
    if kind is ProofKind.SIGN_IN and not await may_sign_in_by_mail(people, account):
        return False
    kept = await people.mail.proofs.of_account(kind, account.sub, people.clock())
    return len(kept) < MOST_RESETS


async def may_sign_in_by_mail(people: People, account: Account) -> bool:
    """Tell whether a mailed code may open an account: nothing stronger was asked for by it."""
    return people.mail_codes and not (await people.factors.of_account(account.sub)).are_set


def _letter(people: People, account: Account, kind: ProofKind, wish: Letter) -> Mailing:
    about = About(account=account, asked_by=wish.values["asked_by"])
    minted = mint_proof(people, kind, "", about)
    is_reset = kind is ProofKind.RESET
    # No link signs anybody in: what opens links in letters would do it before they do.
    told = minted.values if is_reset else {"code": shown_code(minted.code)}
    letter = Letter(
        kind=LetterKind.RESET if is_reset else LetterKind.SIGN_IN_CODE,
        to=account.email or "",
        language=spoken(account, wish.language),
        values={**named(account), "ip": wish.values["ip"], **told},
    )
    return Mailing((post(people, letter),), (minted.proof,))


async def whom(people: People, typed: str) -> Sequence[Account]:
    """Find who is meant by a login or a mail address that is verified."""
    found = {
        one.sub: one
        for one in await people.accounts.with_address(email_key(typed), MOST_OF_ADDRESS)
    }
    by_login = await people.accounts.find_by_login(typed)
    if by_login is not None:
        found[by_login.sub] = by_login
    return list(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A code, and where it was typed."""

    code: str
    typed: str
    """Login or address, where another browser asked; empty in the browser that did."""
    asked_by: str
    origin: Origin


async def proof_of_code(people: People, guess: Guess, kind: ProofKind = ProofKind.RESET) -> Proof:
    """Give the open proof that a code belongs to; raise ProofRefused or Throttled."""
    now = people.clock()
    candidates, counted = await _candidates(people, guess, kind)
    network = _key(people, "typed-from", network_of(guess.origin.ip))
    slots = (*(Slot(key, TYPED) for key in counted), Slot(network, TYPED_FROM))
    await people.throttles.take(slots, now)
    for proof in candidates:
        if fits(people, proof, guess.code):
            # Its own attempt and no more, or one's own codes would buy guesses.
            await people.throttles.give_back((), (*counted, network))
            return check_proof(proof, kind, now)
    raise ProofRefused("unknown", kind)


async def _candidates(
    people: People, guess: Guess, kind: ProofKind
) -> tuple[list[Proof], list[str]]:
    now, proofs = people.clock(), people.mail.proofs
    if not guess.typed.strip():
        asked = await proofs.of_browser(kind, guess.asked_by, now)
        return list(asked), [_key(people, "typed", guess.asked_by)]
    typed = guess.typed.strip()[:LONGEST_EMAIL]
    subs = [one.sub for one in await whom(people, typed)]
    found: list[Proof] = []
    # Nobody's proofs are looked for too, so that it takes as long.
    for sub in subs or [""]:
        for one in (ProofKind.RESET, ProofKind.ACCESS):
            found += await proofs.of_account(one, sub, now)
    # By what was typed: counted by who is meant, a login and an address that wait for one another
    # would tell that there is somebody, and whose they are.
    return found, [_key(people, "typed", login_key(typed))]


def pass_for(people: People, proof: Proof, browser: str) -> str:
    """Say that a proof was shown in a browser by who may use it; the next form carries this."""
    return f"{proof.proof_id}.{_pass_mac(people, proof.proof_id, browser)}"


async def proof_of_pass(people: People, text: str, browser: str) -> Proof:
    """Give the open proof that a form of ours was made for; raise ProofRefused."""
    proof_id, _, mac = text.rpartition(".")
    expected = _pass_mac(people, proof_id, browser)
    if not hmac.compare_digest(expected.encode(), mac.encode()):
        raise ProofRefused("unknown", ProofKind.RESET)
    proof = await people.mail.proofs.named(proof_id)
    return check_proof(proof, ProofKind.RESET, people.clock())


def _pass_mac(people: People, proof_id: str, browser: str) -> str:
    return people.mac("proof-pass", f"{proof_id}\0{browser}".encode())


async def account_of(people: People, proof: Proof) -> Account:
    """Find the account that a proof is bound to; raise ProofRefused."""
    account = check_account(proof, await people.accounts.find(proof.sub or ""))
    # Whoever is dismissed could have kept a link to the account of somebody who stays.
    if proof.kind is ProofKind.ACCESS and not await is_in_office(people, proof.created_by):
        raise ProofRefused("spent", proof.kind)
    return account


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A new password, and whether all that was signed in ends."""

    password: str
    is_everywhere: bool
    language: str
    origin: Origin


async def finish(people: People, proof: Proof, chosen: Chosen) -> Account:
    """Spend a proof for a new password; raise Invalid, ProofRefused, ChangedMeanwhile, TooBusy."""
    account = await account_of(people, proof)
    password = check_password(
        chosen.password, account.login, account.email, people.passwords.is_common
    )
    hashed = await people.passwords.hash(password)
    now = people.clock()
    event = AuditEvent(
        at=now, actor=account.sub, action="recovery.done", target=account.login,
        origin=chosen.origin, detail={"by": proof.kind.value, "everywhere": chosen.is_everywhere},
    )  # fmt: skip
    changed = replace(account, password_hash=hashed, updated_at=now)
    change = Change(
        account=changed,
        before=account,
        event=event,
        ends=Ends.SIGN_INS if chosen.is_everywhere else Ends.NOTHING,
        mailing=notice(
            people, changed, LetterKind.PASSWORD_CHANGED, chosen.origin, chosen.language
        ),
    )
    if not await people.mail.proofs.exchange(proof, change):
        raise ProofRefused("spent", proof.kind)
    return changed


def _key(people: People, kind: str, text: str) -> str:
    # What was typed may be a password in the wrong field: the table must not hold it.
    return people.mac("throttle", f"recovery\0{kind}\0{text}".encode())
