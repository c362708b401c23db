"""Asking for the removal of one's account: what goes and what stays is said before.

Who asks has just signed in, by a second factor where there is one.
"""

from collections.abc import Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import ChangedMeanwhile, LastAdministrator
from keycell.accounts.factors import is_fresh
from keycell.accounts.leaving import ask_to_leave
from keycell.accounts.people import Account
from keycell.files.access import Action
from keycell.files.spaces import MOST_CELLS, Space, SpaceKind
from keycell.http.edge import Edge, visitor_of, words_of
from keycell.http.ended import ended_page
from keycell.http.forms import drop_cookie, form_page, read_form
from keycell.http.render import language_of, when
from keycell.http.ticket_pages import SESSION_COOKIE
from keycell.http.wire import NO_STORE
from keycell.provider.authorize import Visitor

HERE = "/account/basic/removal"
_SIGN_IN = "/oauth2/login?to=removal&confirm=1"


async def page(edge: Edge, request: Request) -> Response:
    """Say what a removal means, or ask to sign in afresh."""
    visitor = await visitor_of(edge, request)
    account = await _proven(edge, visitor)
    if account is None:
        return RedirectResponse(_SIGN_IN, 303, NO_STORE)
    return await _ask(edge, request, account)


async def submit(edge: Edge, request: Request) -> Response:
    """Let the account be removed after the grace; the browser is signed out like every other."""
    fields = await read_form(edge, request, bound_by=None)
    visitor = await visitor_of(edge, request)
    account = await _proven(edge, visitor)
    if account is None:
        return RedirectResponse(_SIGN_IN, 303, NO_STORE)
    words, language = words_of(edge, request), language_of(request)
    if "sure" not in fields:
        sentence = words("Tick the box, so that we know you mean it.")
        return await _ask(edge, request, account, sentence)
    event = AuditEvent(
        at=edge.people.clock(), actor=account.sub, action="account.leaving",
        target=account.login, origin=visitor.origin,
    )  # fmt: skip
    try:
        left = await ask_to_leave(edge.people, account, _grace(edge), event, language)
    except LastAdministrator:
        sentence = words("You are the last administrator. Make somebody else one first.")
        return await _ask(edge, request, account, sentence)
    except ChangedMeanwhile:
        sentence = words("Your account was changed meanwhile. Please try again.")
        return await _ask(edge, request, account, sentence)
    return _ended(edge, request, left)


async def _proven(edge: Edge, visitor: Visitor) -> Account | None:
    """Give who is signed in, if that was just now and as strong as they can."""
    if visitor.account is None or visitor.session is None:
        return None
    factors = await edge.people.factors.of_account(visitor.account.sub)
    return visitor.account if is_fresh(visitor.session, factors, edge.people.clock()) else None


def _grace(edge: Edge) -> timedelta:
    return timedelta(days=edge.settings.removal_grace)


async def _ask(edge: Edge, request: Request, account: Account, error: str = "") -> Response:
    language = language_of(request)
    words = edge.pages.words(language)
    until = when(edge.people.clock() + _grace(edge), language)
    staying = [one.label for one in await _staying(edge, account)]
    context = {
        "title": words("Delete your account"),
        "lines": [
            words("Your account %(login)s is removed for good on %(until)s: your profile, "
                  "passkeys and sign-ins, what applications may do, tokens and public links.")
            % {"login": account.login, "until": until},
            words("Your own files go with it, and cells that are yours alone. Export first what "
                  "you want to keep."),
            *([words("These cells stay, for those who share them: %(names)s")
               % {"names": ", ".join(staying)}] if staying else []),
            words("At once you are signed out everywhere, and applications and tokens have no "
                  "access any more. If you sign in before then, your account and files stay."),
        ],
        "action": HERE, "token": "", "needs_code": False, "error": error,
        "checkbox": words("Yes, delete my account and my files."),
        "button": words("Delete my account"), "back": "/account/basic",
        "switch": lambda code: f"{HERE}?lang={code}",
    }  # fmt: skip
    return form_page(edge, request, "confirm", context, 400 if error else 200)


async def _staying(edge: Edge, account: Account) -> Sequence[Space]:
    """List the cells of somebody's that others have a part in."""
    found = await edge.files.spaces.of_owner(account.sub, MOST_CELLS + 1)
    own = {one.volume_id for one in found if one.kind is SpaceKind.PERSONAL}
    cells = [
        one for one in found if one.kind is not SpaceKind.PERSONAL and one.volume_id not in own
    ]
    rights = await edge.files.spaces.rights(node_ids=[one.root_id for one in cells] or [""])
    shared = {
        one.node_id
        for one in rights
        if one.role_id != account.sub and one.action is not Action.DENY
    }
    return [one for one in cells if one.root_id in shared]


def _ended(edge: Edge, request: Request, account: Account) -> Response:
    language = language_of(request)
    words = edge.pages.words(language)
    assert account.leaves_at is not None  # noqa: S101  (it was just asked for)
    sentence = words("It is removed for good on %(until)s. If you sign in before then, it stays.")
    response = ended_page(
        edge, request, words("Your account will be removed"),
        sentence % {"until": when(account.leaves_at, language)},
    )  # fmt: skip
    drop_cookie(edge, response, SESSION_COOKIE)
    return response
