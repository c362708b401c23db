"""`keycell admin migrate`: the tables of this version, without starting a server."""

import asyncio

from keycell.cli.output import Exit, fail, sentence_of
from keycell.cli.showing import Output, changes_here
from keycell.cli.store import Data, Database, away, store_settings


@changes_here
def migrate(out: Output, data: Data = None, database: Database = None) -> None:
    """Bring the database to the tables of this version; `serve` does it by itself.

    keycell admin migrate --data data
    keycell admin migrate --data data --dry-run
    keycell admin migrate --database postgresql://db.example/keycell
    """
    from keycell.stores.migrate import VERSIONS, FromLaterVersion, is_current
    from keycell.stores.migrate import migrate as bring_up_to_date

    url = store_settings(data, database).database_url

    async def work() -> bool:
        if await is_current(url):
            return False
        if not out.dry_run:
            await bring_up_to_date(url)
        return True

    try:
        has_changed = asyncio.run(work())
    except FromLaterVersion as error:
        fail(str(error), Exit.CONFLICT)
    except away() as error:
        fail(sentence_of(error), Exit.UNAVAILABLE)
    version = VERSIONS[-1]
    did, would = ("brought to", "would be brought to") if has_changed else ("of", "are of")
    out.changed({"version": version, "is_changed": has_changed},
                f"the tables are {did} version {version}",
                f"the tables {would} version {version}")  # fmt: skip
