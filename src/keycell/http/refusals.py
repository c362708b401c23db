"""The pages that say no: to whom nobody may be sent anywhere, and to whom nothing can be shown."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response

from keycell.http.edge import Edge, words_of
from keycell.http.render import Switch, language_of
from keycell.http.words import PARTS, REASONS
from keycell.oauth.access_rules import WhyNot
from keycell.oauth.clients import Difference, redirect_difference
from keycell.oauth.errors import UntrustedRedirect
from keycell.oauth.sentences import Words
from keycell.provider.authorize import Visitor
from keycell.provider.misdirection import tell_misdirected
from keycell.provider.requests import BAD_OBJECT, BAD_REFERENCE
from keycell.provider.signed_answers import NO_KEY
from keycell.provider.waiting import MayNot


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What an error page says."""

    title: str
    sentence: str
    words: str = ""
    """The same in every language, for programs and for those who search."""
    detail: str = ""
    """What is wrong in the words of the protocol, for who wrote the application."""
    mend: str = ""
    status: int = 400
    received: str | None = None
    difference: Difference | None = None
    part: str = ""
    """What they differ in, in the reader's language."""
    has_reference: bool = True
    """Whoever wrote an application may be asked about it."""


log = structlog.get_logger(__name__)


async def untrusted(
    edge: Edge, request: Request, refusal: UntrustedRedirect, visitor: Visitor
) -> Response:
    """Say that the client or its redirect URI is not known. RFC6749-4.1.2.1."""
    difference = None
    if refusal.received is not None:
        difference = redirect_difference(refusal.received, refusal.registered)
    is_redirect = "redirect_uri" in refusal.reason
    nearest = difference.nearest if difference else ""
    await tell_misdirected(edge.provider, refusal, nearest, visitor.origin)
    log.info(
        "authorization refused",
        reason=refusal.reason,
        # What came in the place of a client_id may be a secret that somebody pasted there.
        received=refusal.received if is_redirect else None,
        nearest=nearest or None,
    )
    words = words_of(edge, request)
    known = {BAD_REFERENCE: "invalid request_uri", BAD_OBJECT: "invalid request object"}
    is_test = await _is_of_test(edge, refusal)
    shown = difference if difference and _may_see(edge, visitor, is_test=is_test) else None
    return say_no(
        edge,
        request,
        Refusal(
            title=words("This cannot go on")
            if refusal.reason == BAD_REFERENCE
            else words("The application is not set up right"),
            sentence=_sentence(words, refusal.reason) % words(REASONS[refusal.reason]),
            words="invalid redirect_uri"
            if is_redirect
            else known.get(refusal.reason, "invalid request"),
            detail=refusal.detail,
            received=refusal.received,
            difference=shown,
            part=words(PARTS[shown.part]) if shown else "",
            mend=_mend(words, refusal.reason, shown),
        ),
    )


def _sentence(words: Words, reason: str) -> str:
    if reason == NO_KEY:
        return words("We cannot send you on: %s.")
    return words("We do not send you on, because we do not know where to: %s.")


def _mend(words: Words, reason: str, shown: Difference | None) -> str:
    if reason in (BAD_REFERENCE, BAD_OBJECT):
        return words("Go back to the application and sign in there again.")
    if reason == NO_KEY:
        return words(
            "The application must publish a key at its jwks_uri that fits its "
            "authorization_encrypted_response_alg."
        )
    if "redirect_uri" not in reason:
        return words("The application must send the client_id that it was registered under here.")
    if shown is not None and shown.part == "scheme":
        return words(
            "The scheme differs: if the application stands behind a proxy, is X-Forwarded-Proto "
            "set, and does the application read it?"
        )
    return words(
        "The redirect URI must be registered for this client exactly as the application sends "
        "it: scheme, host, port, path and the slash at its end all count."
    )


async def _is_of_test(edge: Edge, refusal: UntrustedRedirect) -> bool:
    client = await edge.provider.clients.find(refusal.client_id) if refusal.client_id else None
    return client is not None and client.is_test


def _may_see(edge: Edge, visitor: Visitor, *, is_test: bool) -> bool:
    """Whoever builds an application in test mode sees what it registered. UX-E01."""
    shown = edge.settings.show_registered_redirects
    is_administrator = visitor.account is not None and visitor.account.is_admin
    return shown == "always" or (shown == "administrators" and (is_administrator or is_test))


def no_such_request(edge: Edge, request: Request) -> Response:
    """Say that a page was reached without a request, or long after it."""
    words = words_of(edge, request)
    return say_no(
        edge,
        request,
        Refusal(
            title=words("This cannot go on"),
            sentence=words(
                "It was open for too long, or was not reached from an application, or your "
                "browser keeps cookies back."
            ),
            words="",
            mend=words("Go back to the application and sign in there again."),
        ),
    )


def not_understood(edge: Edge, request: Request, detail: str, status: int) -> Response:
    """Say what is wrong with a request for a page, in the words of the protocol."""
    words = words_of(edge, request)
    return say_no(
        edge,
        request,
        Refusal(
            title=words("This cannot go on"),
            sentence=words("The request is not one we understand."),
            detail=detail,
            words="invalid request",
            status=status,
        ),
    )


def our_fault(edge: Edge, request: Request) -> Response:
    """Say that something failed that should not."""
    words = words_of(edge, request)
    return say_no(
        edge,
        request,
        Refusal(
            title=words("Something went wrong on our side"),
            sentence=words("It is written down, and nothing was changed. Please try again."),
            status=500,
        ),
    )


def only_by_a_form(edge: Edge, request: Request, headers: Mapping[str, str]) -> Response:
    """Say so to whoever opens the address that a form was sent to. RFC9110-15.5.6."""
    words = words_of(edge, request)
    shown = Refusal(
        title=words("This address takes a form alone"),
        sentence=words(
            "It shows nothing by itself. Go back to the page with the form, or to the start page."
        ),
        status=405,
    )
    response = say_no(edge, request, shown)
    response.headers.update(headers)
    return response


def say_no(
    edge: Edge, request: Request, refusal: Refusal, switch: Switch | None = None
) -> Response:
    """Show an error page; it never links to what was received."""
    context = {
        "reference": request.scope.get("request_id", ""), "refusal": refusal, "switch": switch,
    }  # fmt: skip
    return edge.pages.page(language_of(request), "error", context, status=refusal.status)


def not_for_them(edge: Edge, request: Request, refusal: MayNot) -> Response:
    """Say that the client is not for who would allow it something. RFC8628-3.3, CIBA-13."""
    words = words_of(edge, request)
    told = {
        WhyNot.NOT_NAMED: words(
            "Whoever administers this server lets only some people use it, and you are not among "
            "them. Ask them if you should be."
        ),
        WhyNot.NETWORK: words(
            "It may be used from certain networks alone, and you are in none of them. Connect to "
            "the network that whoever administers this server named, then try again."
        ),
        WhyNot.ACR: words(
            "It may be used with a second factor alone. Sign in with yours, or set one up on your "
            "account page first."
        ),
        WhyNot.TEST: words(
            "You are signed in with an account for tests, which opens applications in test mode "
            "alone. Sign in with an account of your own."
        ),
    }
    shown = Refusal(
        title=words("You may not use this application"), sentence=told[refusal.why],
        detail=refusal.client.name, status=403,
    )  # fmt: skip
    return say_no(edge, request, shown)
