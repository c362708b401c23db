"""What the acts of the account page have in common: being refused, and being proven again."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request

from keycell.accounts.errors import Throttled, TooBusy, WrongCredentials
from keycell.accounts.factors import is_fresh
from keycell.accounts.people import Account
from keycell.accounts.signin import Attempt, check_credentials
from keycell.http.edge import Edge, words_of
from keycell.http.ticket_pages import DEVICE_COOKIE
from keycell.provider.authorize import Visitor

Action = Callable[[Edge, Request, Visitor, Mapping[str, str]], Awaitable[str]]


class Refused(Exception):
    """What was asked cannot be done; the sentence is for the person."""


async def proven_by_password(
    edge: Edge, request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> Account:
    """Give the account of who is signed in, if they know its password; raise Refused."""
    words = words_of(edge, request)
    attempt = Attempt(
        login=visitor.account.login if visitor.account else "",
        password=fields.get("password", ""),
        device=request.cookies.get(edge.cookie(DEVICE_COOKIE)),
        session=None,
        origin=visitor.origin,
    )
    try:
        return await check_credentials(edge.people, attempt)
    except WrongCredentials:
        raise Refused(words("The current password is not right.")) from None
    except (Throttled, TooBusy):
        raise Refused(words("Too many attempts failed. Wait a little, then try again.")) from None


async def has_just_signed_in(edge: Edge, visitor: Visitor) -> bool:
    """Tell whether who is here has signed in just now, as strongly as they can."""
    account, session = visitor.account, visitor.session
    if account is None or session is None:
        return False
    factors = await edge.people.factors.of_account(account.sub)
    return is_fresh(session, factors, edge.people.clock())


async def has_proven_a_factor(edge: Edge, visitor: Visitor) -> bool:
    """Tell whether who has no password has just signed in by what they have instead."""
    account = visitor.account
    if account is None or account.password_hash is not None:
        return False
    # Whoever has neither a password nor a factor has nothing to prove it by.
    factors = await edge.people.factors.of_account(account.sub)
    return factors.are_set and await has_just_signed_in(edge, visitor)


async def proven(
    edge: Edge, request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> Account:
    """Give the account of who is signed in, if its password or a factor says so; raise Refused.

    A password that there is must be typed, however lately its person signed in.
    """
    account = visitor.account
    if account is None or account.password_hash is not None:
        return await proven_by_password(edge, request, visitor, fields)
    if not await has_proven_a_factor(edge, visitor):
        raise Refused(say_it_is_you(edge, request))
    return account


def say_it_is_you(edge: Edge, request: Request) -> str:
    """Ask for a sign-in of just now."""
    words = words_of(edge, request)
    return words("To change something here, confirm that it is you.")
