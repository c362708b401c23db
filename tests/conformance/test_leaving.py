"""The modules of the four logout plans but those that need a browser. PROTOCOL 3.7.

oidcc-session-management-rp-initiated-logout is tests/journeys/test_session_frame.py.
"""

import html
import re
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from ..waiting import until
from .application import Application, register
from .provider import Provider
from .robot import Answer, Robot, Shown

BYE = "https://app.example/bye"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def signed_in(provider: Provider, robot: Robot, **metadata: Any) -> tuple[Application, str]:  # noqa: ANN401
    """Give an application at which somebody is signed in, and their ID token."""
    application = register(provider, post_logout_redirect_uris=[BYE], **metadata)
    token = application.tokens(application.answered(robot))["id_token"]
    return application, str(token)


def leave(provider: Provider, robot: Robot, **params: str) -> Answer | Shown:
    return robot.visit(provider.metadata["end_session_endpoint"], params)


def assert_signed_out(application: Application, robot: Robot) -> None:
    assert application.ask(robot, prompt="none").error == "login_required"


@pytest.mark.parametrize("state", ["", "a state"], ids=["no-state", "state"])
def test_oidcc_rp_initiated_logout(provider: Provider, robot: Robot, state: str) -> None:
    """oidcc-rp-initiated-logout and -no-state. PROTOCOL-L1."""
    application, hint = signed_in(provider, robot)
    sent = {"state": state} if state else {}
    found = leave(provider, robot, id_token_hint=hint, post_logout_redirect_uri=BYE, **sent)
    assert isinstance(found, Answer)
    assert (found.to, found.params) == (BYE, sent)
    assert_signed_out(application, robot)


@pytest.mark.parametrize(
    "what",
    ["bad-post-logout-redirect-uri", "modified-id-token-hint", "no-id-token-hint",
     "query-added-to-post-logout-redirect-uri", "bad-id-token-hint"],
)  # fmt: skip
def test_oidcc_rp_initiated_logout_to_nowhere(provider: Provider, robot: Robot, what: str) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri and so on. PROTOCOL-L2."""
    _, hint = signed_in(provider, robot)
    payload = hint.split(".")[1]
    sent = {
        "bad-post-logout-redirect-uri": (hint, "https://app.example/other"),
        "modified-id-token-hint": (f"eyJhbGciOiJub25lIn0.{payload}.", BYE),
        "no-id-token-hint": ("", BYE),
        "query-added-to-post-logout-redirect-uri": (hint, f"{BYE}?foo=bar"),
        "bad-id-token-hint": (_foreign_signed(hint), BYE),
    }[what]
    named = {"id_token_hint": sent[0], "post_logout_redirect_uri": sent[1], "state": "s"}
    found = leave(provider, robot, **{name: value for name, value in named.items() if value})
    assert isinstance(found, Shown)


def _foreign_signed(hint: str) -> str:
    """Sign the claims of an ID token by a key of one's own, under our key's name."""
    head, payload, _ = hint.split(".")
    key = RSAKey.generate_key(2048)
    signed = jwt.encode({"alg": "RS256"}, {}, key, algorithms=["RS256"])
    return f"{head}.{payload}.{signed.split('.')[2]}"


@pytest.mark.parametrize(
    "sent",
    [{}, {"state": "s"}, {"id_token_hint": ""}],
    ids=["no-params", "only-state", "no-post-logout-redirect-uri"],
)
def test_oidcc_rp_initiated_logout_without(
    provider: Provider, robot: Robot, sent: dict[str, str]
) -> None:
    """oidcc-rp-initiated-logout-no-params, -only-state and so on. PROTOCOL-L3."""
    application, hint = signed_in(provider, robot)
    found = leave(provider, robot, **{name: value or hint for name, value in sent.items()})
    assert isinstance(found, Shown)
    assert "You are logged out" in found.text
    assert_signed_out(application, robot)


def test_oidcc_backchannel_rp_initiated_logout(provider: Provider, robot: Robot) -> None:
    """PROTOCOL-B2, PROTOCOL-B3."""
    path = "/backchannel"
    application, hint = signed_in(
        provider, robot, backchannel_logout_uri=f"{provider.site.url}{path}",
        backchannel_logout_session_required=True,
    )  # fmt: skip
    found = leave(provider, robot, id_token_hint=hint, post_logout_redirect_uri=BYE, state="s")
    assert isinstance(found, Answer)
    assert_signed_out(application, robot)
    until(lambda: path in dict(provider.site.posted))
    (form,) = [form for where, form in provider.site.posted if where == path]
    assert (set(form), form["tls"]) == ({"logout_token", "tls"}, "TLSv1.3")
    keys = KeySet.import_key_set(provider.jwks())  # type: ignore[arg-type]
    claims: dict[str, Any] = jwt.decode(form["logout_token"], keys, algorithms=["RS256"]).claims
    before = jwt.decode(hint, keys, algorithms=["RS256"]).claims
    assert claims["events"] == {EVENT: {}}
    assert (claims["iss"], claims["aud"]) == (provider.issuer, application.client_id)
    assert (claims["sub"], claims["sid"]) == (before["sub"], before["sid"])
    assert {"iat", "jti"} <= claims.keys()
    assert "nonce" not in claims


def test_oidcc_frontchannel_rp_initiated_logout(provider: Provider, robot: Robot) -> None:
    """PROTOCOL-F1: the frame's address, and then where the application wants one to be."""
    uri = "https://app.example/front"
    application, hint = signed_in(
        provider, robot, frontchannel_logout_uri=uri, frontchannel_logout_session_required=True
    )
    found = leave(provider, robot, id_token_hint=hint, post_logout_redirect_uri=BYE, state="s")
    assert isinstance(found, Shown)
    frames = [
        html.unescape(each) for each in re.findall(r'<iframe [^>]*src="([^"]+)"', found.text)
    ]
    keys = KeySet.import_key_set(provider.jwks())  # type: ignore[arg-type]
    sid = jwt.decode(hint, keys, algorithms=["RS256"]).claims["sid"]
    assert len(frames) == 1
    address, _, query = frames[0].partition("?")
    assert address == uri
    assert set(query.split("&")) == {
        f"iss={provider.issuer.replace(':', '%3A').replace('/', '%2F')}", f"sid={sid}",
    }  # fmt: skip
    assert f"{BYE}?state=s" in html.unescape(found.text)
    assert_signed_out(application, robot)
