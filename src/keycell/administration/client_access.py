"""Who may use an application: its rule. What it says of somebody is in the preview."""

from dataclasses import dataclass, replace
from typing import TypedDict

from keycell.accounts.errors import Invalid
from keycell.accounts.groups import check_group_path
from keycell.administration.clients import Named, keep
from keycell.administration.office import Office
from keycell.oauth.access_rules import MOST_NAMED, AccessRule, check_rule
from keycell.oauth.clients import Client
from keycell.oauth.sentences import phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The whole rule of an application; one that names nobody lets everybody."""

    client_id: str
    people: tuple[str, ...] = ()
    """Logins."""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    """Where their browser must be: ``192.0.2.0/24``, ``2001:db8::/32``; empty is anywhere."""
    acr: str = ""
    """How they must have signed in: empty, or one of ``acr_values_supported``."""


class Rule(TypedDict):
    """Who may use an application, people by their logins; one that names nobody lets everybody."""

    people: list[str]
    groups: list[str]
    roles: list[str]
    networks: list[str]
    acr: str


class RuleView(Rule):
    """The rule of an application."""

    client_id: str
    is_for_everybody: bool


async def shown(office: Office, asked: Named) -> RuleView:
    """Show who may use an application."""
    return await view_of_rule(office, await office.client(asked.client_id))


async def ruled(office: Office, asked: Ruling) -> RuleView:
    """Say who may use an application; it counts for everybody's next tokens."""
    client = await office.foreign_client(asked.client_id)
    rule = await read_rule(office, asked)
    kept = await keep(office, client.client_id, lambda now: replace(now, access=rule))
    return await view_of_rule(office, kept)


async def read_rule(office: Office, asked: Ruling) -> AccessRule:
    """Check a rule whose people are named by their logins; raise Invalid, NotThere."""
    groups = await known_groups(office, asked.groups)
    named = check_rule(
        AccessRule(
            people=asked.people,
            groups=groups,
            roles=asked.roles,
            networks=asked.networks,
            acr=asked.acr,
        )
    )
    return replace(named, people=await subs(office, named.people))


async def known_groups(office: Office, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Check groups that a rule names; raise Invalid for one that is not there."""
    groups = tuple(check_group_path(one) for one in paths)
    known = {"/", *(one.path for one in await office.people.groups.groups())} if groups else set()
    for path in groups:
        if path not in known:
            raise Invalid(
                "groups", "group", phrase("there is no group %(group)s", group=path[:100])
            )
    return groups


async def subs(office: Office, named: tuple[str, ...]) -> tuple[str, ...]:
    """Give the accounts of logins that a rule names; raise NotThere."""
    if len(named) > MOST_NAMED:
        raise Invalid("people", "people", f"{len(named)} people; at most {MOST_NAMED} are taken")
    return tuple(sorted([(await office.account(login)).sub for login in named]))


async def logins(office: Office, named: tuple[str, ...]) -> list[str]:
    """Give the logins of accounts; who was removed is named by what is left of them."""
    found = []
    for sub in named:
        account = await office.people.accounts.find(sub)
        found.append(account.login if account is not None else sub)
    return found


async def view_of_rule(office: Office, client: Client) -> RuleView:
    """Give the rule of an application, with people by their logins."""
    rule = client.access
    return {
        "client_id": client.client_id,
        "people": await logins(office, rule.people),
        "groups": list(rule.groups),
        "roles": list(rule.roles),
        "networks": list(rule.networks),
        "acr": rule.acr,
        "is_for_everybody": not rule.names_people,
    }
