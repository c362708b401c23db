"""The account page that works without the web frontend: sessions, applications, password."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.administration import keep_password
from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import (
    ChangedMeanwhile,
    Invalid,
    TooBusy,
)
from keycell.accounts.people import Account
from keycell.accounts.sessions import Session, browser_label
from keycell.accounts.signin import sign_out
from keycell.accounts.trusted import end_trust, ends_at, trusted_browsers
from keycell.http import account_access, account_email, account_letters, account_tokens
from keycell.http.account_acts import (
    Action,
    Refused,
    has_just_signed_in,
    has_proven_a_factor,
    proven_by_password,
    say_it_is_you,
)
from keycell.http.edge import Edge, visitor_of, words_of
from keycell.http.forms import browser_of, csrf_for, keep_browser, read_form
from keycell.http.render import language_of, when
from keycell.http.wire import NO_STORE
from keycell.http.words import FIELDS
from keycell.oauth.errors import OAuthError
from keycell.provider import backchannel
from keycell.provider.authorize import Visitor

HERE = "/account/basic"
CONFIRM = "/oauth2/login?confirm=1"


async def page(edge: Edge, request: Request) -> Response:
    """Show the account page, or the login page to whoever is not signed in."""
    visitor = await visitor_of(edge, request)
    if visitor.account is None or visitor.session is None:
        return RedirectResponse("/oauth2/login", 303, NO_STORE)
    words = words_of(edge, request)
    done = {
        "ended": words("Signed out there."),
        "trust": words("Ended: the next sign-in there asks for a second step again."),
        "token": words("Revoked: it opens nothing any more."),
        "revoked": words("Revoked: the application has no access any more."),
        "password": words("Your password is changed."),
        "letters": words("Kept: these letters you get from now on."),
        "email-asked": words("A mail is on its way to the new address. Open its link, or type "
                             "its code here."),
        "email": words("Your mail address is confirmed."),
    }.get(request.query_params.get("done", ""), "")  # fmt: skip
    return await _show(edge, request, visitor, done=done)


async def _show(
    edge: Edge,
    request: Request,
    visitor: Visitor,
    *,
    done: str = "",
    error: str = "",
    made: account_tokens.Made | None = None,
) -> Response:
    account, session = _account(visitor), visitor.session
    assert session is not None  # noqa: S101  (who asks has seen it)
    browser, is_new = browser_of(edge, request)
    language = language_of(request)
    now = edge.people.clock()
    kept = await edge.people.sessions.of_account(account.sub, now)
    context = {
        "csrf": csrf_for(edge, browser, "account"),
        "account": {
            "name": account.display_name, "email": account.email, "login": account.login,
            "email_verified": account.email_verified,
        },
        "has_password": account.password_hash is not None,
        "is_proven": await has_proven_a_factor(edge, visitor),
        "is_recent": await has_just_signed_in(edge, visitor),
        "confirm": CONFIRM,
        "can_mail": edge.people.mail.mailer.is_set,
        "address_waits": await account_email.waits(edge, account.sub),
        "factors": await edge.people.factors.of_account(account.sub),
        "sessions": [_session_view(one, session.sid, language) for one in kept],
        "requests": len(await backchannel.waiting_for(edge.provider, account)),
        **await _lists(edge, account, language),
        "made": made,
        "done": done,
        "error": error,
    }  # fmt: skip
    response = edge.pages.page(language, "account", context, status=400 if error else 200)
    if is_new:
        keep_browser(edge, response, browser)
    return response


def _session_view(session: Session, current: str, language: str) -> dict[str, object]:
    return {
        "sid": session.sid,
        "label": browser_label(session.user_agent),
        "ip": session.ip,
        "created": when(session.created_at, language),
        "seen": when(session.seen_at, language),
        "is_current": session.sid == current,
    }


async def _lists(edge: Edge, account: Account, language: str) -> dict[str, object]:
    allowed = await account_access.applications(edge, account.sub, language)
    named = {one["client_id"] for one in allowed}
    return {
        "trusted": await _trusted(edge, account, language),
        "programs": await account_access.programs(edge, account.sub, language, named),
        "letters": await account_letters.view(edge, account, language),
        "applications": allowed,
        "tokens": await account_tokens.views(edge, account.sub, language),
    }


async def _trusted(edge: Edge, account: Account, language: str) -> list[dict[str, object]]:
    return [
        {
            "trust_id": one.trust_id,
            "label": browser_label(one.user_agent),
            "ip": one.ip,
            "since": when(one.created_at, language),
            "until": when(ends_at(edge.people, one), language),
            "used": when(one.last_used_at, language) if one.last_used_at else "",
        }
        for one in await trusted_browsers(edge.people, account)
    ]


async def end_session(edge: Edge, request: Request) -> Response:
    """End one of the person's own sessions."""
    return await _act(edge, request, _end_session)


async def end_trusted(edge: Edge, request: Request) -> Response:
    """End the trust in one of the person's browsers."""
    return await _act(edge, request, _end_trusted)


async def end_others(edge: Edge, request: Request) -> Response:
    """End all of the person's sessions but this one, and their programs."""
    return await _act(edge, request, _end_others)


async def revoke(edge: Edge, request: Request) -> Response:
    """Take back what the person allowed an application."""
    return await _act(edge, request, account_access.revoke)


async def choose_letters(edge: Edge, request: Request) -> Response:
    """Keep which letters the person wants."""
    return await _act(edge, request, account_letters.choose)


async def end_program(edge: Edge, request: Request) -> Response:
    """End one program on one device."""
    return await _act(edge, request, account_access.end_program)


async def change_password(edge: Edge, request: Request) -> Response:
    """Change the person's password."""
    return await _act(edge, request, _change_password)


async def change_email(edge: Edge, request: Request) -> Response:
    """Write to a new mail address, which counts once it is confirmed."""
    return await _act(edge, request, account_email.ask)


async def confirm_email(edge: Edge, request: Request) -> Response:
    """Let a mail address count, by the code that was mailed there."""
    return await _act(edge, request, account_email.confirm)


async def end_token(edge: Edge, request: Request) -> Response:
    """End one of the person's own tokens or access keys."""
    return await _act(edge, request, _end_token)


async def make_token(edge: Edge, request: Request) -> Response:
    """Make a token or an access key; the page that answers shows it, and no other does.

    It lasts beyond the sign-in, which must be of just now, as the calls for it want. RFC9470-3.
    """
    made: list[account_tokens.Made] = []

    async def action(
        _edge: Edge, _request: Request, visitor: Visitor, fields: Mapping[str, str]
    ) -> str:
        if not await has_just_signed_in(edge, visitor):
            raise Refused(say_it_is_you(edge, request))
        try:
            made.append(await account_tokens.make(edge, _account(visitor), visitor, fields))
        except OAuthError as error:
            raise Refused(error.description) from None
        return "made"

    return await _act(edge, request, action, made)


async def _act(
    edge: Edge, request: Request, action: Action, made: Sequence[account_tokens.Made] = ()
) -> Response:
    fields = await read_form(edge, request, bound_by=None)
    visitor = await visitor_of(edge, request)
    if visitor.account is None or visitor.session is None:
        return RedirectResponse("/oauth2/login", 303, NO_STORE)
    try:
        done = await action(edge, request, visitor, fields)
    except Refused as refusal:
        return await _show(edge, request, visitor, error=str(refusal))
    if made:
        return await _show(edge, request, visitor, made=made[0])
    return RedirectResponse(f"{HERE}?done={done}", 303, NO_STORE)


async def _end_session(
    edge: Edge, _request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> str:
    account = _account(visitor)
    now = edge.people.clock()
    for session in await edge.people.sessions.of_account(account.sub, now):
        if session.sid == fields.get("sid"):
            await sign_out(edge.people, session, visitor.origin, now, account.sub)
    return "ended"


async def _end_trusted(
    edge: Edge, _request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> str:
    trust_id = fields.get("trust_id", "-")
    await end_trust(edge.people, _account(visitor), trust_id, visitor.origin)
    return "trust"


async def _end_token(
    edge: Edge, _request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> str:
    await account_tokens.end(edge, _account(visitor), visitor, fields)
    return "token"


async def _end_others(
    edge: Edge, _request: Request, visitor: Visitor, _fields: Mapping[str, str]
) -> str:
    account, now = _account(visitor), edge.people.clock()
    kept = visitor.session.sid if visitor.session else None
    event = AuditEvent(
        at=now, actor=account.sub, action="session.ended", target=account.sub,
        origin=visitor.origin, detail={"which": "all others"},
    )  # fmt: skip
    await edge.people.sessions.end_others(account.sub, kept, now, event)
    await account_access.end_programs(edge, visitor)
    return "ended"


async def _change_password(
    edge: Edge, request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> str:
    words = words_of(edge, request)
    proven = await proven_by_password(edge, request, visitor, fields)
    event = AuditEvent(
        at=edge.people.clock(), actor=proven.sub, action="account.password",
        target=proven.login, origin=visitor.origin,
    )  # fmt: skip
    kept = visitor.session.sid if visitor.session else None
    try:
        chosen = fields.get("new_password", "")
        language = language_of(request)
        await keep_password(edge.people, proven, chosen, kept, event, language)
    except TooBusy:
        raise Refused(words("Too many attempts failed. Wait a little, then try again.")) from None
    except Invalid as error:
        raise Refused(words(FIELDS.get(error.key, error.sentence))) from None
    except ChangedMeanwhile:
        raise Refused(words("Your account was changed meanwhile. Please try again.")) from None
    return "password"


def _account(visitor: Visitor) -> Account:
    assert visitor.account is not None  # noqa: S101  (_act has seen it)
    return visitor.account
