"""`keycell auth`: the sign-ins there are, and their tokens."""

import sys
from typing import TYPE_CHECKING

import typer

from keycell.cli.ending import finish
from keycell.cli.login import AsJson, ProfileName, view
from keycell.cli.output import show
from keycell.cli.talk import note

if TYPE_CHECKING:
    from keycell.client.profiles import Config

app = typer.Typer(help="The sign-ins there are, and their tokens.", no_args_is_help=True)


@app.command("status")
def status(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Say where the sign-in is kept, and how long its token lasts."""

    async def work() -> dict[str, object]:
        from keycell.client.credentials import environment_profile, keeper_of
        from keycell.client.errors import SignInRequired
        from keycell.client.profiles import find_profile

        found = (None if profile else environment_profile()) or find_profile(profile or "")
        keeper = keeper_of(found)
        tokens = keeper.read(found.name)
        if tokens is None:
            raise SignInRequired(f"nobody is signed in to {found.server}", "keycell login")
        return view(found, keeper, tokens)

    shown = finish(work)
    show(shown, [f"{name}: {value}" for name, value in shown.items()], as_json=as_json)


@app.command("token")
def token(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Print an access token that is good for a while yet."""

    async def work() -> str:
        from keycell.client.session import open_session

        async with open_session(profile or "") as session:
            return (await session.auth.fresh(session.http)).access_token

    text = finish(work)
    show({"access_token": text}, [text], as_json=as_json)


@app.command("refresh")
def refresh(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Get a new access token now."""

    async def work() -> float:
        from keycell.client.session import open_session

        async with open_session(profile or "") as session:
            return (await session.auth.fresh(session.http, forced=True)).expires_at

    ends = finish(work)
    show({"expires_at": int(ends)}, [], as_json=as_json)
    note("The access token is a new one")


@app.command("switch")
def switch(name: str) -> None:
    """Make another profile the default one."""

    async def work() -> None:
        from dataclasses import replace

        from keycell.client.profiles import change_config, find_profile

        found = find_profile(name)

        def change(config: "Config") -> "Config":
            return replace(config, default=found.name)

        change_config(change)

    finish(work)
    print(f"{name} is the default profile", file=sys.stderr)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the profiles."""

    async def work() -> list[dict[str, object]]:
        from keycell.client.profiles import load_config

        config = load_config()
        return [
            {"profile": one.name, "server": one.server, "login": one.login,
             "storage": one.storage, "is_default": one.name == config.default}
            for one in config.profiles.values()
        ]  # fmt: skip

    found = finish(work)
    lines = [
        f"{'*' if one['is_default'] else ' '} {one['profile']}\t{one['login']}\t{one['server']}"
        for one in found
    ]
    show({"items": found}, lines, as_json=as_json)
