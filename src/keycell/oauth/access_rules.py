"""Who may use a client: people, groups and roles, from where, and how they must have signed in.

A policy of the server, which says no in the client's words at each endpoint: ``access_denied``
at the authorization endpoint (RFC6749-4.1.2.1), ``invalid_grant`` at the token endpoint
(RFC6749-5.2). A rule is judged whenever tokens are made, so that one who is let out of a group
gets no further ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from keycell.oauth.claims import ACR_SUPPORTED, reaches
from keycell.oauth.errors import InvalidRequest

MOST_NAMED = 200
"""So many people, groups or roles one rule names at most."""
LONGEST_NAMED = 500


class WhyNot(StrEnum):
    """Why somebody may not use a client."""

    NOT_NAMED = "not-named"
    NETWORK = "network"
    ACR = "acr"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule:
    """Who may use a client. One that names nobody lets everybody."""

    people: tuple[str, ...] = ()
    """Accounts, by ``sub``."""
    groups: tuple[str, ...] = ()
    """Paths; who is in a group below is in them too."""
    roles: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    """Where their browser must be, in CIDR form; empty is anywhere."""
    acr: str = ""
    """What their sign-in must reach at least. OIDCC-2."""

    @property
    def names_people(self) -> bool:
        """Tell whether it lets some alone."""
        return bool(self.people or self.groups or self.roles)


EVERYBODY = AccessRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What a rule looks at in somebody."""

    sub: str
    groups: tuple[str, ...]
    """Their group and all that it lies in."""
    roles: tuple[str, ...]


def why_not(
    rule: AccessRule, member: Member, acr: str | None, ip: str | None = None
) -> WhyNot | None:
    """Say why somebody may not use a client; None if they may.

    ``ip`` is where their browser is, and empty where that is unknown. None as ``acr`` or ``ip`` is
    not judged: at the token endpoint the application asks, from where it runs.
    """
    if rule.names_people and not (
        member.sub in rule.people
        or set(rule.groups) & {"/", *member.groups}
        or set(rule.roles) & set(member.roles)
    ):
        return WhyNot.NOT_NAMED
    if rule.networks and ip is not None and not _is_within(ip, rule.networks):
        return WhyNot.NETWORK
    if rule.acr and acr is not None and not reaches(acr, (rule.acr,)):
        return WhyNot.ACR
    return None


def _is_within(ip: str, networks: Iterable[str]) -> bool:
    try:
        # What a link-local address names after % is a cable of ours, not a place.
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in ip_network(one) for one in networks)


def _networks(named: Iterable[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted({str(ip_network(one.strip())) for one in named}))
    except ValueError as error:
        raise InvalidRequest(
            f"networks: expected each as 192.0.2.0/24, 2001:db8::/32 or one address; {error}"
        ) from None


def check_rule(rule: AccessRule) -> AccessRule:
    """Give a rule that may be kept, each name once and in order; raise InvalidRequest."""
    for kind in ("people", "groups", "roles", "networks"):
        named: tuple[str, ...] = getattr(rule, kind)
        if len(named) > MOST_NAMED:
            raise InvalidRequest(
                f"{kind}: received {len(named)}, expected at most {MOST_NAMED}; put "
                "them into a group, or name a larger network"
            )
        if any(not one or len(one) > LONGEST_NAMED for one in named):
            raise InvalidRequest(f"{kind}: each has 1 to {LONGEST_NAMED} characters")
    if rule.acr and rule.acr not in ACR_SUPPORTED:
        raise InvalidRequest(
            f"acr: received {rule.acr[:100]!r}, expected one of {', '.join(ACR_SUPPORTED)}, or "
            "nothing"
        )
    return AccessRule(
        people=tuple(sorted(set(rule.people))), groups=tuple(sorted(set(rule.groups))),
        roles=tuple(sorted(set(rule.roles))), networks=_networks(rule.networks), acr=rule.acr,
    )  # fmt: skip
