"""`keycell oidc test-client`: the code flow as an application goes it, step by step."""

import secrets
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keycell.cli.ending import finish
from keycell.cli.findings import tell
from keycell.cli.login import open_page
from keycell.cli.oidc import is_in_time, issuer_of
from keycell.cli.output import Exit, fail
from keycell.cli.serving import listen
from keycell.cli.showing import Output, shows
from keycell.cli.talk import ask_secret
from keycell.client.findings import Finding

if TYPE_CHECKING:
    import httpx2

    from keycell.client.discovery import Metadata
    from keycell.client.signing_in import SignIn

_POST = "client_secret_post"
_METHODS = ("client_secret_basic", _POST)
SecretStdin = Annotated[
    bool, typer.Option("--secret-stdin", help="The client's secret is on stdin.")
]
AuthMethod = Annotated[str, typer.Option(help=" or ".join(_METHODS))]
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@shows
def rehearse(
    *,
    client_id: Annotated[str, typer.Argument(metavar="CLIENT")],
    redirect_uri: Annotated[
        str, typer.Option(help="Of this machine, and registered; without a port any will do.")
    ] = "http://127.0.0.1/callback",
    scope: Annotated[str, typer.Option(help="What to ask for.")] = "openid profile email",
    secret_stdin: SecretStdin = False,
    auth_method: AuthMethod = _METHODS[0],
    within: Annotated[int, typer.Option(min=1, max=3600, help="Seconds to wait.")] = 300,
    out: Output,
) -> None:
    """Sign in by a browser as a client does, show each step, and end what came of it.

    keycell oidc test-client notes
    keycell oidc test-client notes --scope "openid groups"
    keycell oidc test-client grafana --secret-stdin < secret.txt
    """
    _check_uri(redirect_uri)
    secret, is_posted = secret_of(auth_method, secret_stdin=secret_stdin)

    async def work() -> list[Finding]:
        from keycell.client.session import open_http
        from keycell.client.signing_in import SignIn

        issuer = issuer_of(None, out.profile)
        async with open_http(issuer) as (http, _):
            listen(http)
            going = SignIn(
                http, await metadata_at(http, issuer), scope, client_id=client_id, secret=secret,
                posts_secret=is_posted, nonce=secrets.token_urlsafe(24),
            )  # fmt: skip
            return [one async for one in _steps(going, redirect_uri, within)]

    tell(finish(work), as_json=out.as_json)


def secret_of(auth_method: str, *, secret_stdin: bool) -> tuple[str, bool]:
    """Read a client's secret, if it has one; tell whether it goes in the form."""
    if auth_method not in _METHODS:
        fail(f"{auth_method!r} is not done here", Exit.USAGE, f"there are: {', '.join(_METHODS)}")
    return _secret() if secret_stdin else "", auth_method == _POST


def _secret() -> str:
    secret = ask_secret("The client's secret", from_stdin=True)
    if not secret:
        fail("no secret came on stdin", Exit.USAGE)
    return secret


async def metadata_at(http: "httpx2.AsyncClient", issuer: str) -> "Metadata":
    """Give what an issuer says of itself, if it is the one that was asked. OIDCD-4.3."""
    from keycell.client.discovery import Metadata
    from keycell.client.issuers import metadata_of

    document = await metadata_of(http, issuer)
    if document.get("issuer") != issuer:
        fail(f"{issuer} says that it is {document.get('issuer')!r}")
    return Metadata(issuer, document)


def _check_uri(uri: str) -> None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    is_here = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not is_here or parts.query or parts.fragment or "@" in parts.netloc:
        fail(f"{uri!r} is not at this machine", Exit.USAGE,
             "register http://127.0.0.1/callback with the client, to test by")  # fmt: skip


async def _steps(going: "SignIn", uri: str, within: float) -> AsyncIterator[Finding]:
    from keycell.client.errors import ClientError, SignInRequired
    from keycell.client.signing_in import brought, give_up
    from keycell.client.tokens import read_tokens

    yield Finding("discovery", True, f"{going.metadata.issuer} is who it says")
    try:
        params, there = await brought(going, open_page, within=within, at=uri)
    except SignInRequired:
        yield Finding(
            "answer",
            False,
            f"nobody came back within {within:g} seconds",
            f"the browser says why: keycell oidc redirect-check CLIENT {uri}",
        )
        return
    came = "a code" if "code" in params else params.get("error", "neither code nor error")
    more = params.get("error_description", "")
    yield Finding("answer", "code" in params, f"{came} came to {there}", more)
    if "code" not in params:
        return
    try:
        document = await going.exchange(params, there)
        tokens = read_tokens(document, time.time())
    except ClientError as error:
        yield Finding("tokens", False, str(error), error.hint)
        return
    yield Finding("tokens", True, _told(document))
    async for one in _identity(going, document):
        yield one
    try:
        await give_up(going, tokens)
        yield Finding("end", True, "what was granted is revoked")
    except ClientError as error:
        yield Finding("end", False, str(error), error.hint)


def _told(document: dict[str, Any]) -> str:
    kinds = [name for name in ("access_token", "refresh_token", "id_token") if document.get(name)]
    lives = document.get("expires_in", "some")
    return (
        f"{', '.join(kinds)}; good for {lives} seconds; scope {document.get('scope', 'as asked')}"
    )


async def _identity(going: "SignIn", document: dict[str, Any]) -> AsyncIterator[Finding]:
    from keycell.client.credentials import Tokens
    from keycell.client.errors import ClientError
    from keycell.client.signing_in import who

    subject = None
    if "openid" in going.scope.split():
        found, subject = await _id_token(going, str(document.get("id_token", "")))
        yield found
    else:
        return
    try:
        person = await who(going.http, going.metadata, Tokens(str(document["access_token"])))
    except ClientError as error:
        yield Finding("userinfo", False, str(error), error.hint)
        return
    is_same = person.get("sub") == subject
    said = ", ".join(f"{name}={value}" for name, value in person.items())
    yield Finding("userinfo", is_same, said if is_same else f"it is of another: {said}")


async def _id_token(going: "SignIn", token: str) -> tuple[Finding, object]:
    """Check an ID token as its client must. OIDCC-3.1.3.7."""
    from keycell.client.errors import ClientError
    from keycell.client.issuers import keys_of
    from keycell.client.jwts import read_jwt, verify_jwt

    try:
        claims = read_jwt(token).claims
        keys = await keys_of(going.http, going.metadata.document)
        verdict = verify_jwt(token, keys, going.metadata.issuer)
    except ClientError as error:
        return Finding("id_token", False, str(error), error.hint), None
    audience = claims.get("aud")
    wrong = [] if verdict.is_verified else [verdict.because]
    if going.client_id not in (audience if isinstance(audience, list) else [audience]):
        wrong.append(f"it is for {audience!r}")
    if claims.get("nonce") != going.nonce:
        wrong.append("its nonce is not the one sent")
    if not is_in_time(claims, time.time()):
        wrong.append("it is not good at this time")
    said = "; ".join(wrong) or f"verified {verdict.because}; audience, nonce and times are right"
    return Finding("id_token", not wrong, said), claims.get("sub")
