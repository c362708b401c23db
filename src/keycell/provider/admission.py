"""Whether somebody may use a client: its rule, held where they ask and where tokens are made."""

from dataclasses import replace
from functools import lru_cache

from keycell.accounts.people import Account, groups_of
from keycell.oauth.access_rules import Member, WhyNot, why_not
from keycell.oauth.authorization import AuthorizationRequest
from keycell.oauth.claims import reaches
from keycell.oauth.clients import Client
from keycell.oauth.errors import AccessDenied, InvalidGrant
from keycell.oauth.interaction import Answer, AskConsent, Login, Refuse, Step

SAID = {
    WhyNot.NOT_NAMED: "the person is not among those who may use this client",
    WhyNot.NETWORK: "this client may be used from some networks alone, and this is none of them",
    WhyNot.ACR: "this client may be used with a second factor alone, and the person has none",
    WhyNot.TEST: "the account is for tests, and this client is not in test mode",
}
"""What a client is told. RFC6749-4.1.2.1."""


def member_of(account: Account) -> Member:
    """Give what a rule looks at in an account."""
    return _member(account.sub, account.group_path, account.roles)


@lru_cache(maxsize=1_000)
def _member(sub: str, group_path: str, roles: tuple[str, ...]) -> Member:
    # Each token that is made is judged by it: kept as long as it would be the same. See 0041.
    return Member(sub=sub, groups=tuple(groups_of(group_path)), roles=roles)


def why_not_in(
    client: Client, account: Account, acr: str | None, ip: str | None = None
) -> WhyNot | None:
    """Say why somebody may not use a client; None if they may. See decisions/0097."""
    if account.is_test and not client.is_test:
        return WhyNot.TEST
    return why_not(client.access, member_of(account), acr, ip)


def check_admitted(client: Client, account: Account, acr: str, ip: str | None = None) -> None:
    """Raise InvalidGrant if somebody may not use a client any more. RFC6749-5.2.

    ``ip`` is judged where a token request is itself how somebody signs in.
    """
    why = why_not_in(client, account, acr, ip)
    if why is not None:
        raise InvalidGrant(SAID[why])


def check_welcome(client: Client, account: Account) -> None:
    """Raise AccessDenied if somebody may not use a client, however they sign in. CIBA-13."""
    why = why_not_in(client, account, None)
    if why is not None:
        raise AccessDenied(SAID[why])


def insisting(
    request: AuthorizationRequest, login: Login | None, account: Account | None, ip: str
) -> AuthorizationRequest:
    """Give a request that asks for the second factor which the client's rule wants.

    Who may not use the client anyway is not asked, nor is who has no factor.
    """
    rule = request.client.access
    if not rule.acr or login is None or account is None or not login.has_second_factor:
        return request
    is_met = reaches(login.authentication.acr, (rule.acr,))
    if is_met or why_not_in(request.client, account, None, ip):
        return request
    return replace(request, claims=replace(request.claims, essential_acr=(rule.acr,)))


def judged(
    request: AuthorizationRequest, step: Step, account: Account | None, acr: str, ip: str
) -> Step:
    """Give the step after the rule was asked: before any consent, and of who is signed in alone.

    ``acr`` is what the session reached, ``ip`` where the browser is. Raises AccessDenied for a
    silent request. OIDCC-3.1.2.6.
    """
    rule = request.client.access
    if account is None or not isinstance(step, AskConsent | Answer):
        return step
    why = why_not_in(request.client, account, acr, ip)
    if why is not None and "none" in request.prompt:
        raise AccessDenied(SAID[why])
    if why is not None:
        return Refuse(why)
    if isinstance(step, Answer) and rule.acr:
        return _with_reached(step, rule.acr, acr)
    return step


def _with_reached(step: Answer, wanted: str, acr: str) -> Answer:
    # The grant must show at each refresh that the sign-in was strong enough.
    how = step.login.authentication
    if reaches(how.acr, (wanted,)):
        return step
    return Answer(replace(step.login, authentication=replace(how, acr=acr)))
