"""`keycell admin client test` and `real`: applications in test mode, and who tries them."""

from typing import Annotated, Any

import typer

from keycell.cli.administering import administer, change, done, part
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, changes, shows
from keycell.cli.store import Data, Database


@shows
def in_test(
    out: Output,
    client_id: str,
    renew: Annotated[bool, typer.Option("--renew", help="For 30 more days.")] = False,
    accounts: Annotated[int, typer.Option(min=0, max=3, help="Make accounts to try it.")] = 0,
    data: Data = None,
    database: Database = None,
) -> None:
    """Show the accounts that an application in test mode is tried with, or make some.

    keycell admin client test notes
    keycell admin client test notes --accounts 2
    keycell admin client test notes --renew
    """
    where, path = (data, database, out.profile), f"clients/{part(client_id)}"
    if renew and accounts:
        fail("pass one of --renew and --accounts", Exit.USAGE)
    if renew:
        told = administer(where, "POST", f"{path}/test")
        show(told, [f"in test mode until {told['test_until']}"], as_json=out.as_json)
        return
    at = f"{path}/test-accounts"
    told = administer(where, "POST", at, count=accounts) if accounts else administer(
        where, "GET", at
    )  # fmt: skip
    show(told, [_line(one) for one in told["items"]], as_json=out.as_json)


def _line(one: dict[str, Any]) -> str:
    secret = f"\t{one['password']}  (shown this once)" if "password" in one else ""
    return f"{one['login']}\t{one['name']}{secret}"


@changes
def real(out: Output, client_id: str, data: Data = None, database: Database = None) -> None:
    """End the test mode of an application, which goes on; its accounts for tests are removed.

    keycell admin client real notes
    keycell admin client real notes --dry-run
    keycell admin client real notes --data data
    """
    where, path = (data, database, out.profile), f"clients/{part(client_id)}"
    change(out, where, "DELETE", f"{path}/test", look=f"{path}/test-accounts")
    out.changed(done(client_id, "changed"), f"{client_id} is in test mode no longer",
                f"{client_id} would be in test mode no longer")  # fmt: skip
