"""What a shell is told while somebody types: words of the program, and places on the server."""

from typing import Annotated

import typer

VARIABLE = "_KEYCELL_COMPLETE"
"""What the shell sets when it asks for words instead of running a command."""


def answer_shells() -> None:
    """Have the scripts' questions understood: they are in typer's words, not in click's."""
    from typer._completion_classes import completion_init

    completion_init()


def profile_names(incomplete: str) -> list[str]:
    """Give the profiles whose names begin so; none where the file cannot be read."""
    from keycell.client.errors import ClientError
    from keycell.client.profiles import load_config

    try:
        found = load_config().profiles
    except ClientError:
        # Whoever completes a word is in the middle of a line: nothing may be said there.
        return []
    return [name for name in found if name.startswith(incomplete)]


def remote_paths(ctx: typer.Context, incomplete: str) -> list[str]:
    """Give the places on the server that begin so, written as they were begun."""
    from keycell.client.completing import names_in
    from keycell.client.paths import BadPlace, read_remote

    begun = incomplete or ":"
    head = begun[: max(begun.rfind("/"), begun.find(":")) + 1]
    try:
        folder = read_remote(head or ":")
    except BadPlace:
        return []
    profile = folder.profile or ctx.params.get("profile") or ""
    found = [f"{head}{name}" for name in names_in(profile, folder.path)]
    return [one for one in found if one.startswith(begun)]


def copied_paths(ctx: typer.Context, incomplete: str) -> list[str]:
    """Give the places on the server that begin so; the shell itself knows local ones."""
    from keycell.client.paths import BadPlace, read_place

    try:
        is_remote = read_place(incomplete) is not None
    except BadPlace:
        return []
    return remote_paths(ctx, incomplete) if is_remote else []


OnServer = Annotated[str, typer.Argument(metavar="PATH", autocompletion=remote_paths)]
OneOnServer = Annotated[str, typer.Argument(metavar="[PATH]", autocompletion=remote_paths)]
SeveralOnServer = Annotated[list[str], typer.Argument(metavar="PATH", autocompletion=remote_paths)]
