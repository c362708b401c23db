"""Secrets of applications: a new one beside the old for a while, so that nobody is locked out."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypedDict

from keycell.accounts.errors import Invalid
from keycell.administration.call import Moment
from keycell.administration.clients import ClientNamed, Named, keep
from keycell.administration.office import Clash, NotThere, Office
from keycell.oauth.clients import Client, FormerSecret
from keycell.provider.register import give_secret, with_secret_of

_MOST_HOURS = 24 * 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewing:
    """A new secret; the one before is good for so many hours more."""

    client_id: str
    grace_hours: int = 0


class NewSecret(TypedDict):
    """A secret, shown this once; the one before is good until a moment, or ended."""

    client_id: str
    client_secret: str
    former_secret_until: Moment | None


async def renewed(office: Office, asked: Renewing) -> NewSecret:
    """Give an application a new secret; the one before ends at once, or after a grace."""
    client = await office.foreign_client(asked.client_id)
    if not 0 <= asked.grace_hours <= _MOST_HOURS:
        raise Invalid("grace_hours", "grace", f"expected 0 to {_MOST_HOURS} hours")
    method = client.metadata.token_endpoint_auth_method
    if asked.grace_hours and method == "client_secret_jwt":
        raise Invalid(
            "grace_hours", "grace", "a secret that signs assertions ends at once; expected 0 hours"
        )
    made = give_secret(office.provider, client)
    if made.secret is None:
        raise Invalid(
            "client_id", "no-secret",
            f"{client.client_id} has no secret by its way of authenticating",
        )  # fmt: skip
    now = office.provider.clock()
    until = now + timedelta(hours=asked.grace_hours)

    def change(before: Client) -> Client:
        if before.metadata.token_endpoint_auth_method != method:
            raise Clash(f"{client.client_id} authenticates in another way by now")
        former = FormerSecret(until, before.secret_digest, before.secret_hmac)
        return replace(
            with_secret_of(before, made.client),
            secret_made_at=now,
            former_secret=former if asked.grace_hours else None,
        )

    await keep(office, client.client_id, change)
    return {
        "client_id": client.client_id,
        "client_secret": made.secret,
        "former_secret_until": until.isoformat() if asked.grace_hours else None,
    }


async def ended_former(office: Office, asked: Named) -> ClientNamed:
    """End the secret before the one that stands, though its grace is not over."""
    client = await office.foreign_client(asked.client_id)
    if client.former_secret is None:
        raise NotThere(f"{client.client_id} has one secret alone")
    await keep(office, client.client_id, lambda now: replace(now, former_secret=None))
    return {"client_id": client.client_id}
