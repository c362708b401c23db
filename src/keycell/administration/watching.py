"""The server's keys."""

from dataclasses import dataclass
from typing import TypedDict

from keycell.accounts.errors import Invalid
from keycell.administration.call import Items, Moment, Nothing
from keycell.administration.office import Clash, NotThere, Office
from keycell.oauth.clients import Client
from keycell.oauth.keys import KeyRecord, NotPublishedLongEnough, State
from keycell.oauth.metadata import OWN_KEYS
from keycell.oauth.sentences import phrase
from keycell.provider.issue import ACCESS_TOKEN_ALG
from keycell.provider.keys import REVOKED, revoke, rotate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotating:
    """Of which algorithm, or all; ``is_urgent`` though clients may not know the new key."""

    alg: str = "all"
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OneKey:
    """A key, by its name."""

    kid: str


class KeyView(TypedDict):
    """One of the server's keys, by its name, with its state and since when."""

    kid: str
    alg: str
    state: State
    created_at: Moment
    activated_at: Moment | None
    retired_at: Moment | None


class Keys(TypedDict):
    """The server's keys, and for how long one is published before it signs."""

    items: list[KeyView]
    ahead_hours: int


class Reader(TypedDict):
    """An application that fetched the published keys."""

    client_id: str
    client_name: str
    ip: str
    at: Moment


class Concerned(TypedDict):
    """An application, and whether it fetched the keys since the next one was published."""

    client_id: str
    client_name: str
    knows: bool


class Impact(KeyView):
    """What would come of revoking a key: ``follows`` is the one that would sign after it."""

    follows: str
    ends_access_tokens: bool
    applications: list[Concerned]


class Revoked(TypedDict):
    """The key that counts for nothing any more."""

    revoked: str


class Rotated(TypedDict):
    """The algorithms whose next key signs now."""

    rotated: list[str]


async def keys(office: Office, _asked: Nothing) -> Keys:
    """List the server's keys with their states, and how long one is published before it signs."""
    return {
        "items": [_view(key.record) for key in await office.keys.store.all()],
        "ahead_hours": int(office.keys.ahead.total_seconds()) // 3600,
    }


async def readers(office: Office, _asked: Nothing) -> Items[Reader]:
    """List which applications fetched the published keys, from where, and the latest first."""
    return {"items": await _readers(office)}


def _view(one: KeyRecord) -> KeyView:
    return {
        "kid": one.kid,
        "alg": one.alg,
        "state": one.state,
        "created_at": one.created_at.isoformat(),
        "activated_at": one.activated_at.isoformat() if one.activated_at else None,
        "retired_at": one.retired_at.isoformat() if one.retired_at else None,
    }


async def _readers(office: Office) -> list[Reader]:
    names = {one.client_id: one.name for one in await office.clients()}
    return [
        {
            "client_id": one.client_id,
            "client_name": names[one.client_id],
            "ip": one.ip,
            "at": one.at.isoformat(),
        }
        for one in await office.keys.store.readings(office.keys.clock())
        if one.client_id in names
    ]


async def impact(office: Office, asked: OneKey) -> Impact:
    """Say what would come of revoking a key, before it is done."""
    records = [key.record for key in await office.keys.store.all()]
    leaked = next((one for one in records if one.kid == asked.kid), None)
    if leaked is None or leaked.state == REVOKED:
        raise _no_such_key(asked.kid)
    follows = next((one for one in records if one.alg == leaked.alg and one.state == "next"), None)
    signs = leaked.state == "current"
    # What never signed is missed by nobody.
    concerned = [] if leaked.state == "next" else await _signed_for(office, leaked.alg)
    since = "" if follows is None or not signs else follows.created_at.isoformat()
    knows = {one["client_id"] for one in await _readers(office) if since and one["at"] >= since}
    return {
        **_view(leaked),
        "follows": follows.kid if signs and follows is not None else "",
        "ends_access_tokens": leaked.alg == ACCESS_TOKEN_ALG and leaked.state != "next",
        "applications": [
            {"client_id": one.client_id, "client_name": one.name, "knows": one.client_id in knows}
            for one in concerned
        ],
    }


async def _signed_for(office: Office, alg: str) -> list[Client]:
    return [
        one
        for one in await office.clients()
        if not one.is_first_party and one.metadata.id_token_signed_response_alg == alg
    ]


async def revoked(office: Office, asked: OneKey) -> Revoked:
    """Let a key that leaked count for nothing from now on."""
    if not await revoke(office.keys, asked.kid, office.by.actor, office.by.origin):
        raise _no_such_key(asked.kid)
    return {"revoked": asked.kid}


def _no_such_key(kid: str) -> NotThere:
    return NotThere(phrase("there is no key %(kid)s that could be revoked", kid=kid[:100]))


async def rotated(office: Office, asked: Rotating) -> Rotated:
    """Put the next key to use, and make one to follow it."""
    chosen = OWN_KEYS if asked.alg == "all" else (asked.alg,)
    if not set(chosen) <= set(OWN_KEYS):
        raise Invalid("alg", "alg", f"{asked.alg[:20]}: expected one of {', '.join(OWN_KEYS)}")
    by = office.by
    try:
        for alg in chosen:
            await rotate(office.keys, alg, by.actor, by.origin, is_urgent=asked.is_urgent)
    except NotPublishedLongEnough as error:
        raise Clash(
            f"{error}; wait until then, or pass --urgent (is_urgent); one that leaked is revoked"
        ) from None
    return {"rotated": list(chosen)}
