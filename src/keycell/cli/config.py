"""`keycell config`: what holds for a sign-in, where it comes from, and what one may say."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from keycell.cli.commands import with_examples
from keycell.cli.ending import finish
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, lists, shows, shows_here
from keycell.cli.tables import Column, Table

if TYPE_CHECKING:
    from keycell.client.profiles import Config, Profile

app = typer.Typer(
    help=with_examples(
        "What holds for a sign-in, and where it comes from.",
        "keycell config list --origin",
        "keycell config get server",
        "keycell config set method device",
    ),
    no_args_is_help=True,
)
_WAYS = ("browser", "device", "no-browser")
_METHOD = "method"
# A token is for the server, the person and the program that it was given to: it stays with them.
_ELSEWHERE = {
    "profile": "keycell auth switch NAME makes another profile the default one",
    "server": "keycell login URL --profile NAME signs in to another server",
    "login": "keycell login signs in as somebody else",
    "client_id": "keycell login chooses it",
    "storage": "keycell logout, then keycell login; --insecure-storage keeps tokens in a file",
}
KEYS = (*_ELSEWHERE, _METHOD)
_COLUMNS = (Column("key"), Column("value", gives_way=True))


def settable_keys() -> list[str]:
    """Give the keys that `set` and `unset` know."""
    return [_METHOD]


Key = Annotated[str, typer.Argument(metavar="KEY", help=f"{', '.join(KEYS)}.",
                                    autocompletion=lambda: list(KEYS))]  # fmt: skip
OwnKey = Annotated[str, typer.Argument(metavar="KEY", help="method: how one signs in.",
                                       autocompletion=settable_keys)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for a key, and who said so."""

    value: str
    origin: str


def _settings(name: str) -> dict[str, Setting]:
    from keycell.client.credentials import environment_profile
    from keycell.client.profiles import Profile, config_file, find_profile

    in_environment = None if name else environment_profile()
    if in_environment is not None:
        origins = {"profile": "KEYCELL_TOKEN", "storage": "KEYCELL_TOKEN",
                   "server": "KEYCELL_SERVER"}  # fmt: skip
        return _settings_of(in_environment, origins)
    profile = find_profile(name)
    file = str(config_file())
    chosen = "--profile" if name else file
    if name and name == os.environ.get("KEYCELL_PROFILE"):
        chosen = "KEYCELL_PROFILE"
    # What is as it would be anyhow is the default, also where the file repeats it.
    usual = Profile(name="", server="").document()
    said = [key for key, value in profile.document().items() if usual.get(key) != value]
    return _settings_of(profile, dict.fromkeys(said, file) | {"profile": chosen})


def _settings_of(profile: "Profile", origins: dict[str, str]) -> dict[str, Setting]:
    values = {key: getattr(profile, "name" if key == "profile" else key) for key in KEYS}
    return {key: Setting(value, origins.get(key, "default")) for key, value in values.items()}


def _done(work: Callable[[], dict[str, Setting]]) -> dict[str, Setting]:
    async def run() -> dict[str, Setting]:
        return work()

    awaited: Callable[[], Awaitable[dict[str, Setting]]] = run
    return finish(awaited)


@app.command("list")
@lists
def list_(
    *,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each comes from.")] = False,
    out: Output,
) -> None:
    """List what holds: what a flag says, else the environment, the profile, the default.

    keycell config list
    keycell config list --origin
    keycell config list --profile work --json
    """
    found = _done(lambda: _settings(out.profile or ""))
    items = [{"key": key, "value": one.value or None, "origin": one.origin}
             for key, one in found.items()]  # fmt: skip
    beside = (Column("origin", gives_way=True),) if origin else ()
    out.show(Table((*_COLUMNS, *beside), ("key", "value", "origin")), items)


@app.command("get")
@shows
def get(out: Output, key: Key) -> None:
    """Print one value; exit code 3 if nothing is said.

    keycell config get server
    keycell config get method --profile work
    keycell config get server --jq .origin
    """
    if key not in KEYS:
        fail(f"there is no key {key!r}; there are: {', '.join(KEYS)}", Exit.USAGE)
    found = _done(lambda: _settings(out.profile or ""))[key]
    if not found.value:
        fail(f"{key} is not set", Exit.NOT_FOUND, f"keycell config set {key} VALUE")
    show({"key": key, "value": found.value, "origin": found.origin}, [found.value],
         as_json=out.as_json)  # fmt: skip


@app.command("set")
@shows
def set_(
    *,
    key: OwnKey,
    value: Annotated[str, typer.Argument(help=f"{', '.join(_WAYS)}.",
                                         autocompletion=lambda: list(_WAYS))],
    out: Output,
) -> None:  # fmt: skip
    """Say how one signs in with a profile: by a browser, a device, or no browser here.

    keycell config set method device
    keycell config set method no-browser
    keycell config set method browser --profile work
    """
    _check_own(key)
    if value not in _WAYS:
        fail(f"{value!r} is no {key}; there are: {', '.join(_WAYS)}", Exit.USAGE)
    _change(out, value)


@app.command("unset")
@shows
def unset(out: Output, key: OwnKey) -> None:
    """Go back to what holds where nothing is said.

    keycell config unset method
    keycell config unset method --profile work
    keycell config unset method --json
    """
    _check_own(key)
    _change(out, "")


@app.command("edit")
@shows_here
def edit(out: Output) -> None:
    """Open the file in one's editor; what cannot be read afterwards is not kept.

    The editor is VISUAL, else EDITOR, else vi, or notepad on Windows.

    keycell config edit
    VISUAL=nano keycell config edit
    keycell config edit --json
    """
    from keycell.cli.editing import edited_config

    async def work() -> bool:
        return edited_config()

    is_changed = finish(work)
    out.said({"is_changed": is_changed}, "changed" if is_changed else "nothing was changed")


@app.command("path")
@shows_here
def path(out: Output) -> None:
    """Print where the file is; it need not be there yet.

    keycell config path
    keycell config path --json
    cp "$(keycell config path)" config.bak
    """
    from keycell.client.profiles import config_file

    show({"path": str(config_file())}, [str(config_file())], as_json=out.as_json)


def _check_own(key: str) -> None:
    if key in _ELSEWHERE:
        fail(f"{key} is not set here", Exit.USAGE, _ELSEWHERE[key])
    if key != _METHOD:
        fail(f"there is no key {key!r}; there are: {', '.join(KEYS)}", Exit.USAGE)


def _change(out: Output, method: str) -> None:
    from keycell.client.errors import SignInRequired
    from keycell.client.profiles import change_config, find_profile

    def work() -> dict[str, Setting]:
        wanted = find_profile(out.profile or "").name

        def change(config: "Config") -> "Config":
            # Read anew under the lock: another process may have signed in, or out.
            if wanted not in config.profiles:
                raise SignInRequired(f"there is no profile {wanted!r} any more", "keycell login")
            return config.with_profile(replace(config.profiles[wanted], method=method))

        change_config(change)
        return _settings(wanted)

    found = _done(work)
    said = found["profile"].value
    told = {"profile": said, "key": _METHOD, "value": method or None}
    out.said(told, f"profile {said}: {_METHOD} is {method or 'not set'}")
