"""The device authorization grant: a device asks, and a person allows it in a browser elsewhere.

    kcd_<device_id>.<secret>    device code, for the device alone; kept by digest
    BCDF-GHJK                   user code, for a person to type; kept under a key of the server

A user code that is typed proves nothing: it may have been sent to a person by somebody else. So
whoever types one, or follows a link with one, is always told who asks, from where and for what,
before anything is allowed. RFC8628-5.4.
"""

import hashlib
import re
from dataclasses import dataclass

from keycell.oauth.authorization import Pairs, allowed_scope, read_audience, read_details_asked
from keycell.oauth.clients import Client
from keycell.oauth.details import Details
from keycell.oauth.errors import InvalidGrant, InvalidRequest, UnauthorizedClient
from keycell.oauth.grants import digest
from keycell.oauth.params import read_params
from keycell.oauth.pkce import read_code_challenge
from keycell.oauth.scope import DEVICE_SSO, Scope, parse_scope
from keycell.oauth.token import DEVICE_CODE
from keycell.oauth.waiting import Awaited, Presented

PARAMS = frozenset(
    {
        "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope",
        "authorization_details", "code_challenge", "code_challenge_method", "device_name",
        "prompt",
    }
)  # fmt: skip

USER_CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no words are made, and nothing that is misread. RFC8628-6.1."""
USER_CODE_LENGTH = 8
LONGEST_NAME = 100

_PART = r"[A-Za-z0-9_-]{22,64}"
_DEVICE_CODE = re.compile(rf"kcd_({_PART})\.({_PART})")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRequest:
    """What a client asks for a device, checked. RFC8628-3.1."""

    client: Client
    scope: Scope
    audience: tuple[str, ...]
    details: Details
    code_challenge: str | None
    device_name: str
    """What the device calls itself: it may say anything."""
    is_again: bool
    """Whoever opens the page is asked to sign in there, even where the browser knows somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAuthorization(Awaited):
    """A device that waits for a person, and what became of it. RFC8628-3.2."""

    device_id: str
    user_code: str
    """As it is kept: under a key of the server."""
    code_challenge: str | None
    device_name: str


def read_device_request(pairs: Pairs, client: Client, own_resource: str) -> DeviceRequest:
    """Check what a client asks for a device. RFC8628-3.1, RFC9396-4, RFC8707-2.

    A challenge is bound where one is sent: the device code then is no use to who only saw it.
    """
    params = read_params(pairs, PARAMS)
    if DEVICE_CODE not in client.metadata.grant_types:
        raise UnauthorizedClient(f"this client did not register grant_type {DEVICE_CODE}")
    return DeviceRequest(
        client=client,
        # Nobody signs in at the device: there is nothing for others to share. NSSO-3.1.
        scope=allowed_scope(parse_scope(params.get("scope")), client) - DEVICE_SSO,
        audience=read_audience(pairs, client, own_resource),
        details=read_details_asked(params.get("authorization_details"), client, own_resource),
        code_challenge=read_code_challenge(
            params.get("code_challenge"), params.get("code_challenge_method"), is_required=False
        ),
        device_name=_read_name(params.get("device_name", "")),
        is_again=_read_prompt(params.get("prompt")),
    )


def _read_prompt(prompt: str | None) -> bool:
    """Read a wish that RFC8628-3.1 leaves to extensions, as OIDCC-3.1.2.1 has it."""
    if prompt not in (None, "login"):
        raise InvalidRequest("for a device, prompt is login or nothing")
    return prompt is not None


def _read_name(name: str) -> str:
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidRequest(f"device_name must be a text of at most {LONGEST_NAME} characters")
    return name.strip()


def make_user_code(secret: str) -> str:
    """Give the user code that a fresh secret draws: one of 25 thousand million. RFC8628-6.1."""
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest(), "big")
    letters = []
    for _ in range(USER_CODE_LENGTH):
        number, at = divmod(number, len(USER_CODE_ALPHABET))
        letters.append(USER_CODE_ALPHABET[at])
    return "".join(letters)


def format_user_code(code: str) -> str:
    """Write a user code as people read it. RFC8628-6.1."""
    half = USER_CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def read_user_code(typed: str) -> str | None:
    """Give the code that somebody typed, in whatever spelling, or None for none. RFC8628-6.1."""
    code = "".join(c for c in typed.upper() if c.isalnum())
    is_code = len(code) == USER_CODE_LENGTH and set(code) <= set(USER_CODE_ALPHABET)
    return code if is_code else None


def format_device_code(device_id: str, secret: str) -> str:
    """Make a device code. RFC8628-3.2."""
    return f"kcd_{device_id}.{secret}"


def read_device_code(code: str) -> Presented:
    """Read a device code that a client presents. RFC8628-3.4."""
    parts = _DEVICE_CODE.fullmatch(code)
    if parts is None:
        raise InvalidGrant(detail="not the form of a device code")
    return Presented(parts[1], digest(code))
