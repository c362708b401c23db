"""What people chose, in SQL: of choices at once none undoes another, and none outlives them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from keycell.accounts.preferences import THEMES, Preferences
from keycell.files.errors import NotFound
from keycell.stores.database import Database
from keycell.stores.opening import open_database
from keycell.stores.preferences import SqlPreferenceStore

from .conftest import NOW, add_person


async def test_of_two_choices_at_once_neither_undoes_the_other(
    database: Database, url: str
) -> None:
    await add_person(database, "ann")
    other = await open_database(url)
    here, there = SqlPreferenceStore(database), SqlPreferenceStore(other)
    for number in range(20):
        theme, known_at = THEMES[number % 3], NOW + timedelta(days=number)
        await asyncio.gather(
            here.change("ann", partial(replace, theme=theme)),
            there.change("ann", partial(replace, known_at=known_at)),
        )
        assert await here.find("ann") == Preferences(theme=theme, known_at=known_at)
    await other.close()


async def test_who_is_gone_chooses_nothing(database: Database) -> None:
    store = SqlPreferenceStore(database)
    with pytest.raises(NotFound):
        await store.change("ann", lambda _: Preferences(theme="dark"))
    assert await store.find("ann") == Preferences()
