"""The command `keycell`."""

import sys
from typing import NoReturn

import typer

from keycell.cli import admin, serve

app = typer.Typer(
    name="keycell",
    help="One sign-in for your applications, and the tools to run it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.add_typer(admin.app, name="admin")


def main() -> NoReturn:
    """Run the command; an error is one sentence on stderr and an exit code."""
    app()
    sys.exit(0)
