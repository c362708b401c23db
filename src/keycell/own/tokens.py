"""What one made for one's programs: personal access tokens, and access keys for S3. UX-P07."""

from dataclasses import dataclass
from typing import TypedDict

from keycell.accounts.offices import is_in_office
from keycell.administration.call import Nothing
from keycell.administration.office import NotThere
from keycell.administration.tokens import (
    TokenNamed,
    TokenOnce,
    TokenView,
    Wanted,
    told_once,
    view,
    wish_of,
)
from keycell.own.holder import Holder
from keycell.provider.personal import (
    LONGEST_LIFE,
    REMEMBERED,
    AccessKey,
    read_duration,
)
from keycell.provider.personal_tokens import (
    By,
    Made,
    make_access_key,
    make_token,
    renew_token,
    revoke_access_key,
    revoke_token,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A token or an access key."""

    token_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewing:
    """A token or an access key, and how long it is good from now on; as long again without."""

    token_id: str
    expires: str | None = None


class OwnToken(TokenView):
    """A token or an access key of one's; ``is_over`` may be renewed, ``is_held`` opens nothing."""

    is_own: bool
    is_held: bool
    is_s3: bool
    is_over: bool


class OwnTokens(TypedDict):
    """One's tokens and access keys, and how many days one is good for at most."""

    items: list[OwnToken]
    longest_days: int


class OwnTokenOnce(OwnToken, TokenOnce):
    """A token that was just made or renewed, with its secret."""


async def listed(holder: Holder, _asked: Nothing) -> OwnTokens:
    """List one's tokens and access keys, those that ended a while ago too."""
    return {
        "items": [await _view(holder, one) for one in await found(holder)],
        "longest_days": LONGEST_LIFE.days,
    }


async def found(holder: Holder) -> list[Made]:
    """Give one's tokens and access keys that stand, or can be renewed."""
    since = holder.people.clock() - REMEMBERED
    kept = await holder.provider.personal.of_account(holder.account.sub, since)
    keys = await holder.provider.access_keys.of_account(holder.account.sub, since)
    return [*(one for one in kept if one.kind == "personal"), *keys]


async def _view(holder: Holder, one: Made) -> OwnToken:
    by_own = one.created_by == holder.account.sub
    gone = not by_own and not await is_in_office(holder.people, one.created_by)
    # Who else made it is told as what they are, not as who.
    return {
        **view(one),
        "created_by": holder.account.login if by_own else "an administrator",
        "is_own": by_own,
        "is_held": gone,
        "is_s3": isinstance(one, AccessKey),
        "is_over": one.expires_at <= holder.people.clock(),
    }


async def made(holder: Holder, asked: Wanted) -> OwnTokenOnce:
    """Make a token, or an access key with its secret; it is shown this once."""
    provider, account = holder.provider, holder.account
    wish = wish_of(asked, provider.clock())
    make = make_access_key if asked.is_s3 else make_token
    secret, one = await make(provider, account, wish, _by(holder), holder.limits)
    return {**told_once(secret, one), **await _view(holder, one)}


async def renewed(holder: Holder, asked: Renewing) -> OwnTokenOnce:
    """Give one a new secret, shown this once, and a new end; the former opens nothing more."""
    now = holder.provider.clock()
    end = now + read_duration(asked.expires) if asked.expires else None
    for one in await found(holder):
        if one.token_id == asked.token_id:
            secret, fresh = await renew_token(
                holder.provider, holder.account, one, end, _by(holder), holder.limits
            )
            return {**told_once(secret, fresh), **await _view(holder, fresh)}
    raise NotThere(f"you have no token {asked.token_id[:100]}")


async def ended(holder: Holder, asked: Named) -> TokenNamed:
    """End a token or an access key at once; one that is over is forgotten."""
    by, sub = _by(holder), holder.account.sub
    if not (
        await revoke_token(holder.provider, asked.token_id, sub, by)
        or await revoke_access_key(holder.provider, asked.token_id, sub, by)
    ):
        raise NotThere(f"you have no token {asked.token_id[:100]}")
    return {"token_id": asked.token_id}


def _by(holder: Holder) -> By:
    return By(holder.account.sub, holder.origin)
