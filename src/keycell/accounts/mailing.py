"""Writing to people: letters put into the outbox, and the one-time secrets that are in them."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from keycell.accounts.audit import Origin
from keycell.accounts.letters import Letter, LetterKind, Posted
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.accounts.proofs import (
    LIFETIMES,
    Proof,
    ProofKind,
    check_proof,
    read_code,
    shown_code,
    stamp_of,
)
from keycell.accounts.tellings import is_wanted

PATHS: Mapping[ProofKind, str] = {
    ProofKind.RESET: "/recover/link",
    ProofKind.ACCESS: "/recover/access",
    ProofKind.INVITATION: "/invitation",
    ProofKind.ADDRESS: "/email/confirm",
    ProofKind.UNDO: "/email/undo",
    ProofKind.LOCKDOWN: "/recover/not-me",
}


@dataclass(frozen=True, slots=True)
class Minted:
    """A new proof with its secrets, which nobody sees again."""

    proof: Proof
    secret: str
    code: str

    @property
    def link(self) -> str:
        """Where the link leads, below the public URL."""
        return f"{PATHS[self.proof.kind]}?token={self.secret}"

    @property
    def values(self) -> dict[str, str]:
        """What a letter tells of it."""
        return {"link": self.link, "code": shown_code(self.code)}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a new proof is bound to."""

    account: Account | None = None
    asked_by: str | None = None
    details: Mapping[str, str] | None = None
    lifetime: timedelta | None = None


def mint_proof(people: People, kind: ProofKind, created_by: str, about: About) -> Minted:
    """Make a proof, not kept yet."""
    now, account = people.clock(), about.account
    secret, code, proof_id = people.mint(), people.mail.mint_code(), people.mint_id()
    proof = Proof(
        proof_id=proof_id,
        kind=kind,
        digest=digest(secret),
        code_mac=_code_mac(people, proof_id, code),
        asked_by=about.asked_by,
        sub=account.sub if account else None,
        stamp=stamp_of(kind, account) if account else "",
        details=dict(about.details or {}),
        created_at=now,
        created_by=created_by,
        expires_at=now + (about.lifetime or LIFETIMES[kind]),
    )
    return Minted(proof, secret, code)


async def proof_of_link(people: People, kind: ProofKind, secret: str) -> Proof:
    """Give the open proof of a link; looking spends nothing. Raises ProofRefused."""
    return check_proof(await people.mail.proofs.find(kind, digest(secret)), kind, people.clock())


def fits(people: People, proof: Proof, typed: str) -> bool:
    """Tell whether this is the code of a proof."""
    if proof.code_mac is None:
        return False
    expected = _code_mac(people, proof.proof_id, read_code(typed))
    return hmac.compare_digest(expected, proof.code_mac)


def post(people: People, letter: Letter) -> Posted:
    """Seal a letter for the outbox: what is in it may open an account."""
    sealed = people.mail.seal(json.dumps(asdict(letter)).encode())
    return Posted(mail_id=people.mint_id(), sealed=sealed, at=people.clock())


def opened(people: People, sealed: str) -> Letter | None:
    """Give a letter that waited; None if it was sealed under another key."""
    plain = people.mail.open(sealed)
    if plain is None:
        return None
    said = json.loads(plain)
    return Letter(
        kind=LetterKind(said["kind"]), to=said["to"], language=said["language"],
        values=said["values"],
    )  # fmt: skip


def spoken(account: Account, otherwise: str) -> str:
    """Give the language to write to somebody in."""
    locale = account.claims.get("locale")
    return (
        locale.replace("_", "-").partition("-")[0].lower()
        if isinstance(locale, str)
        else (otherwise)
    )


def named(account: Account) -> dict[str, str]:
    """Say who somebody is, in a letter."""
    return {"name": account.display_name, "login": account.login}


def can_be_told(people: People, account: Account) -> bool:
    """Tell whether mail reaches somebody: there is a mail server, and the address is theirs."""
    # What stands in an account for tests is nobody's address.
    if account.is_test:
        return False
    return people.mail.mailer.is_set and account.email is not None and account.email_verified


async def wants(people: People, account: Account, kind: LetterKind) -> bool:
    """Tell whether mail reaches somebody, and whether they want a letter of this kind."""
    if not can_be_told(people, account):
        return False
    return is_wanted(kind, (await people.preferences.find(account.sub)).quiet)


def notice(
    people: People,
    account: Account,
    kind: LetterKind,
    origin: Origin,
    language: str,
    **more: str,
) -> Mailing:
    """Tell a person what was done to their account, with a link for "this wasn't me"."""
    if not can_be_told(people, account) or account.email is None:
        return NO_MAIL
    details = {"email": account.email}
    lockdown = mint_proof(
        people, ProofKind.LOCKDOWN, account.sub, About(account=account, details=details)
    )
    values = {
        **named(account),
        "when": written(people.clock(), account),
        "ip": origin.ip or "?",
        "lockdown": lockdown.link,
        **more,
    }
    letter = Letter(kind=kind, to=account.email, language=spoken(account, language), values=values)
    return Mailing((post(people, letter),), (lockdown.proof,))


def written(at: datetime, account: Account) -> str:
    """Give a time as letters tell it: in their reader's time zone, if it is one that we know."""
    zone = account.claims.get("zoneinfo")
    if isinstance(zone, str):
        # What is none raises this or that, and some systems know no zones at all.
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            at = at.astimezone(ZoneInfo(zone))
    return f"{at:%Y-%m-%d %H:%M %Z}"


def joined(*mailings: Mailing) -> Mailing:
    """Give several mailings as one."""
    return Mailing(
        tuple(posted for one in mailings for posted in one.letters),
        tuple(proof for one in mailings for proof in one.proofs),
    )


def digest(secret: str) -> str:
    """Give the form in which a link's secret, or a browser's name, is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _code_mac(people: People, proof_id: str, code: str) -> str:
    # Eight digits can be tried through, so a plain digest would keep no secret.
    return people.mac("proof-code", f"{proof_id}\0{code}".encode())
