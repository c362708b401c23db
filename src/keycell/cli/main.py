"""The command `keycell`: everything that can be done, in one table."""

import sys
from typing import NoReturn

from keycell.cli.commands import Command, CommandTable, group, lacks

_ACCOUNT = "Signing in"
_FILES = "Files"
_SERVER = "Server"


class Commands(CommandTable):
    """What `keycell` can do."""

    table = (
        Command("login", "keycell.cli.login:login", "Sign in to a server.", _ACCOUNT),
        Command("logout", "keycell.cli.login:logout", "End the sign-in.", _ACCOUNT),
        Command("whoami", "keycell.cli.login:whoami", "Say who is signed in.", _ACCOUNT),
        Command("auth", "keycell.cli.auth:app",
                "The sign-ins there are, and their tokens.", _ACCOUNT),
        Command("token", "keycell.cli.token:app", "Your personal access tokens.", _ACCOUNT),
        Command("scp", "keycell.cli.scp:scp", "Copy to a server, or from one.", _FILES),
        Command("put", "keycell.cli.scp:put", "Copy to a server.", _FILES, hidden=True),
        Command("get", "keycell.cli.scp:get", "Copy from a server.", _FILES, hidden=True),
        Command("sync", "keycell.cli.sync:app",
                "Keep folders alike with folders of a server.", _FILES),
        Command("serve", "keycell.cli.serve:serve", "Start the server.", _SERVER),
        Command("admin", "keycell.cli.admin:app",
                "Administer a server on its own machine.", _SERVER),
    )  # fmt: skip


app = group(Commands, "keycell", "One sign-in for your applications, and the tools to run it.")


def main() -> NoReturn:
    """Run the command; an error is one sentence on stderr and an exit code."""
    try:
        app()
    except ModuleNotFoundError as error:
        lacks(error)
    sys.exit(0)
