"""The pages that say no: to whom nobody may be sent anywhere, and to whom nothing can be shown."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response

from keycell.http.edge import Edge
from keycell.http.render import language_of
from keycell.http.words import PARTS, REASONS
from keycell.oauth.clients import Difference, redirect_difference
from keycell.oauth.errors import UntrustedRedirect
from keycell.provider.authorize import Visitor


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


log = structlog.get_logger(__name__)


def untrusted(
    edge: Edge, request: Request, refusal: UntrustedRedirect, visitor: Visitor
) -> Response:
    """Say that the client or its redirect URI is not known. RFC6749-4.1.2.1."""
    difference = None
    if refusal.received is not None:
        difference = redirect_difference(refusal.received, refusal.registered)
    log.info(
        "authorization refused",
        reason=refusal.reason,
        received=refusal.received,
        nearest=difference.nearest if difference else None,
    )
    words = edge.pages.translations(language_of(request)).gettext
    is_redirect = "redirect_uri" in refusal.reason
    shown = difference if difference and _may_see(edge, visitor) else None
    return say_no(
        edge,
        request,
        Refusal(
            title=words("The application is not set up right"),
            sentence=words("We do not send you on, because we do not know where to: %s.")
            % words(REASONS[refusal.reason]),
            words="invalid redirect_uri" if is_redirect else "invalid request",
            received=refusal.received,
            difference=shown,
            part=words(PARTS[shown.part]) if shown else "",
            mend=_mend(words, shown, is_redirect=is_redirect),
        ),
    )


def _mend(words: Callable[[str], str], shown: Difference | None, *, is_redirect: bool) -> str:
    if not is_redirect:
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


def _may_see(edge: Edge, visitor: Visitor) -> bool:
    shown = edge.settings.show_registered_redirects
    is_administrator = visitor.account is not None and visitor.account.is_admin
    return shown == "always" or (shown == "administrators" and is_administrator)


def no_such_request(edge: Edge, request: Request) -> Response:
    """Say that a page was reached without a request, or long after it."""
    words = edge.pages.translations(language_of(request)).gettext
    return say_no(
        edge,
        request,
        Refusal(
            title=words("This page has no request to go on with"),
            sentence=words(
                "It was open for too long, or was not reached from an application, or your "
                "browser keeps cookies back."
            ),
            words="",
            mend=words("Go back to the application and sign in there again."),
        ),
    )


def say_no(edge: Edge, request: Request, refusal: Refusal) -> Response:
    """Show an error page; it never links to what was received."""
    context = {"reference": request.scope.get("request_id", ""), "refusal": refusal}
    return edge.pages.page(language_of(request), "error", context, status=refusal.status)
