"""`keycell login`, `logout` and `whoami`."""

import asyncio
import os
import socket
import sys
import webbrowser
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from keycell.cli.ending import finish
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, shows
from keycell.cli.talk import note, warn
from keycell.cli.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    import httpx2

    from keycell.client.credentials import Keeper, Tokens
    from keycell.client.discovery import Metadata
    from keycell.client.profiles import Config, Profile
    from keycell.client.signing_in import DeviceCode, SignIn

Text = Optional[str]  # noqa: UP045  (typer reads it)
_WAYS = ("browser", "device", "no-browser", "with-token")
_QR_FITS = 60


@shows
def login(
    *,
    url: Annotated[Text, typer.Argument(help="The server: https://files.example.")] = None,
    browser: Annotated[bool, typer.Option("--browser", help="By a browser here.")] = False,
    device: Annotated[
        bool, typer.Option("--device", help="By a code that is typed in a browser elsewhere.")
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="By a code that a page shows, pasted here.")
    ] = False,
    with_token: Annotated[
        bool, typer.Option("--with-token", help="By a token that is read from stdin.")
    ] = False,
    insecure_storage: Annotated[
        bool, typer.Option("--insecure-storage", help="Keep tokens in a file, mode 600.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Ask who one is, even where a browser knows.")
    ] = False,
    admin: Annotated[
        bool, typer.Option("--admin", help="To administer the server too, as an administrator.")
    ] = False,
    scope: Annotated[Text, typer.Option(help="What to ask for, instead of all files.")] = None,
    out: Output,
) -> None:
    """Sign in to a server; --profile is a name of your own for this sign-in.

    keycell login https://files.example
    keycell login --device --admin
    keycell login localhost:8080 --with-token < token.txt
    """
    flags = (browser, device, no_browser, with_token)
    said = [way for way, is_so in zip(_WAYS, flags, strict=True) if is_so]
    if len(said) > 1:
        fail(f"--{' and --'.join(said)} exclude each other", Exit.USAGE)
    way = said[0] if said else ""
    finish(lambda: _login(url, way, insecure_storage, Wish(scope, admin, again), out))


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sign-in is to be for."""

    scope: str | None
    admin: bool
    again: bool

    def scope_of(self, usual: str) -> str:
        """Give what is asked for."""
        return f"{self.scope or usual} admin" if self.admin else self.scope or usual


async def _login(url: str | None, way: str, insecure: bool, wish: Wish, out: Output) -> None:
    from dataclasses import replace

    from keycell.client.credentials import Tokens
    from keycell.client.discovery import discover
    from keycell.client.profiles import change_config
    from keycell.client.proofs import mint_key, takes_proofs
    from keycell.client.session import open_http
    from keycell.client.signing_in import SCOPE, SignIn

    wanted = _wanted(url, out.profile, insecure)
    async with open_http(wanted.server) as (http, _):
        metadata = await discover(http, wanted.server, fresh=True)
        # Before anybody is asked to sign in: is there a place for what comes of it?
        profile, keeper = _place(wanted)
        if way == "with-token":
            tokens = Tokens(_read_token())
        else:
            key = mint_key() if takes_proofs(metadata.document) else ""
            signing_in = SignIn(http, metadata, wish.scope_of(SCOPE), is_again=wish.again, key=key)
            tokens = await _ask(way or profile.method or _automatic(), signing_in, profile.server)
        person = await _whose(http, metadata, tokens, is_given=way == "with-token")
    profile = replace(profile, login=str(person.get("preferred_username") or person["sub"]))
    keeper.write(profile.name, tokens)
    change_config(lambda config: config.with_profile(profile))
    _say(profile, keeper, tokens, as_json=out.as_json)


def _wanted(url: str | None, name: str | None, insecure: bool) -> "Profile":
    """Give the profile that is signed in to: a known one, or a new one."""
    from dataclasses import replace

    from keycell.client.addresses import read_server
    from keycell.client.profiles import FIRST, Profile, check_name, find_profile, load_config

    config = load_config()
    if url is None:
        found = find_profile(name or "")
    else:
        server = read_server(url)
        known = next((one for one in config.profiles.values() if one.server == server), None)
        free = FIRST if FIRST not in config.profiles else _free_name(server, config.profiles)
        before = config.profiles.get(name) if name else known
        if before is not None and before.server == server:
            found = before
        else:
            found = Profile(name=check_name(name or free), server=server)
    return replace(found, storage="file") if insecure else found


def _free_name(server: str, taken: "Collection[str]") -> str:
    """Give the name of a server's host, or one like it that no other profile has."""
    from itertools import count
    from urllib.parse import urlsplit

    from keycell.client.profiles import is_name

    host = (urlsplit(server).hostname or "").replace(":", ".").strip(".")
    name = host if is_name(host) else "server"
    return next(one for n in count(1) if (one := name if n == 1 else f"{name}-{n}") not in taken)


def _place(profile: "Profile") -> "tuple[Profile, Keeper]":
    from dataclasses import replace

    from keycell.client.credentials import keeper_of
    from keycell.client.errors import ClientError, SignInRequired

    try:
        keeper = keeper_of(profile)
        keeper.read(profile.name)
    except SignInRequired:
        return profile, keeper
    except ClientError as error:
        if profile.storage == "file" or not sys.stdin.isatty():
            raise
        warn(str(error))
        print("Keep tokens in a file that only you can read? [y/N] ", end="", file=sys.stderr,
              flush=True)  # fmt: skip
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise
        profile = replace(profile, storage="file")
        return profile, keeper_of(profile)
    return profile, keeper


async def _whose(
    http: "httpx2.AsyncClient", metadata: "Metadata", tokens: "Tokens", *, is_given: bool
) -> "dict[str, Any]":
    from keycell.client.errors import SignInRequired
    from keycell.client.signing_in import who

    try:
        return await who(http, metadata, tokens)
    except SignInRequired as error:
        if is_given:
            error.args = ("the server does not take this token",)
            error.hint = "keycell token create, or the page of your account, makes one"
        raise


def _read_token() -> str:
    if sys.stdin.isatty():
        note("Paste the token, then Enter:")
    token = sys.stdin.readline().strip()
    if not token:
        fail("no token came on stdin", Exit.USAGE, "keycell login URL --with-token < token.txt")
    return token


def _automatic() -> str:
    """Choose a way: a browser here if there can be one, else a code for one elsewhere."""
    away = os.environ.get("SSH_CONNECTION") or os.environ.get("BROWSER") == "true"
    needs_display = sys.platform not in ("win32", "darwin")
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return "device" if away or (needs_display and not display) else "browser"


async def _ask(way: str, signing_in: "SignIn", server: str) -> "Tokens":
    from keycell.client.signing_in import by_browser, by_device, by_pasting

    if way == "no-browser":
        return await by_pasting(signing_in, server, _show_address, _pasted)
    if way == "device" and signing_in.metadata.has("device_authorization_endpoint"):
        return await by_device(signing_in, show_code)
    if way == "device":
        note("This server has no device sign-in; open the page in any browser instead.")
        return await by_pasting(signing_in, server, _show_address, _pasted)
    return await by_browser(signing_in, open_page)


def _show_address(address: str) -> None:
    print(f"Open this page in a browser:\n\n{clean(address)}\n", file=sys.stderr, flush=True)


async def _pasted() -> str:
    print("Paste the code, or the address it led to: ", end="", file=sys.stderr, flush=True)
    return await asyncio.to_thread(sys.stdin.readline)


def open_page(address: str) -> None:
    """Say which page to open, and open it where there is a browser."""
    _show_address(address)
    # A browser of the terminal would take it from us.
    if not os.environ.get("BROWSER", "").startswith(("w3m", "lynx", "links", "elinks")):
        # Some are waited for until they are closed: nobody would hear what the page answers.
        Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def show_code(code: "DeviceCode") -> None:
    """Say what to type, and where; with a picture of it where a terminal is wide enough."""
    print(f"Open   {clean(code.address)}\nEnter  {clean(code.user_code)}", file=sys.stderr)
    if code.whole_address:
        print(f"or open\n{clean(code.whole_address)}", file=sys.stderr)
    if sys.stderr.isatty() and os.get_terminal_size(2).columns >= _QR_FITS:
        import segno

        segno.make(code.whole_address or code.address, error="l").terminal(
            sys.stderr, compact=True
        )
    print(f"It is good for {code.minutes} minutes.", file=sys.stderr, flush=True)


def _say(profile: "Profile", keeper: "Keeper", tokens: "Tokens", *, as_json: bool) -> None:
    host = profile.server.partition("://")[2]
    kept = keeper.label.replace(str(Path.home()), "~")
    note(f"Signed in as {profile.login}@{host} (profile {profile.name}, token in {kept})")
    if as_json:
        show(view(profile, keeper, tokens), [], as_json=True)


def view(profile: "Profile", keeper: "Keeper", tokens: "Tokens | None") -> dict[str, object]:
    """Give what is shown of a sign-in."""
    ends = tokens.expires_at if tokens is not None else 0
    return {
        "profile": profile.name,
        "server": profile.server,
        "login": profile.login,
        "storage": keeper.label,
        "signed_in": tokens is not None,
        "scope": tokens.scope if tokens is not None else "",
        "refreshes": bool(tokens and tokens.refresh_token),
        "is_bound": bool(tokens and tokens.key),
        "expires_at": datetime.fromtimestamp(ends, UTC).isoformat() if ends else None,
        "device": socket.gethostname(),
    }


@shows
def logout(*, out: Output) -> None:
    """End the sign-in on the server, and forget it here.

    keycell logout
    keycell logout --profile work
    keycell logout --json
    """
    finish(lambda: _logout(out))


async def _logout(out: Output) -> None:
    from keycell.client.credentials import keeper_of
    from keycell.client.discovery import discover
    from keycell.client.profiles import change_config, find_profile
    from keycell.client.session import open_http
    from keycell.client.signing_in import revoke

    profile = find_profile(out.profile or "")
    keeper = keeper_of(profile)
    tokens = keeper.read(profile.name)

    def without(config: "Config") -> "Config":
        return config.without(profile.name)

    try:
        # A token that was made elsewhere is ended there: other programs may live by it.
        if tokens is not None and tokens.refresh_token:
            async with open_http(profile.server) as (http, _):
                await revoke(http, await discover(http, profile.server), tokens)
    finally:
        keeper.remove(profile.name)
        change_config(without)
    told = {"profile": profile.name, "signed_in": False}
    out.said(told, f"Signed out of {profile.server} (profile {profile.name})")


@shows
def whoami(*, out: Output) -> None:
    """Say who is signed in, as the server knows them.

    keycell whoami
    keycell whoami --profile work
    keycell whoami --jq .email
    """

    async def work() -> tuple[str, dict[str, object]]:
        from keycell.client.session import open_session
        from keycell.client.signing_in import who

        async with open_session(out.profile or "") as session:
            return session.server, await who(session.http, session.metadata)

    server, person = finish(work)
    name = person.get("preferred_username") or person["sub"]
    show({"server": server, **person}, [f"{name}@{server.partition('://')[2]}"],
         as_json=out.as_json)  # fmt: skip
