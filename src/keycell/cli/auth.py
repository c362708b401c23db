"""`keycell auth`: the sign-ins there are, and their tokens."""

from typing import TYPE_CHECKING

import typer

from keycell.cli.commands import with_examples
from keycell.cli.ending import finish
from keycell.cli.login import view
from keycell.cli.output import show
from keycell.cli.showing import Output, lists, shows
from keycell.cli.tables import Column, Table
from keycell.cli.talk import note

if TYPE_CHECKING:
    from keycell.client.credentials import Tokens
    from keycell.client.profiles import Config

app = typer.Typer(
    help=with_examples(
        "The sign-ins there are, and their tokens.",
        "keycell auth status",
        "keycell auth switch work",
        "keycell auth token | keycell oidc jwt",
    ),
    no_args_is_help=True,
)
_TABLE = Table(
    (
        Column("profile"),
        Column("login"),
        Column("server", gives_way=True),
        Column("storage"),
        Column("is_default", "default"),
    ),
    ("profile", "server", "login", "storage", "is_default"),
)


@app.command("status")
@shows
def status(out: Output) -> None:
    """Say where the sign-in is kept, and how long its token lasts.

    keycell auth status
    keycell auth status --profile work
    keycell auth status --jq .expires_at
    """

    async def work() -> dict[str, object]:
        from keycell.client.credentials import environment_profile, keeper_of
        from keycell.client.errors import SignInRequired
        from keycell.client.profiles import find_profile

        found = (None if out.profile else environment_profile()) or find_profile(out.profile or "")
        keeper = keeper_of(found)
        tokens = keeper.read(found.name)
        if tokens is None:
            raise SignInRequired(f"nobody is signed in to {found.server}", "keycell login")
        return view(found, keeper, tokens)

    shown = finish(work)
    out.one(shown, [name for name, value in shown.items() if value != ""])


@app.command("token")
@shows
def token(out: Output) -> None:
    """Print an access token that is good for a while yet; a bound one opens nothing by itself.

    keycell auth token | keycell oidc jwt
    keycell auth token --profile work
    keycell auth token --jq .token_type
    """

    async def work() -> "Tokens":
        from keycell.client.session import open_session

        async with open_session(out.profile or "") as session:
            return await session.auth.fresh(session.http)

    found = finish(work)
    if found.key:
        # RFC9449-7.1
        note("This token goes with a proof by the key of this sign-in: `keycell api` sends both, "
             "and `keycell token create` makes one for other programs.")  # fmt: skip
    kind = "DPoP" if found.key else "Bearer"
    shown = {"access_token": found.access_token, "token_type": kind}
    show(shown, [found.access_token], as_json=out.as_json)


@app.command("refresh")
@shows
def refresh(out: Output) -> None:
    """Get a new access token now.

    keycell auth refresh
    keycell auth refresh --profile work
    keycell auth refresh --jq .expires_at
    """

    async def work() -> float:
        from keycell.client.session import open_session

        async with open_session(out.profile or "") as session:
            return (await session.auth.fresh(session.http, forced=True)).expires_at

    ends = finish(work)
    out.said({"expires_at": int(ends)}, "The access token is a new one")


@app.command("switch")
@shows
def switch(out: Output, name: str) -> None:
    """Make another profile the default one.

    keycell auth switch work
    keycell auth switch default
    keycell auth switch work --quiet
    """

    async def work() -> None:
        from dataclasses import replace

        from keycell.client.profiles import change_config, find_profile

        found = find_profile(name)

        def change(config: "Config") -> "Config":
            return replace(config, default=found.name)

        change_config(change)

    finish(work)
    out.said({"profile": name, "is_default": True}, f"{name} is the default profile")


@app.command("list")
@lists
def list_(out: Output) -> None:
    """List the profiles.

    keycell auth list
    keycell auth list --columns profile,server
    keycell auth list --jq '.items[].login'
    """

    async def work() -> list[dict[str, object]]:
        from keycell.client.profiles import load_config

        config = load_config()
        return [
            {"profile": one.name, "server": one.server, "login": one.login,
             "storage": one.storage, "is_default": one.name == config.default}
            for one in config.profiles.values()
        ]  # fmt: skip

    out.show(_TABLE, finish(work))
