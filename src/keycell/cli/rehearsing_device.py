"""`keycell oidc device`: the device flow as a television or a program of a terminal goes it."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from keycell.cli.ending import finish
from keycell.cli.findings import tell
from keycell.cli.login import show_code
from keycell.cli.oidc import Issuer, issuer_of
from keycell.cli.rehearsing import AuthMethod, SecretStdin, metadata_at, secret_of
from keycell.cli.serving import listen
from keycell.cli.showing import Output, shows
from keycell.client.findings import Finding, fine, wrong
from keycell.client.profiles import CLIENT_ID

if TYPE_CHECKING:
    from keycell.client.signing_in import SignIn


@shows
def device(
    *,
    issuer: Issuer = None,
    client: Annotated[str, typer.Option(help="As which client.")] = CLIENT_ID,
    scope: Annotated[str, typer.Option(help="What to ask for.")] = "openid profile email",
    secret_stdin: SecretStdin = False,
    auth_method: AuthMethod = "client_secret_basic",
    out: Output,
) -> None:
    """Sign in by a code typed elsewhere, show each step, and end what came of it. RFC8628.

    keycell oidc device
    keycell oidc device https://id.example/oidc --client tv
    keycell oidc device --client tv --scope openid
    """
    secret, is_posted = secret_of(auth_method, secret_stdin=secret_stdin)

    async def work() -> list[Finding]:
        from keycell.client.session import open_http
        from keycell.client.signing_in import SignIn

        asked = issuer_of(issuer, out.profile)
        async with open_http(asked) as (http, _):
            listen(http)
            going = SignIn(
                http, await metadata_at(http, asked), scope, client_id=client, secret=secret,
                posts_secret=is_posted,
            )  # fmt: skip
            return [one async for one in _steps(going)]

    tell(finish(work), as_json=out.as_json)


async def _steps(going: "SignIn") -> AsyncIterator[Finding]:
    from keycell.client.errors import ClientError
    from keycell.client.signing_in import by_device, give_up, who

    yield fine("discovery", f"{going.metadata.issuer} is who it says")
    try:
        tokens = await by_device(going, show_code)
    except ClientError as error:
        yield wrong("code", str(error), error.hint)
        return
    lives = "with a refresh token" if tokens.refresh_token else "without a refresh token"
    yield fine("tokens", f"they came {lives}; scope {tokens.scope or 'as asked'}")
    try:
        if "openid" in going.scope.split():
            person = await who(going.http, going.metadata, tokens)
            yield fine("userinfo", ", ".join(f"{name}={one}" for name, one in person.items()))
    except ClientError as error:
        yield wrong("userinfo", str(error), error.hint)
    try:
        await give_up(going, tokens)
        yield fine("end", "what was granted is revoked")
    except ClientError as error:
        yield wrong("end", str(error), error.hint)
