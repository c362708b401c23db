"""Making, listing and ending personal access tokens and access keys."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from keycell.accounts.audit import NOWHERE, AuditEvent, Origin
from keycell.accounts.people import Account
from keycell.accounts.ports import SealBroken
from keycell.oauth.details import READING, Details, FilesDetail, covers, personal_scopes
from keycell.oauth.errors import InvalidRequest, InvalidScope
from keycell.oauth.grants import digest
from keycell.provider.access import Access, personal_access
from keycell.provider.personal import (
    DOCUMENT_LIFE,
    KEY_PREFIX,
    LONGEST_LIFE,
    MOST_OF_ACCOUNT,
    PREFIX,
    AccessKey,
    Kind,
    PersonalToken,
    Terms,
    Use,
    Wish,
    first_use,
    is_noted,
    read_wish,
)
from keycell.provider.ports import Provider

PURPOSE = "access-key"
_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_KEY_LENGTH = 20

Made = PersonalToken | AccessKey


@dataclass(frozen=True, slots=True)
class By:
    """Who makes or ends a token, and from where."""

    actor: str
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True)
class Limits:
    """What whoever asks may hand on: no more than their own token opens."""

    details: Details
    scope: frozenset[str]


def check_limits(terms: Terms | PersonalToken | AccessKey, limits: Limits) -> None:
    """Refuse a token that would open more than the one it is asked for with."""
    if "admin" in terms.scope and "admin" not in limits.scope:
        raise InvalidScope("only a token with the scope admin can make one with it")
    wanted = [*terms.details]
    wanted += [FilesDetail(READING)] if "files.read" in terms.scope else []
    wanted += [FilesDetail(frozenset({"read", "write"}))] if "files.write" in terms.scope else []
    if not all(covers(limits.details, one) for one in wanted):
        raise InvalidScope("more files are asked for than this access opens")


async def make_token(
    provider: Provider,
    account: Account,
    wish: Wish,
    by: By,
    limits: Limits | None = None,
) -> tuple[str, PersonalToken]:
    """Make a personal access token; its text is given this once.

    Raises InvalidRequest, also where there are too many, and InvalidScope.
    """
    now = provider.clock()
    terms = read_wish(wish, account, now)
    if limits is not None:
        check_limits(terms, limits)
    return await _keep(provider, account, terms, by, "personal")


async def make_document_token(
    provider: Provider, account: Account, node_id: str, client_id: str, by: By
) -> tuple[str, PersonalToken]:
    """Make a token that reads one file for a short while."""
    terms = Terms(
        label=f"document for {client_id[:80]}" if client_id else "document",
        scope=frozenset(),
        details=(FilesDetail(READING, None, node_id),),
        expires_at=provider.clock() + DOCUMENT_LIFE,
        auto_refresh=None,
    )
    return await _keep(provider, account, terms, by, "document")


async def _keep(
    provider: Provider, account: Account, terms: Terms, by: By, kind: Kind
) -> tuple[str, PersonalToken]:
    now, text = provider.clock(), PREFIX + provider.mint()
    token = PersonalToken(
        token_id=provider.mint_id(),
        digest=digest(text),
        kind=kind,
        sub=account.sub,
        label=terms.label,
        scope=terms.scope,
        details=terms.details,
        expires_at=terms.expires_at,
        auto_refresh=terms.auto_refresh,
        created_at=now,
        created_by=by.actor,
    )
    event = _event(now, by, "personal.made", token.token_id, {"of": account.login, **terms.told})
    if not await provider.personal.add(token, event):
        raise _no_room(account)
    return text, token


async def make_access_key(
    provider: Provider,
    account: Account,
    wish: Wish,
    by: By,
    limits: Limits | None = None,
) -> tuple[str, AccessKey]:
    """Make an access key for S3; its secret is given this once. Raises as `make_token` does."""
    now = provider.clock()
    terms = read_wish(wish, account, now)
    if terms.auto_refresh is not None or "admin" in terms.scope:
        raise InvalidScope("an access key has an expiry, opens files, and does nothing else")
    if limits is not None:
        check_limits(terms, limits)
    secret, key_id = provider.mint(), _key_id(provider)
    key = AccessKey(
        token_id=key_id,
        sealed=provider.sealer.seal(PURPOSE, secret.encode(), key_id.encode()),
        sub=account.sub,
        label=terms.label,
        scope=terms.scope,
        details=terms.details,
        expires_at=terms.expires_at,
        created_at=now,
        created_by=by.actor,
    )
    event = _event(now, by, "access-key.made", key_id, {"of": account.login, **terms.told})
    if not await provider.access_keys.add(key, event):
        raise _no_room(account)
    return secret, key


async def renew_token(
    provider: Provider,
    account: Account,
    before: Made,
    end: datetime | None,
    by: By,
    limits: Limits,
) -> tuple[str, Made]:
    """Give a token or access key a new secret, and a new end; the former opens nothing more.

    Without an end it is good for as long again. It may be one that is over. Raises InvalidRequest
    and InvalidScope as making one does.
    """
    now, window = provider.clock(), getattr(before, "auto_refresh", None)
    if end is None and window is None:
        end = now + min(before.expires_at - before.created_at, LONGEST_LIFE)
    wish = Wish(
        label=before.label, scopes=scopes_of(before), expires_at=end, auto_refresh=window
    )  # fmt: skip
    end = read_wish(wish, account, now).expires_at
    check_limits(before, limits)
    is_token = isinstance(before, PersonalToken)
    secret = (PREFIX if is_token else "") + provider.mint()
    action = "personal.renewed" if is_token else "access-key.renewed"
    event = _event(now, by, action, before.token_id, {"label": before.label})
    renewed = replace(before, expires_at=end, created_at=now, created_by=by.actor)
    if not await _renew(provider, before, _with_secret(provider, renewed, secret), event):
        raise InvalidRequest(
            f"{account.login} is disabled, has {MOST_OF_ACCOUNT} of these already, or this one "
            "was renewed or ended meanwhile; look at the list"
        )
    return secret, renewed


def _with_secret(provider: Provider, renewed: Made, secret: str) -> Made:
    if isinstance(renewed, PersonalToken):
        return replace(renewed, digest=digest(secret))
    sealed = provider.sealer.seal(PURPOSE, secret.encode(), renewed.token_id.encode())
    return replace(renewed, sealed=sealed)


async def _renew(provider: Provider, before: Made, renewed: Made, event: AuditEvent) -> bool:
    if isinstance(before, PersonalToken) and isinstance(renewed, PersonalToken):
        return await provider.personal.renew(before, renewed, event)
    assert isinstance(before, AccessKey)  # noqa: S101  (as it was before, so it is renewed)
    assert isinstance(renewed, AccessKey)  # noqa: S101
    return await provider.access_keys.renew(before, renewed, event)


def _key_id(provider: Provider) -> str:
    number = int(digest(provider.mint()), 16)
    letters = ""
    while len(letters) < _KEY_LENGTH - len(KEY_PREFIX):
        number, index = divmod(number, len(_KEY_LETTERS))
        letters += _KEY_LETTERS[index]
    return KEY_PREFIX + letters


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """An access key that stands, what it opens, and its secret to compute signatures by."""

    key: AccessKey
    access: Access
    secret: str = field(repr=False)


async def find_access_key(provider: Provider, access_key_id: str) -> OpenedKey | None:
    """Give an access key with what it opens; None if it is over.

    Only what was signed with the secret proves anything: the caller verifies before it believes.
    """
    if len(access_key_id) != _KEY_LENGTH or not access_key_id.startswith(KEY_PREFIX):
        return None
    held = await provider.access_keys.find(access_key_id)
    now = provider.clock()
    if held is None or held.key.expires_at <= now:
        return None
    try:
        secret = provider.sealer.open(PURPOSE, held.key.sealed, access_key_id.encode())
    except SealBroken:
        return None
    return OpenedKey(held.key, personal_access(provider, held.key, held.account), secret.decode())


def note_access_key(provider: Provider, key: AccessKey, ip: str = "") -> None:
    """Write down that an access key was used, once its signature was found right."""
    now = provider.clock()
    if is_noted(key.last_used_at, now):
        provider.access_keys.note_use(key, Use(now, ip), first_use(key, now))


async def revoke_token(provider: Provider, token_id: str, sub: str, by: By) -> bool:
    """End somebody's personal access token; False if there is none."""
    event = _event(provider.clock(), by, "personal.revoked", token_id, {})
    return await provider.personal.revoke(token_id, sub, event)


async def keep_token(
    provider: Provider, token: PersonalToken | AccessKey, by: By, limits: Limits | None = None
) -> bool:
    """Have somebody's token or access key stand by whoever does this; False if it is gone.

    Whoever made it may be in office no longer. Raises InvalidScope where it opens more than the
    access by which this is done.
    """
    if limits is not None:
        check_limits(token, limits)
    event = _event(provider.clock(), by, "personal.kept", token.token_id, {"label": token.label})
    kept = provider.personal if isinstance(token, PersonalToken) else provider.access_keys
    return await kept.keep(token.token_id, token.sub, event)


async def revoke_access_key(provider: Provider, access_key_id: str, sub: str, by: By) -> bool:
    """End somebody's access key; False if there is none."""
    event = _event(provider.clock(), by, "access-key.revoked", access_key_id, {})
    return await provider.access_keys.revoke(access_key_id, sub, event)


def scopes_of(kept: PersonalToken | AccessKey) -> list[str]:
    """Say what a token or key may do, as people write it."""
    return personal_scopes(kept.scope, kept.details)


def _event(
    now: datetime, by: By, action: str, target: str, detail: dict[str, object]
) -> AuditEvent:
    return AuditEvent(
        at=now, actor=by.actor, action=action, target=target, origin=by.origin, detail=detail
    )


def _no_room(account: Account) -> InvalidRequest:
    return InvalidRequest(
        f"{account.login} is disabled, or has {MOST_OF_ACCOUNT} of these already; revoke one first"
    )
