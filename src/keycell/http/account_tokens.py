"""The part of the account page about personal access tokens and access keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from keycell.accounts.people import Account
from keycell.http.edge import Edge
from keycell.http.render import when
from keycell.http.words import sentences
from keycell.oauth.details import READ_SCOPE
from keycell.oauth.errors import InvalidRequest
from keycell.own.scopes import places
from keycell.provider.authorize import Visitor
from keycell.provider.personal import AccessKey, PersonalToken, Wish
from keycell.provider.personal_tokens import (
    By,
    make_access_key,
    make_token,
    revoke_access_key,
    revoke_token,
)

LIVES = {
    "1": timedelta(days=1),
    "30": timedelta(days=30),
    "90": timedelta(days=90),
    "365": timedelta(days=365),
}
_UNUSED = "unused"
_WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Made:
    """What was just made, to be shown this once."""

    secret: str
    access_key_id: str = ""


async def views(edge: Edge, sub: str, language: str) -> list[dict[str, object]]:
    """Give what the page shows of somebody's tokens and keys."""
    now = edge.provider.clock()
    tokens = await edge.provider.personal.of_account(sub, now)
    kept: Sequence[PersonalToken | AccessKey] = [
        *(one for one in tokens if one.kind == "personal"),
        *await edge.provider.access_keys.of_account(sub, now),
    ]
    return [_view(edge, one, language) for one in kept]


def _view(edge: Edge, one: PersonalToken | AccessKey, language: str) -> dict[str, object]:
    words = edge.pages.words(language)
    told = places(one.details, (), words) + sentences(one.scope, (), (), words)
    return {
        "token_id": one.token_id,
        "label": one.label,
        "is_key": isinstance(one, AccessKey),
        "sentences": [sentence for sentence, _ in told],
        "created": when(one.created_at, language),
        "until": when(one.expires_at, language),
        "used": None if one.last_used_at is None else when(one.last_used_at, language),
    }


async def make(edge: Edge, account: Account, visitor: Visitor, fields: Mapping[str, str]) -> Made:
    """Make what the form asks for; raise InvalidRequest or InvalidScope."""
    life = fields.get("life", "")
    if life not in LIVES and life != _UNUSED:
        raise InvalidRequest("the form has no such lifetime")
    ends = edge.provider.clock() + LIVES[life] if life in LIVES else None
    wish = Wish(
        label=fields.get("label", ""),
        scopes=[_scope(fields)],
        expires_at=ends,
        auto_refresh=_WINDOW if ends is None else None,
    )
    by = By(account.sub, visitor.origin)
    if fields.get("kind") == "s3":
        secret, key = await make_access_key(edge.provider, account, wish, by)
        return Made(secret, key.token_id)
    text, _ = await make_token(edge.provider, account, wish, by)
    return Made(text)


def _scope(fields: Mapping[str, str]) -> str:
    writes, slug = fields.get("access") == "write", fields.get("space", "").strip()
    if slug:
        return f"space:{slug}:{'rw' if writes else 'r'}"
    return "account" if writes else READ_SCOPE


async def end(edge: Edge, account: Account, visitor: Visitor, fields: Mapping[str, str]) -> None:
    """End one of the person's own tokens or keys."""
    token_id, by = fields.get("token_id", ""), By(account.sub, visitor.origin)
    if not await revoke_token(edge.provider, token_id, account.sub, by):
        await revoke_access_key(edge.provider, token_id, account.sub, by)
