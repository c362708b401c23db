"""The command `keycell`: everything that can be done, in one table."""

import os
import sys
from typing import NoReturn

from typer import Abort
from typer._click.exceptions import ClickException

from keycell.cli.commands import Command, CommandTable, forget_output, group, lacks, mistyped
from keycell.cli.completion import VARIABLE, answer_shells
from keycell.cli.output import Exit, fail, sentence_of

_ACCOUNT = "Signing in"
_SERVER = "Server"
_DEVELOPER = "For developers"
_PROGRAM = "This program"
_FILES = "Files: PATH is [profile]:space/dir/file"


class Commands(CommandTable):
    """What `keycell` can do."""

    table = (
        Command("login", "keycell.cli.login:login", "Sign in to a server.", _ACCOUNT),
        Command("logout", "keycell.cli.login:logout", "End the sign-in.", _ACCOUNT),
        Command("whoami", "keycell.cli.login:whoami", "Say who is signed in.", _ACCOUNT),
        Command("auth", "keycell.cli.auth:app",
                "The sign-ins there are, and their tokens.", _ACCOUNT),
        Command("token", "keycell.cli.token:app", "Tokens for your programs.", _ACCOUNT),
        Command("scp", "keycell.cli.scp:scp", "Copy to a server, or from one.", _FILES),
        Command("put", "keycell.cli.scp:put", "Copy to a server.", _FILES, hidden=True),
        Command("get", "keycell.cli.scp:get", "Copy from a server.", _FILES, hidden=True),
        Command("sync", "keycell.cli.sync:app",
                "Keep folders alike with folders of a server.", _FILES),
        Command("ls", "keycell.cli.looking:ls", "List what lies in folders.", _FILES),
        Command("tree", "keycell.cli.looking:tree", "Show folders in folders.", _FILES),
        Command("stat", "keycell.cli.looking:stat", "Tell all about a file.", _FILES),
        Command("cat", "keycell.cli.reading:cat", "Write what files hold to stdout.", _FILES),
        Command("du", "keycell.cli.looking:du", "Tell how much lies in folders.", _FILES),
        Command("find", "keycell.cli.looking:find_", "Find files by their names.", _FILES),
        Command("open", "keycell.cli.reading:open_", "Open the web pages at a file.", _FILES),
        Command("cp", "keycell.cli.changing:cp", "Copy on the server.", _FILES),
        Command("mv", "keycell.cli.changing:mv", "Move or rename on the server.", _FILES),
        Command("rm", "keycell.cli.changing:rm", "Move to the recycle bin.", _FILES),
        Command("mkdir", "keycell.cli.changing:mkdir", "Make folders.", _FILES),
        Command("touch", "keycell.cli.changing:touch", "Make empty files.", _FILES),
        Command("meta", "keycell.cli.meta:app", "What people say of files.", _FILES),
        Command("tags", "keycell.cli.meta:tags", "Tags of files.", _FILES),
        Command("share", "keycell.cli.share:app", "Public links: share PATH.", _FILES),
        Command("versions", "keycell.cli.versions:app", "What files held before.", _FILES),
        Command("trash", "keycell.cli.trash:app", "What was deleted.", _FILES),
        Command("jobs", "keycell.cli.jobs:app", "What the server still does.", _FILES),
        Command("oidc", "keycell.cli.oidc:app",
                "Issuers, tokens and clients, looked at.", _DEVELOPER),
        Command("api", "keycell.cli.api:api", "Any call to the server.", _DEVELOPER),
        Command("serve", "keycell.cli.serve:serve", "Start the server.", _SERVER),
        Command("admin", "keycell.cli.admin:app",
                "Administer a server.", _SERVER),
        Command("config", "keycell.cli.config:app",
                "What holds for a sign-in, and where it comes from.", _PROGRAM),
        Command("doctor", "keycell.cli.doctor:doctor",
                "Say what is to be mended between here and the server.", _PROGRAM),
        Command("completion", "keycell.cli.shells:completion",
                "Have a shell complete commands and options.", _PROGRAM),
        Command("help", "keycell.cli.topics:topic",
                "exit-codes, environment, formatting or paths.", _PROGRAM),
        Command("version", "keycell.cli.version:version",
                "Say the version, and the server's.", _PROGRAM),
    )  # fmt: skip


app = group(
    Commands,
    "keycell",
    "One sign-in for your applications, and the tools to run it.",
    "keycell login https://files.example",
    "keycell scp photos :personal-files/",
    "keycell serve",
)


def main() -> NoReturn:
    """Run the command; an error is one sentence on stderr and an exit code."""
    _answer_at_once()
    try:
        code = app(standalone_mode=False)
    except ClickException as error:
        mistyped(error)
    except Abort:
        fail("nothing was done")
    except ModuleNotFoundError as error:
        lacks(error)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        _unread(error)
    except OSError as error:
        # Such as a full disk, where what is printed goes.
        forget_output()
        fail(sentence_of(error))
    sys.exit(code if isinstance(code, int) else 0)


def _answer_at_once() -> None:
    """Answer what asks for no command."""
    if VARIABLE in os.environ:
        answer_shells()
    if sys.argv[1:] == ["--version"]:
        # What everybody tries first; no server is asked.
        from keycell.cli.version import own_version

        print(own_version())
        sys.exit(Exit.DONE)


def _unread(error: Exception) -> NoReturn:
    if "keycell.client.session" not in sys.modules:
        # No server was asked.
        raise error
    from keycell.cli.ending import unread

    unread(error)
