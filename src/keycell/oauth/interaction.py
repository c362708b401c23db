"""What the person must still do before a request can be answered: log in, choose, consent.

`next_step` is asked again after each page, so no page needs to know which one follows.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from keycell.oauth.access_rules import WhyNot
from keycell.oauth.authorization import AuthorizationRequest
from keycell.oauth.claims import ACR_SUPPORTED, Authentication, reaches, told_acr
from keycell.oauth.clients import Client
from keycell.oauth.details import Details, new_details
from keycell.oauth.errors import (
    ConsentRequired,
    LoginRequired,
    UnmetAuthenticationRequirements,
)
from keycell.oauth.redirect_uris import is_local
from keycell.oauth.scope import Scope
from keycell.oauth.step_up import AHEAD, is_within
from keycell.values import dataclass


@dataclass(frozen=True, slots=True)
class Login:
    """Who is signed in to this browser, and how they proved it."""

    sub: str
    sid: str
    authentication: Authentication
    has_second_factor: bool = False
    """Whether they could prove more; looked up where more is asked for."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person has allowed a client, once and for all."""

    scope: Scope
    claims: frozenset[str]
    details: Details = ()
    ends_at: datetime | None = None
    """When it is to be asked again; None: it stands until it is taken back."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the person has come with one request. OIDCC-3.1.2.1."""

    started_at: datetime
    chosen_sid: str | None = None
    has_consented: bool = False


@dataclass(frozen=True, slots=True)
class LogIn:
    """The person must prove who they are; ``is_again`` if a session is there but will not do."""

    is_again: bool


@dataclass(frozen=True, slots=True)
class ChooseAccount:
    """The person must say as whom to go on."""


@dataclass(frozen=True, slots=True)
class AskConsent:
    """The person must allow what is asked; ``new_scope`` is what was not allowed before."""

    new_scope: Scope
    new_claims: frozenset[str]
    is_confirmation: bool
    new_details: Details = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Nothing is left to do."""

    login: Login
    ends_at: datetime | None = None
    """Until when the person allowed it before, where they were asked nothing."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The person may not use this client: its rule says no. RFC6749-4.1.2.1."""

    why: WhyNot


Step = LogIn | ChooseAccount | AskConsent | Refuse | Answer


def next_step(
    request: AuthorizationRequest,
    login: Login | None,
    consent: Consent | None,
    progress: Progress,
    *,
    is_somebody_else: bool = False,
    now: datetime,
) -> Step:
    """Say what comes next, or raise what ``prompt=none`` makes of it. OIDCC-3.1.2.1.

    ``is_somebody_else`` says that the client named another person than the one signed in, by
    ``id_token_hint`` or by the claim ``sub``.
    """
    is_silent = "none" in request.prompt
    if login is None:
        if is_silent:
            raise LoginRequired("nobody is signed in")
        return LogIn(is_again=False)
    is_new = _is_new(login, progress, now)
    if is_somebody_else and _is_fresh(request, login, progress, now):
        if is_silent or is_new:
            raise LoginRequired("somebody else is signed in than the hint names")
        return LogIn(is_again=False)
    if missing := _missing(request, login, progress, now):
        if is_silent:
            raise LoginRequired(missing)
        return LogIn(is_again=True)
    login = _as_asked(request, login)
    if "select_account" in request.prompt and not is_new and progress.chosen_sid != login.sid:
        return ChooseAccount()
    return _consent_step(request, login, consent, progress)


def _missing(
    request: AuthorizationRequest, login: Login, progress: Progress, now: datetime
) -> str:
    """Say why the sign-in that is there will not do; empty if it will."""
    if not _is_fresh(request, login, progress, now):
        return "the last sign-in is older than max_age"
    is_new = _is_new(login, progress, now)
    if _must_step_up(request, login, is_new=is_new):
        return "the last sign-in was not as strong as acr asks"
    return ""


def _is_fresh(
    request: AuthorizationRequest, login: Login, progress: Progress, now: datetime
) -> bool:
    # Whoever signed in after the request began has done all that it can ask.
    if _is_new(login, progress, now):
        return True
    if "login" in request.prompt:
        return False
    longest = request.max_age
    auth_time = login.authentication.auth_time
    return longest is None or is_within(auth_time, now, timedelta(seconds=longest))


def _is_new(login: Login, progress: Progress, now: datetime) -> bool:
    """Tell whether somebody signed in since the request began, by a clock that went on."""
    auth_time = login.authentication.auth_time
    return auth_time >= progress.started_at and auth_time <= now + AHEAD


def wished_acr(request: AuthorizationRequest) -> tuple[str, ...]:
    """Give what the client wishes of the sign-in, insisting or not. OIDCC-5.5.1.1."""
    return request.claims.essential_acr or request.claims.wished_acr or request.acr_values


def _must_step_up(request: AuthorizationRequest, login: Login, *, is_new: bool) -> bool:
    """Tell whether the person is to prove more; raise where they cannot and the client insists.

    What a client merely prefers is asked of those who can give it, and never of a silent request.
    OIDCC-3.1.2.1, OIDCC-5.5.1.1.
    """
    wished, essential = wished_acr(request), request.claims.essential_acr
    if not wished or reaches(login.authentication.acr, wished):
        return False
    if not set(wished) & set(ACR_SUPPORTED):
        if essential:
            raise UnmetAuthenticationRequirements("none of the essential acr values can be met")
        return False
    if essential and not login.has_second_factor:
        raise UnmetAuthenticationRequirements("the person has no second factor")
    if essential:
        return True
    return login.has_second_factor and not is_new and "none" not in request.prompt


def _as_asked(request: AuthorizationRequest, login: Login) -> Login:
    how = login.authentication
    told = told_acr(how.acr, wished_acr(request))
    return login if told == how.acr else replace(login, authentication=replace(how, acr=told))


def _consent_step(
    request: AuthorizationRequest, login: Login, consent: Consent | None, progress: Progress
) -> Step:
    if progress.has_consented:
        return Answer(login)
    is_confirmation = must_confirm(request.client, request.target.redirect_uri)
    before = consent or Consent(frozenset(), frozenset())
    new_scope = request.scope - before.scope
    new_claims = (request.claims.userinfo | request.claims.id_token) - before.claims
    fresh = new_details(request.details, before.details)
    is_trusted = request.client.is_first_party
    is_known = consent is not None and not (new_scope or new_claims or fresh)
    asks = "consent" in request.prompt or is_confirmation or not (is_trusted or is_known)
    if not asks:
        return Answer(login, None if is_trusted or consent is None else consent.ends_at)
    if "none" in request.prompt:
        raise ConsentRequired("the person has not yet allowed this")
    return AskConsent(new_scope, new_claims, is_confirmation, fresh)


def must_confirm(client: Client, redirect_uri: str) -> bool:
    """Tell whether anything on the person's machine could be listening for the answer.

    A public client at a loopback address, a custom scheme or out of band proves nothing of what
    it is, so the person always says yes. RFC8252-8.6, RFC6749-10.2.
    """
    if not client.is_public:
        return False
    parts = urlsplit(redirect_uri)
    if parts.scheme not in ("http", "https"):
        return True
    return is_local(parts.hostname or "") or parts.path in ("/oauth2/oob", "/oauth/oob")
