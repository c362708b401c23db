"""Who may act for whom: a rule that an administrator gives the client that asks. decisions/0062.

By default nobody may. RFC8693-1.1 leaves it to the server's policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keycell.oauth.access_rules import EVERYBODY, AccessRule, Member, check_rule, why_not
from keycell.oauth.actors import ActingParty
from keycell.oauth.errors import InvalidRequest

MOST_APPLICATIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingRule:
    """Who may act for whom, where one client asks for it. RFC8693-1.1."""

    actors: AccessRule = EVERYBODY
    """People who may act; one that names nobody lets nobody."""
    applications: tuple[str, ...] = ()
    """Applications that may, by ``client_id``."""
    subjects: AccessRule = EVERYBODY
    """For whom."""
    may_act: str = ""
    """The one application that may act by the tokens of this client, wherever. RFC8693-4.4."""


NOBODY = ActingRule()


def check_application(rule: ActingRule, client_id: str) -> None:
    """Refuse an application that may not act. RFC8693-2.2.2."""
    if client_id not in rule.applications:
        raise InvalidRequest(
            "actor_token: this application may not act for anybody here; an administrator can "
            "let it, in the rule of the client that asks"
        )


def check_person(rule: ActingRule, member: Member) -> None:
    """Refuse somebody who may not act. RFC8693-2.2.2."""
    if not rule.actors.names_people or why_not(rule.actors, member, None) is not None:
        raise InvalidRequest(
            "actor_token: this person may not act for anybody here; an administrator can let "
            "them, in the rule of the client that asks"
        )


def check_subject(rule: ActingRule, member: Member, *, is_admin: bool) -> None:
    """Refuse to act for whom the rule leaves out; an administrator must be named. RFC8693-5."""
    is_named = member.sub in rule.subjects.people
    if why_not(rule.subjects, member, None) is not None or (is_admin and not is_named):
        raise InvalidRequest("subject_token: nobody may act for this person here")


def check_may_act(may_act: str, actor: ActingParty) -> None:
    """Hold what the subject token itself says of who may act by it. RFC8693-4.4."""
    if may_act and actor != ActingParty(may_act, may_act):
        raise InvalidRequest("subject_token: its may_act names another than the actor_token")


def check_acting(rule: ActingRule, applications: Sequence[str]) -> ActingRule:
    """Give a rule that may be kept; raise InvalidRequest."""
    if len(applications) > MOST_APPLICATIONS:
        raise InvalidRequest(
            f"applications: received {len(applications)}, expected at most {MOST_APPLICATIONS}"
        )
    return ActingRule(
        actors=check_rule(rule.actors),
        applications=tuple(sorted(set(applications))),
        subjects=check_rule(rule.subjects),
        may_act=rule.may_act,
    )
