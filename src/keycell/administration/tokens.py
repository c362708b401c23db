"""People's personal access tokens, and their access keys for S3."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from keycell.accounts.offices import is_in_office
from keycell.administration.call import Items, Moment
from keycell.administration.office import NotThere, Office
from keycell.administration.people import Named
from keycell.provider.personal import AccessKey, PersonalToken, Wish, read_duration
from keycell.provider.personal_tokens import (
    Made,
    keep_token,
    make_access_key,
    make_token,
    revoke_access_key,
    revoke_token,
    scopes_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A token, or a pair of access key and secret; durations as 24h, 90d."""

    label: str
    expires: str | None = None
    auto_refresh: str | None = None
    scopes: tuple[str, ...] = ()
    is_s3: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Making(Wanted):
    """A token, or a pair of access key and secret, of somebody."""

    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """A token or access key of somebody."""

    login: str
    token_id: str


class TokenView(TypedDict):
    """A personal access token or an access key; never its secret."""

    token_id: str
    label: str
    scopes: list[str]
    expires_at: Moment
    auto_refresh: int | None
    """So many seconds longer with each use."""
    created_at: Moment
    created_by: str
    last_used_at: Moment | None
    last_used_ip: str | None


class ListedToken(TokenView):
    """A token, and whether it opens nothing as whoever made it is in office no longer."""

    is_held: bool


class TokenOnce(TypedDict, total=False):
    """What is told of a secret this once: a token, or an access key with its secret."""

    access_token: str
    access_key_id: str
    secret_access_key: str


class MadeToken(TokenView, TokenOnce):
    """A token that was just made, with its secret."""


class TokenNamed(TypedDict):
    """The token that it was done to."""

    token_id: str


def view(kept: PersonalToken | AccessKey) -> TokenView:
    """Give what is shown of a token or an access key."""
    window = getattr(kept, "auto_refresh", None)
    used = kept.last_used_at
    return {
        "token_id": kept.token_id,
        "label": kept.label,
        "scopes": scopes_of(kept),
        "expires_at": kept.expires_at.isoformat(),
        "auto_refresh": None if window is None else int(window.total_seconds()),
        "created_at": kept.created_at.isoformat(),
        "created_by": kept.created_by,
        "last_used_at": None if used is None else used.isoformat(),
        "last_used_ip": kept.last_used_ip,
    }


async def made(office: Office, asked: Making) -> MadeToken:
    """Make a token of somebody; it is shown this once."""
    account, provider = await office.account(asked.login), office.provider
    wish = wish_of(asked, provider.clock())
    make = make_access_key if asked.is_s3 else make_token
    secret, one = await make(provider, account, wish, office.by, office.limits)
    return {**told_once(secret, one), **view(one)}


def wish_of(asked: Wanted, now: datetime) -> Wish:
    """Read what is wanted; raise InvalidRequest."""
    window = asked.auto_refresh
    return Wish(
        label=asked.label,
        scopes=list(asked.scopes),
        expires_at=now + read_duration(asked.expires) if asked.expires else None,
        auto_refresh=None if window is None else read_duration(window),
    )


def told_once(secret: str, one: Made) -> TokenOnce:
    """Give what is told of a secret this once."""
    if isinstance(one, AccessKey):
        return {"access_key_id": one.token_id, "secret_access_key": secret}
    return {"access_token": secret}


async def listed(office: Office, asked: Named) -> Items[ListedToken]:
    """List the tokens and access keys of somebody."""
    account = await office.account(asked.login)
    found = await _of_account(office, account.sub)
    givers = {one.created_by for one in found} - {account.sub}
    gone = {giver for giver in givers if not await is_in_office(office.people, giver)}
    return {"items": [{**view(one), "is_held": one.created_by in gone} for one in found]}


async def _of_account(office: Office, sub: str) -> list[PersonalToken | AccessKey]:
    provider, now = office.provider, office.provider.clock()
    tokens = await provider.personal.of_account(sub, now)
    return [*tokens, *await provider.access_keys.of_account(sub, now)]


async def kept(office: Office, asked: One) -> TokenNamed:
    """Have a token or an access key of somebody stand by one's own word from here on."""
    account = await office.account(asked.login)
    for one in await _of_account(office, account.sub):
        if one.token_id == asked.token_id and await keep_token(
            office.provider, one, office.by, office.limits
        ):
            return {"token_id": asked.token_id}
    raise NotThere(f"{account.login} has no token {asked.token_id[:100]}")


async def ended(office: Office, asked: One) -> TokenNamed:
    """End a token or an access key of somebody, at once."""
    account, by = await office.account(asked.login), office.by
    if not (
        await revoke_token(office.provider, asked.token_id, account.sub, by)
        or await revoke_access_key(office.provider, asked.token_id, account.sub, by)
    ):
        raise NotThere(f"{account.login} has no token {asked.token_id[:100]}")
    return {"token_id": asked.token_id}
