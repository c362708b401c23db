"""How long an application's tokens are good for, and in which form it gets them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, TypedDict

from keycell.accounts.errors import Invalid
from keycell.administration.clients import Named, keep
from keycell.administration.office import Office, check_foreign
from keycell.oauth.clients import Client
from keycell.oauth.sentences import phrase

SHORTEST = timedelta(minutes=1)
LONGEST_ACCESS = timedelta(days=1)
"""Who checks a signature alone believes an access token so long, whatever is ended meanwhile."""
LONGEST_ID = timedelta(days=1)
LONGEST_REFRESH = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """The whole of it, in seconds; null is what the server gives to others."""

    client_id: str
    access_token_seconds: int | None = None
    id_token_seconds: int | None = None
    refresh_token_seconds: int | None = None
    """Counted from the last use."""
    access_token_format: Literal["jwt", "opaque"] = "jwt"


class LastingView(TypedDict):
    """How many seconds each kind of token is good for."""

    access_token_seconds: int
    id_token_seconds: int
    refresh_token_seconds: int


class LifetimesView(TypedDict):
    """What is set for an application; null is what the server gives to others."""

    access_token_seconds: int | None
    id_token_seconds: int | None
    refresh_token_seconds: int | None
    access_token_format: Literal["jwt", "opaque"]


class ClientTokens(LifetimesView):
    """What is set for an application, what others get, and what may be set."""

    client_id: str
    defaults: LastingView
    shortest_seconds: int
    longest: LastingView
    rotates: bool


async def shown(office: Office, asked: Named) -> ClientTokens:
    """Show how long an application's tokens are good for, and what others get."""
    client, usual = await office.client(asked.client_id), office.provider.lifetimes
    return {
        **lasting_view(client),
        "client_id": client.client_id,
        "defaults": {
            "access_token_seconds": _seconds(usual.access_token),
            "id_token_seconds": _seconds(usual.id_token),
            "refresh_token_seconds": _seconds(usual.refresh_token),
        },
        "shortest_seconds": _seconds(SHORTEST),
        "longest": {
            "access_token_seconds": _seconds(LONGEST_ACCESS),
            "id_token_seconds": _seconds(LONGEST_ID),
            "refresh_token_seconds": _seconds(LONGEST_REFRESH),
        },
        "rotates": not client.is_fapi2,
    }


async def ruled(office: Office, asked: Lasting) -> ClientTokens:
    """Say how long an application's tokens are good for; it counts for the next ones."""
    check_foreign(await office.client(asked.client_id))
    await keep(office, asked.client_id, lambda now: with_lifetimes(office, now, asked))
    return await shown(office, Named(client_id=asked.client_id))


def lasting_view(client: Client) -> LifetimesView:
    """Give what is set for a client, as it is said."""
    access, identity = client.access_token_lifetime, client.id_token_lifetime
    refresh = client.revoke_refresh_after
    return {
        "access_token_seconds": None if access is None else _seconds(access),
        "id_token_seconds": None if identity is None else _seconds(identity),
        "refresh_token_seconds": None if refresh is None else _seconds(refresh),
        "access_token_format": client.access_token_format,
    }


def with_lifetimes(office: Office, client: Client, asked: Lasting) -> Client:
    """Give a client other lifetimes; raise Invalid for those that no token may have."""
    access = _read("access_token_seconds", asked.access_token_seconds, LONGEST_ACCESS)
    refresh = _read("refresh_token_seconds", asked.refresh_token_seconds, LONGEST_REFRESH)
    usual = office.provider.lifetimes
    if (access or usual.access_token) > (refresh or usual.refresh_token):
        # What ends with the grant would be told to last longer than it does.
        raise Invalid(
            "refresh_token_seconds", "lifetime",
            phrase("a refresh token lasts at least as long as an access token"),
        )  # fmt: skip
    return replace(
        client, access_token_lifetime=access, revoke_refresh_after=refresh,
        id_token_lifetime=_read("id_token_seconds", asked.id_token_seconds, LONGEST_ID),
        access_token_format=asked.access_token_format,
    )  # fmt: skip


def _read(name: str, seconds: int | None, longest: timedelta) -> timedelta | None:
    if seconds is None:
        return None
    if not _seconds(SHORTEST) <= seconds <= _seconds(longest):
        raise Invalid(
            name, "lifetime",
            phrase("expected %(least)s to %(most)s seconds", least=str(_seconds(SHORTEST)),
                   most=str(_seconds(longest))),
        )  # fmt: skip
    return timedelta(seconds=seconds)


def _seconds(lasts: timedelta) -> int:
    return int(lasts.total_seconds())
