"""Who may act for whom in token exchanges that an application asks for. RFC8693-1.1."""

from dataclasses import dataclass, replace
from typing import TypedDict

from keycell.accounts.errors import Invalid
from keycell.administration.client_access import known_groups, logins, subs
from keycell.administration.clients import Named, keep
from keycell.administration.office import Office
from keycell.oauth.access_rules import AccessRule
from keycell.oauth.acting import ActingRule, check_acting
from keycell.oauth.clients import Client
from keycell.oauth.sentences import phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """The whole rule; one that names no actor lets nobody act."""

    client_id: str
    applications: tuple[str, ...] = ()
    """Applications that may act, by ``client_id``."""
    people: tuple[str, ...] = ()
    """Logins of who may act."""
    groups: tuple[str, ...] = ()
    """Groups of who may act."""
    for_people: tuple[str, ...] = ()
    """Logins of those for whom; with no group either, for everybody but administrators."""
    for_groups: tuple[str, ...] = ()
    may_act: str = ""
    """The one application that may act by this one's tokens, wherever it asks; empty: any."""


class ActingRuled(TypedDict):
    """Who may act for whom, people by their logins; ``may_act`` is the one that may, if any."""

    applications: list[str]
    people: list[str]
    groups: list[str]
    for_people: list[str]
    for_groups: list[str]
    may_act: str


class ActingView(ActingRuled):
    """Who may act where an application asks for it."""

    client_id: str


async def shown(office: Office, asked: Named) -> ActingView:
    """Show who may act for whom where an application asks for it."""
    return await view_of_acting(office, await office.client(asked.client_id))


async def ruled(office: Office, asked: Acting) -> ActingView:
    """Say who may act for whom where an application asks for it; it counts at once."""
    client = await office.foreign_client(asked.client_id)
    rule = await read_acting(office, asked)
    kept = await keep(office, client.client_id, lambda now: replace(now, acting=rule))
    return await view_of_acting(office, kept)


async def read_acting(office: Office, asked: Acting) -> ActingRule:
    """Check a rule whose people are named by their logins; raise Invalid, NotThere."""
    for named in (*asked.applications, *((asked.may_act,) if asked.may_act else ())):
        if await office.provider.clients.find(named) is None:
            raise Invalid(
                "applications",
                "client",
                phrase("there is no client %(client)s", client=named[:100]),
            )
    return check_acting(
        ActingRule(
            actors=await _members(office, asked.people, asked.groups),
            subjects=await _members(office, asked.for_people, asked.for_groups),
            may_act=asked.may_act,
        ),
        asked.applications,
    )


async def _members(office: Office, people: tuple[str, ...], groups: tuple[str, ...]) -> AccessRule:
    return AccessRule(people=await subs(office, people), groups=await known_groups(office, groups))


async def view_of_acting(office: Office, client: Client) -> ActingView:
    """Give the rule of an application, with people by their logins."""
    rule = client.acting
    return {
        "client_id": client.client_id,
        "applications": list(rule.applications),
        "people": await logins(office, rule.actors.people),
        "groups": list(rule.actors.groups),
        "for_people": await logins(office, rule.subjects.people),
        "for_groups": list(rule.subjects.groups),
        "may_act": rule.may_act,
    }
