"""`keycell completion`: what a shell runs to complete commands and options."""

from enum import StrEnum
from typing import Annotated

import typer

VARIABLE = "_KEYCELL_COMPLETE"
"""What the shell sets when it asks for words instead of running a command."""


class Shell(StrEnum):
    """The shells that can be told."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(
    shell: Annotated[Shell, typer.Argument(help="Whose language to write.")],
) -> None:
    """Print a script that has a shell complete commands and options.

    Examples: eval "$(keycell completion bash)"; eval "$(keycell completion zsh)";
    keycell completion fish > ~/.config/fish/completions/keycell.fish
    """
    from typer._completion_shared import get_completion_script

    print(get_completion_script(prog_name="keycell", complete_var=VARIABLE, shell=shell.value))


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
