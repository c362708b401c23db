"""Who may use a client: people, groups and roles, and how they must have signed in.

A policy of the server, which says no in the client's words at each endpoint: ``access_denied``
at the authorization endpoint (RFC6749-4.1.2.1), ``invalid_grant`` at the token endpoint
(RFC6749-5.2). A rule is judged whenever tokens are made, so that one who is let out of a group
gets no further ones.
"""

from dataclasses import dataclass
from enum import StrEnum

from keycell.oauth.claims import ACR_SUPPORTED, reaches
from keycell.oauth.errors import InvalidRequest

MOST_NAMED = 200
"""So many people, groups or roles one rule names at most."""
LONGEST_NAMED = 500


class WhyNot(StrEnum):
    """Why somebody may not use a client."""

    NOT_NAMED = "not-named"
    ACR = "acr"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule:
    """Who may use a client. One that names nobody lets everybody."""

    people: tuple[str, ...] = ()
    """Accounts, by ``sub``."""
    groups: tuple[str, ...] = ()
    """Paths; who is in a group below is in them too."""
    roles: tuple[str, ...] = ()
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


def why_not(rule: AccessRule, member: Member, acr: str | None) -> WhyNot | None:
    """Say why somebody may not use a client; None if they may. None as ``acr`` is not judged."""
    if rule.names_people and not (
        member.sub in rule.people
        or set(rule.groups) & {"/", *member.groups}
        or set(rule.roles) & set(member.roles)
    ):
        return WhyNot.NOT_NAMED
    if rule.acr and acr is not None and not reaches(acr, (rule.acr,)):
        return WhyNot.ACR
    return None


def check_rule(rule: AccessRule) -> AccessRule:
    """Give a rule that may be kept, each name once and in order; raise InvalidRequest."""
    for kind in ("people", "groups", "roles"):
        named: tuple[str, ...] = getattr(rule, kind)
        if len(named) > MOST_NAMED:
            raise InvalidRequest(
                f"{kind}: received {len(named)}, expected at most {MOST_NAMED}; put them into a "
                "group"
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
        roles=tuple(sorted(set(rule.roles))), acr=rule.acr,
    )  # fmt: skip
