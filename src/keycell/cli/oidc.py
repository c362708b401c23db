"""`keycell oidc`: what developers of applications look at."""

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from keycell.cli.administering import administer, part
from keycell.cli.commands import Command, CommandTable, group
from keycell.cli.ending import finish
from keycell.cli.findings import tell
from keycell.cli.output import Exit, fail, show
from keycell.cli.serving import listen
from keycell.cli.showing import Output, shows
from keycell.cli.store import Data, Database
from keycell.cli.talk import ask_secret
from keycell.cli.terminal import clean, stdout
from keycell.client.findings import Finding

if TYPE_CHECKING:
    from keycell.client.jwts import Jwt, Verdict

Text = Optional[str]  # noqa: UP045  (typer reads it)
Issuer = Annotated[
    Text,
    typer.Argument(help="As https://id.example/oidc; else that of the server signed in to."),
]
_TIMES = ("exp", "iat", "nbf", "auth_time", "updated_at")
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class Commands(CommandTable):
    """What can be looked at."""

    table = (
        Command("discover", "keycell.cli.oidc:discover", "Judge what an issuer says of itself."),
        Command("jwt", "keycell.cli.oidc:jwt", "Read a token from stdin, and verify it."),
        Command("redirect-check", "keycell.cli.oidc:redirect_check",
                "Say whether a client may be answered at a URI."),
        Command("test-client", "keycell.cli.rehearsing:rehearse",
                "Sign in as an application does, and show each step."),
        Command("device", "keycell.cli.rehearsing_device:device",
                "Sign in as a device without a browser does."),
        Command("claims", "keycell.cli.oidc:claims",
                "Say what a client would be told of somebody."),
    )  # fmt: skip


app = group(
    Commands,
    "oidc",
    "For developers: issuers, tokens and clients.",
    "keycell oidc discover https://id.example/oidc",
    "keycell auth token | keycell oidc jwt",
    "keycell oidc test-client notes",
)


@shows
def discover(*, issuer: Issuer = None, out: Output) -> None:
    """Show an issuer's metadata, judged; exit code 1 if anything is to be mended.

    keycell oidc discover
    keycell oidc discover https://id.example/oidc
    keycell oidc discover https://id.example/oidc --json
    """

    async def work() -> tuple[list[Finding], Mapping[str, Any]]:
        from keycell.client.errors import ClientError
        from keycell.client.issuers import judge, keys_of, metadata_of
        from keycell.client.session import open_http

        asked = issuer_of(issuer, out.profile)
        async with open_http(asked) as (http, _):
            listen(http)
            metadata = await metadata_of(http, asked)
            try:
                keys = await keys_of(http, metadata)
                names = ", ".join(str(key.get("kid", "without a name")) for key in keys)
                reached = Finding("keys", True, f"{len(keys)} published: {names}")
            except ClientError as error:
                reached = Finding("keys", False, str(error), error.hint)
            return [*judge(metadata, asked), reached], metadata

    found, metadata = finish(work)
    if not out.as_json:
        _print_metadata(metadata)
    tell(found, as_json=out.as_json, metadata=metadata)


def _print_metadata(metadata: Mapping[str, Any]) -> None:
    for name, value in metadata.items():
        print(*stdout().wrapped(clean(f"{name}: {_claim(value)}"), indent=2), sep="\n")
    print()


def _as_told(value: object) -> str:
    """Give a value as JSON has it, a text without its quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def issuer_of(said: str | None, profile: str | None) -> str:
    """Give the issuer that is meant: the one said, else that of the server signed in to."""
    from keycell.client.credentials import environment_profile
    from keycell.client.issuers import read_issuer
    from keycell.client.profiles import find_profile

    if said is not None:
        return read_issuer(said)
    found = (None if profile else environment_profile()) or find_profile(profile or "")
    return f"{found.server}/oidc"


@shows
def jwt(
    *,
    source: Annotated[
        str, typer.Argument(metavar="[-]", help="- for stdin: there is no other.")
    ] = "-",
    issuer: Annotated[
        Text, typer.Option(help="Whose keys to verify by; else the server's signed in to.")
    ] = None,
    out: Output,
) -> None:
    """Show what a token says, and whether its issuer signed it; exit code 10 if not.

    keycell auth token | keycell oidc jwt
    keycell oidc jwt < id_token.txt
    keycell oidc jwt --issuer https://id.example/oidc < id_token.txt
    """
    if source != "-":
        # Not quoted: it may well be a token, and has been seen enough.
        fail(
            "a token is read from stdin alone: arguments are seen by other programs, and kept "
            "by the shell", Exit.USAGE, "keycell oidc jwt < token.txt; and end that token",
        )  # fmt: skip
    token = ask_secret("Token", from_stdin=not sys.stdin.isatty()).strip()
    token = token.removeprefix("Bearer ").strip()

    async def work() -> "tuple[Jwt, Verdict]":
        from keycell.client.jwts import read_jwt

        return read_jwt(token), await _verdict(token, issuer, out.profile)

    read, verdict = finish(work)
    document = _document(read, verdict, datetime.now(UTC))
    show(document, _lines(document), as_json=out.as_json)
    if not verdict.is_verified:
        raise SystemExit(int(Exit.INTEGRITY))


def _document(read: "Jwt", verdict: "Verdict", now: datetime) -> dict[str, object]:
    """Give all that is shown of a token; its signature is not."""
    return {
        "header": dict(read.header),
        "claims": dict(read.claims),
        "times": _times(read.claims, now),
        "is_verified": verdict.is_verified,
        "because": verdict.because,
        "is_in_time": is_in_time(read.claims, now.timestamp()),
    }


async def _verdict(token: str, said: str | None, profile: str | None) -> "Verdict":
    from keycell.client.errors import ClientError, SignInRequired
    from keycell.client.issuers import keys_of, metadata_of
    from keycell.client.jwts import Verdict, verify_jwt
    from keycell.client.session import open_http

    try:
        issuer = issuer_of(said, profile)
    except SignInRequired:
        # The issuer that a token names could be anybody's: it is not asked for that alone.
        return Verdict(False, "it is not said whose keys to verify by: give --issuer")
    try:
        async with open_http(issuer) as (http, _):
            listen(http)
            metadata = await metadata_of(http, issuer)
            if metadata.get("issuer") != issuer:
                return Verdict(False, f"{issuer} says that it is {metadata.get('issuer')!r}")
            return verify_jwt(token, await keys_of(http, metadata), issuer)
    except ClientError as error:
        return Verdict(False, f"the keys cannot be had: {error}")


def _lines(document: Mapping[str, Any]) -> list[str]:
    lines = ["header", *_pairs(document["header"], {}), "claims"]
    lines += _pairs(document["claims"], document["times"])
    said = "verified" if document["is_verified"] else "not verified, because"
    lines.append(f"{said} {document['because']}")
    if not document["is_in_time"]:
        lines.append("it is not good at this time: see exp and nbf")
    return lines


def _pairs(values: Mapping[str, Any], times: Mapping[str, str]) -> list[str]:
    return [
        f"  {name}: {_claim(value)}" + (f"  {times[name]}" if name in times else "")
        for name, value in values.items()
    ]


def _claim(value: object) -> str:
    return ", ".join(map(_as_told, value)) if isinstance(value, list) else _as_told(value)


def _times(claims: Mapping[str, Any], now: datetime) -> dict[str, str]:
    found = {}
    for name in _TIMES:
        with suppress(KeyError, ValueError, OverflowError, OSError, TypeError):
            when = datetime.fromtimestamp(claims[name], UTC)
            found[name] = f"{when:%Y-%m-%dT%H:%M:%SZ}, {_distance(when - now)}"
    return found


def _distance(apart: Any) -> str:  # noqa: ANN401
    seconds = round(apart.total_seconds())
    size, unit = next(((s, u) for s, u in _UNITS if abs(seconds) >= s), (1, "second"))
    number = abs(seconds) // size
    said = f"{number} {unit}{'' if number == 1 else 's'}"
    return f"in {said}" if seconds > 0 else f"{said} ago"


def is_in_time(claims: Mapping[str, Any], now: float) -> bool:
    """Tell whether a token's times let it be used. RFC7519-4.1.4, RFC7519-4.1.5."""
    ends, begins = claims.get("exp"), claims.get("nbf")
    is_over = isinstance(ends, int | float) and now >= ends
    return not is_over and not (isinstance(begins, int | float) and now < begins)


@shows
def redirect_check(
    out: Output,
    client_id: str,
    uri: str,
    data: Data = None,
    database: Database = None,
) -> None:
    """Say whether a client may be answered at a URI, and where it departs; exit code 1 if not.

    keycell oidc redirect-check notes https://notes.example/callback
    keycell oidc redirect-check notes http://127.0.0.1:8000/callback
    keycell oidc redirect-check notes https://notes.example/cb --json
    """
    from keycell.oauth.clients import matches, redirect_difference

    client = administer((data, database, out.profile), "GET", f"clients/{part(client_id)}")
    registered = tuple(client.get("redirect_uris") or ())
    is_off = bool(client.get("is_disabled"))
    allowed = not is_off and any(matches(uri, known) for known in registered)
    apart = None if allowed or is_off else redirect_difference(uri, registered)
    document = {
        "client_id": client_id, "redirect_uri": uri, "allowed": allowed,
        "is_disabled": is_off, "registered": list(registered),
        "nearest": apart and apart.nearest, "part": apart and apart.part,
        "index": apart and apart.index,
    }  # fmt: skip
    lines = [f"{client_id} {'may' if allowed else 'may not'} be answered at {uri}"]
    lines += ["the client is disabled"] if is_off else []
    if apart is not None:
        lines += [f"asked:   {uri}", f"nearest: {apart.nearest}",
                  f"{' ' * (9 + apart.index)}^ {apart.part}"]  # fmt: skip
    elif not allowed and not is_off:
        lines += [f"registered: {one}" for one in registered] or ["it registered none"]
    show(document, lines, as_json=out.as_json)
    if not allowed:
        raise SystemExit(int(Exit.OTHER))


@shows
def claims(
    out: Output,
    user: Annotated[str, typer.Option(help="Of whom, by login.")],
    client: Annotated[str, typer.Option(help="Who would be told, by client ID.")],
    scope: Annotated[str, typer.Option(help="What it asks for; else what it registered.")] = "",
    data: Data = None,
    database: Database = None,
) -> None:
    """Say what a client would be told of somebody; exit code 1 if they could not sign in to it.

    keycell oidc claims --user ann --client grafana
    keycell oidc claims --user ann --client grafana --scope "openid groups"
    keycell oidc claims --user ann --client grafana --json
    """
    path = f"clients/{part(client)}/preview"
    told = administer((data, database, out.profile), "GET", path, login=user, scope=scope or None)
    asked = "is asked" if told["is_asked"] else "is not asked"
    lines = [f"{user} {asked} to allow: {' '.join(told['scopes']) or 'nothing'}"]
    if told["left_out"]:
        lines.append(f"{client} may not ask for: {' '.join(told['left_out'])}")
    for name in ("id_token", "access_token", "userinfo"):
        lines += [name, *_pairs(told[name], _times(told[name], datetime.now(UTC)))]
    lines += [
        f"not told without the scope {one['scope']}: {' '.join(one['claims'])}"
        for one in told["not_told"]
    ]
    lines += [f"{user} could not sign in: {why}" for why in told["refusals"]]
    show(told, lines, as_json=out.as_json)
    if not told["may_sign_in"]:
        raise SystemExit(int(Exit.OTHER))
