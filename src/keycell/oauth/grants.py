"""Grants, and the credentials that descend from them.

A *grant* is what an account has allowed a client by one authorization. It carries the state of its
authorization code and of its refresh token; both die with it. This module decides what becomes of
them; it stores nothing.

Credentials name their grant, so that it is found by its key, and are kept by digest alone:

    kcc_<grant_id>.<secret>                    authorization code
    kcr_<grant_id>.<family secret>.<secret>    refresh token

The family secret stays, the last part changes with each rotation. A token with the right family
secret that is neither the current nor the one before was spent long ago: it is a replay, and can
be told from a guess without keeping a row for every token there ever was.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from keycell.oauth.claims import NO_CLAIMS, Authentication, ClaimsRequest
from keycell.oauth.confirmation import Confirmation
from keycell.oauth.details import Details
from keycell.oauth.errors import InvalidGrant, Replayed
from keycell.oauth.pkce import check_code_verifier
from keycell.oauth.scope import Scope
from keycell.values import dataclass

REPEAT_WITHIN = timedelta(seconds=60)
"""How long the answer to a refresh may be asked for again. See decisions/0005."""
SHADOWED_AFTER = 5
"""So many rotations in a row, each asked for twice, and two holders share the token."""

_PART = r"[A-Za-z0-9_-]{22,64}"
_CODE = re.compile(rf"kcc_({_PART})\.({_PART})")
REFRESH_PREFIX = "kcr_"
_REFRESH_TOKEN = re.compile(rf"{REFRESH_PREFIX}({_PART})\.({_PART})\.({_PART})")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeState:
    """The authorization code of a grant, and what it is bound to. RFC6749-4.1.2."""

    digest: str
    expires_at: datetime
    redirect_uri: str
    redirect_uri_was_sent: bool
    code_challenge: str | None
    nonce: str | None
    spent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshState:
    """The refresh token of a grant: the current one, and the one it came from. RFC9700-4.14.2."""

    family_digest: str
    digest: str
    expires_at: datetime
    previous_digest: str | None = None
    rotated_at: datetime | None = None
    sealed: str | None = None
    """The current token, under a key that only the previous one gives."""
    was_repeated: bool = False
    shadow_run: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an account has allowed a client, with the codes and tokens that descend from it."""

    grant_id: str
    client_id: str
    sub: str
    """The account; what the client sees of it may be a pairwise identifier."""
    sid: str | None
    scope: Scope
    audience: tuple[str, ...]
    authentication: Authentication
    created_at: datetime
    expires_at: datetime
    claims: ClaimsRequest = NO_CLAIMS
    code: CodeState | None = None
    refresh: RefreshState | None = None
    revoked_at: datetime | None = None
    details: Details = ()
    """The places it opens, beyond what its scope says. RFC9396-6."""
    cnf: Confirmation | None = None
    """The key that its code is bound to, and a public client's refresh token.

    RFC9449-5, RFC8705-4.
    """
    ends_at: datetime | None = None
    """The end of its person's term for it; None: they have set none. See `terms`."""
    ip: str = ""
    """Where it was exchanged or refreshed last, as far as that is kept; for its person to see."""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class PresentedCode:
    """An authorization code as it came in: well formed, and nothing more."""

    grant_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class PresentedRefresh:
    """A refresh token as it came in: well formed, and nothing more."""

    grant_id: str
    family_digest: str
    digest: str


@dataclass(frozen=True, slots=True)
class Rotate:
    """The token presented is the current one: it may be exchanged for its successor."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The token presented was just exchanged: its holder may have the same successor again."""

    sealed: str


def digest(secret: str) -> str:
    """Give the form in which a secret that we minted is stored.

    It has full entropy, so one round of a plain hash is enough. RFC6749-10.5.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def format_code(grant_id: str, secret: str) -> str:
    """Make an authorization code. RFC6749-4.1.2."""
    return f"kcc_{grant_id}.{secret}"


def format_refresh_token(grant_id: str, family_secret: str, secret: str) -> str:
    """Make a refresh token. RFC6749-1.5."""
    return f"{REFRESH_PREFIX}{grant_id}.{family_secret}.{secret}"


def read_code(code: str) -> PresentedCode:
    """Read an authorization code that a client presents. RFC6749-4.1.3."""
    parts = _CODE.fullmatch(code)
    if parts is None:
        raise InvalidGrant(detail="not the form of a code")
    return PresentedCode(parts[1], digest(code))


def read_refresh_token(token: str) -> PresentedRefresh:
    """Read a refresh token that a client presents. RFC6749-6."""
    parts = _REFRESH_TOKEN.fullmatch(token)
    if parts is None:
        raise InvalidGrant(detail="not the form of a refresh token")
    return PresentedRefresh(parts[1], digest(parts[2]), digest(token))


def family_secret(token: str) -> str:
    """Give the part of a refresh token that its successor keeps."""
    return token.split(".")[1]


def redeem_code(
    grant: Grant,
    presented: PresentedCode,
    client_id: str,
    redirect_uri: str | None,
    code_verifier: str | None,
    now: datetime,
) -> CodeState:
    """Decide whether a code may be exchanged. RFC6749-4.1.3.

    A spent code that comes back with every check passing is a replay and ends its grant; with
    one failing it is only refused, so that a code that leaked cannot be used to end a grant.
    """
    code = grant.code
    if code is None or not hmac.compare_digest(code.digest, presented.digest):
        raise InvalidGrant(detail="no such code")
    if grant.client_id != client_id:
        raise InvalidGrant(detail=f"the code was issued to {grant.client_id}")
    _check_redirect_uri(code, redirect_uri)
    check_code_verifier(code_verifier, code.code_challenge)
    if code.spent_at is not None:
        raise Replayed(grant.grant_id, why="authorization code replayed")
    if grant.revoked_at is not None:
        raise InvalidGrant(detail="the grant was ended")
    check_term(grant.ends_at, now)
    if code.expires_at <= now:
        raise InvalidGrant("the code has expired", detail=f"at {code.expires_at:%F %T}")
    return code


def check_term(ends_at: datetime | None, now: datetime) -> None:
    """Refuse what a person allowed until a moment that is past. RFC6749-5.2."""
    if ends_at is not None and ends_at <= now:
        raise InvalidGrant(
            "the time for which the person allowed this is over; ask them anew",
            detail=f"at {ends_at:%F %T}",
        )


def _check_redirect_uri(code: CodeState, redirect_uri: str | None) -> None:
    # It must be repeated if the request had it (RFC6749-4.1.3); sent without need, it must fit.
    if redirect_uri is None and not code.redirect_uri_was_sent:
        return
    if redirect_uri != code.redirect_uri:
        raise InvalidGrant("redirect_uri is not the one the code was sent to")


def redeem_refresh_token(
    grant: Grant,
    presented: PresentedRefresh,
    client_id: str,
    now: datetime,
    *,
    is_held: bool = False,
) -> Rotate | Repeat:
    """Decide what a refresh token buys: a successor, or once more the same one. RFC6749-6.

    Anything else that was spent ends the grant: one of its two holders is a thief, and we cannot
    tell which. RFC9700-4.14.2. Who has proved to hold the grant's key (``is_held``) is no thief:
    they may ask again for as long as the successor is unused, and as often as they like.
    """
    refresh = grant.refresh
    if refresh is None or not hmac.compare_digest(refresh.family_digest, presented.family_digest):
        raise InvalidGrant(detail="no such refresh token")
    # Whose it is comes first: another client's replay must not end this one's grant.
    if grant.client_id != client_id:
        raise InvalidGrant(detail=f"the refresh token was issued to {grant.client_id}")
    if grant.revoked_at is not None:
        raise InvalidGrant(detail="the grant was ended")
    check_term(grant.ends_at, now)
    if hmac.compare_digest(refresh.digest, presented.digest):
        if refresh.expires_at <= now:
            raise InvalidGrant(
                "the refresh token has expired", detail=f"at {refresh.expires_at:%F %T}"
            )
        return Rotate()
    return _repeat(grant, refresh, presented, None if is_held else now)


def _repeat(
    grant: Grant, refresh: RefreshState, presented: PresentedRefresh, now: datetime | None
) -> Repeat:
    is_previous = refresh.previous_digest is not None and hmac.compare_digest(
        refresh.previous_digest, presented.digest
    )
    if not is_previous or refresh.sealed is None or refresh.rotated_at is None:
        raise Replayed(grant.grant_id, why="refresh token replayed")
    if now is None:
        return Repeat(refresh.sealed)
    if now - refresh.rotated_at > REPEAT_WITHIN:
        raise Replayed(grant.grant_id, why="refresh token replayed")
    if refresh.shadow_run + 1 >= SHADOWED_AFTER:
        raise Replayed(grant.grant_id, why="refresh token shadowed")
    return Repeat(refresh.sealed)
