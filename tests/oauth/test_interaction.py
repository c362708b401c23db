"""What a person must still do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from keycell.oauth.authorization import AuthorizationRequest, read_authorization_request
from keycell.oauth.claims import Authentication
from keycell.oauth.clients import Client, ClientMetadata, RedirectTarget
from keycell.oauth.details import READING, WRITING, FilesDetail
from keycell.oauth.errors import ConsentRequired, LoginRequired, OAuthError
from keycell.oauth.interaction import (
    Answer,
    AskConsent,
    ChooseAccount,
    Consent,
    LogIn,
    Login,
    Progress,
    Step,
    must_confirm,
    next_step,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
URI = "https://app.example/cb"
CLIENT = Client(
    client_id="app", metadata=ClientMetadata(redirect_uris=(URI,)), came_by="cli", created_at=NOW,
    require_pkce=False,
)  # fmt: skip
ALL = Consent(frozenset({"openid", "email"}), frozenset())


def ask(client: Client = CLIENT, /, **params: str) -> AuthorizationRequest:
    """RFC6749-4.1.1."""
    pairs = [*({"response_type": "code", "scope": "openid"} | params).items()]
    target = RedirectTarget(client.metadata.redirect_uris[0], "query", None)
    return read_authorization_request(pairs, client, target, "https://id.example")


def signed_in(ago: timedelta = HOUR) -> Login:
    return Login("ann", "sid", Authentication(auth_time=NOW - ago, acr="1", amr=("pwd",)))


def step(
    request: AuthorizationRequest,
    login: Login | None,
    consent: Consent | None = None,
    progress: Progress = Progress(NOW),  # noqa: B008  (frozen)
    *,
    is_somebody_else: bool = False,
) -> Step:
    return next_step(request, login, consent, progress, is_somebody_else=is_somebody_else, now=NOW)


def test_nobody_logs_in_then_consents_then_is_answered() -> None:
    """OIDCC-3.1.2.1, OIDCC-3.1.2.4."""
    assert step(ask(), None) == LogIn(is_again=False)
    asked = step(ask(), signed_in())
    assert asked == AskConsent(frozenset({"openid"}), frozenset(), is_confirmation=False)
    assert step(ask(), signed_in(), ALL) == Answer(signed_in())
    assert step(ask(), signed_in(), None, Progress(NOW, has_consented=True)) == Answer(signed_in())


def test_only_what_is_new_is_asked_for() -> None:
    """OIDCC-3.1.2.4."""
    asked = step(ask(scope="openid email phone"), signed_in(), ALL)
    assert asked == AskConsent(frozenset({"phone"}), frozenset(), is_confirmation=False)


@pytest.mark.parametrize(
    ("login", "consent", "refused"),
    [(None, ALL, LoginRequired), (signed_in(), None, ConsentRequired)],
)
def test_silently_nobody_is_asked_anything(
    login: Login | None, consent: Consent | None, refused: type[OAuthError]
) -> None:
    """OIDCC-3.1.2.1, OIDCC-3.1.2.6."""
    with pytest.raises(refused):
        step(ask(prompt="none"), login, consent)
    assert step(ask(prompt="none"), signed_in(), ALL) == Answer(signed_in())


@pytest.mark.parametrize(
    ("params", "is_again"),
    [({"prompt": "login"}, True), ({"max_age": "3599"}, True), ({"max_age": "3600"}, False)],
)
def test_a_sign_in_may_have_to_be_fresh(params: dict[str, str], is_again: bool) -> None:  # noqa: FBT001
    """OIDCC-3.1.2.1."""
    expected = LogIn(is_again=True) if is_again else Answer(signed_in())
    assert step(ask(**params), signed_in(), ALL) == expected
    # Whoever signs in on the way has done it.
    assert step(ask(**params), signed_in(timedelta(0)), ALL) == Answer(signed_in(timedelta(0)))


@pytest.mark.parametrize(
    ("ahead", "is_believed"), [(timedelta(seconds=59), True), (timedelta(seconds=61), False)]
)
def test_a_sign_in_that_is_yet_to_come_is_no_fresh_one(
    ahead: timedelta,
    is_believed: bool,  # noqa: FBT001
) -> None:
    """OIDCC-3.1.2.1: another node's clock may be a little ahead; more is a clock set back."""
    for params in ({"prompt": "login"}, {"max_age": "9999"}):
        found = step(ask(**params), signed_in(-ahead), ALL)
        assert isinstance(found, Answer if is_believed else LogIn), params
    assert isinstance(step(ask(), signed_in(-ahead), ALL), Answer)


def test_a_silent_request_for_a_fresh_sign_in_is_refused() -> None:
    """OIDCC-3.1.2.6."""
    with pytest.raises(LoginRequired):
        step(ask(prompt="none", max_age="1"), signed_in(), ALL)


def test_somebody_else_than_the_hint_names() -> None:
    """OIDCC-3.1.2.1, OIDCC-3.1.2.2."""
    assert step(ask(), signed_in(), ALL, is_somebody_else=True) == LogIn(is_again=False)
    with pytest.raises(LoginRequired):
        step(ask(prompt="none"), signed_in(), ALL, is_somebody_else=True)
    with pytest.raises(LoginRequired):
        step(ask(), signed_in(timedelta(0)), ALL, is_somebody_else=True)


def test_an_account_is_chosen_once() -> None:
    """OIDCC-3.1.2.1."""
    request = ask(prompt="select_account")
    assert step(request, signed_in(), ALL) == ChooseAccount()
    assert step(request, signed_in(), ALL, Progress(NOW, "other")) == ChooseAccount()
    assert step(request, signed_in(), ALL, Progress(NOW, "sid")) == Answer(signed_in())


def test_first_party_clients_do_not_ask() -> None:
    """decisions/0022."""
    ours = replace(CLIENT, is_first_party=True)
    assert step(ask(ours), signed_in()) == Answer(signed_in())
    assert isinstance(step(ask(ours, prompt="consent"), signed_in()), AskConsent)


@pytest.mark.parametrize(
    ("uri", "confirmed"),
    [
        ("http://127.0.0.1:3000/cb", True), ("http://[::1]:3000/cb", True),
        ("http://[::1]/cb", True), ("http://localhost/cb", True), ("com.app:/cb", True),
        ("https://id.example/oauth2/oob", True), ("https://app.example/cb", False),
        ("http://LOCALHOST:3000/cb", True), ("http://app.localhost/cb", True),
        ("https://localhost.:3000/cb", True), ("https://127.8.0.1/cb?localhost", True),
        ("https://localhost.example/cb", False), ("https://notlocalhost/cb", False),
    ],
)  # fmt: skip
def test_whatever_listens_on_a_device_is_confirmed_each_time(uri: str, confirmed: bool) -> None:  # noqa: FBT001
    """RFC8252-8.6, RFC6749-10.2, RFC6761-6.3."""
    for is_first_party, method in product((True, False), ("none", "client_secret_basic")):
        metadata = ClientMetadata(redirect_uris=(uri,), token_endpoint_auth_method=method)
        client = replace(CLIENT, metadata=metadata, is_first_party=is_first_party)
        assert must_confirm(client, uri) is (confirmed and method == "none")
        if must_confirm(client, uri):
            challenge = {"code_challenge": "x" * 43, "code_challenge_method": "S256"}
            asked = step(ask(client, **challenge), signed_in(), ALL)
            assert asked == AskConsent(frozenset(), frozenset(), is_confirmation=True)


def test_places_are_asked_for_again_only_where_they_are_new() -> None:
    """RFC9396-2, OIDCC-3.1.2.4."""
    team, node = FilesDetail(READING, "team"), FilesDetail(READING, None, "n1")
    text = (
        '[{"type": "files", "actions": ["read"], "space": "team"},'
        ' {"type": "files", "actions": ["read"], "node": "n1"}]'
    )
    request = ask(authorization_details=text)
    known = Consent(ALL.scope, frozenset(), (FilesDetail(WRITING, "team"),))
    asked = step(request, signed_in(), known)
    assert asked == AskConsent(
        frozenset(), frozenset(), is_confirmation=False, new_details=(node,)
    )
    both = Consent(ALL.scope, frozenset(), (team, node))
    assert step(request, signed_in(), both) == Answer(signed_in())
