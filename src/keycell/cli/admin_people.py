"""`keycell admin user import`: people from a table."""

from pathlib import Path

from keycell.cli.administering import administer
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, changes
from keycell.cli.store import Data, Database


@changes
def import_(
    out: Output,
    file: Path,
    data: Data = None,
    database: Database = None,
) -> None:
    """Add people from a table (CSV: login,name,email,group,roles), all of them or none.

    keycell admin user import people.csv --dry-run
    keycell admin user import people.csv
    keycell admin user import people.csv --jq .counts
    """
    try:
        table = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file}: {error}", Exit.USAGE, "a table of UTF-8, its first line names the columns")
    told = administer(
        (data, database, out.profile), "POST", "user-import", table=table, is_dry_run=out.dry_run
    )
    lines = [
        "\t".join([str(one["line"]), one["result"], one["login"], one["why"]]).rstrip()
        for one in told["items"]
    ]
    show(told, lines, as_json=out.as_json)
    counts = told["counts"]
    if counts["refused"]:
        fail(
            f"{counts['refused']} of {len(told['items'])} rows are refused, and nobody was added",
            Exit.USAGE,
            "mend these rows of the table, and import it again",
        )
