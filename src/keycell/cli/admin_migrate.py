"""`keycell admin migrate`: the tables of this version, without starting a server."""

import asyncio

from keycell.cli.output import Exit, fail, sentence_of
from keycell.cli.showing import Output, shows_here
from keycell.cli.store import Data, Database, away, store_settings


@shows_here
def migrate(out: Output, data: Data = None, database: Database = None) -> None:
    """Bring the database to the tables of this version; `serve` does it by itself.

    keycell admin migrate --data data
    """
    from keycell.stores.migrate import VERSIONS, FromLaterVersion, is_current
    from keycell.stores.migrate import migrate as bring_up_to_date

    url = store_settings(data, database).database_url

    async def work() -> bool:
        if await is_current(url):
            return False
        await bring_up_to_date(url)
        return True

    try:
        has_changed = asyncio.run(work())
    except FromLaterVersion as error:
        fail(str(error), Exit.CONFLICT)
    except away() as error:
        fail(sentence_of(error), Exit.UNAVAILABLE)
    said = "brought to" if has_changed else "of"
    told = {"version": VERSIONS[-1], "is_changed": has_changed}
    out.said(told, f"the tables are {said} version {VERSIONS[-1]}")
