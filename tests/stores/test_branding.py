"""How the installation shows itself is known at once, and is in memory. UX-L19, UX-X54."""

import asyncio
from dataclasses import replace

import pytest

from keycell.accounts.branding import Branding, Brandings, Shown, published, undone, with_logo
from keycell.accounts.logos import drawn_anew
from keycell.stores.branding import NAME, SqlBrandingStore
from keycell.stores.database import Database
from keycell.stores.opening import open_database
from keycell.stores.versions import Versions

from ..logos import png
from .conftest import EVENT

ACME = Branding(name="Acme", accent="#ffcc00")
LOGO, CONTENT = drawn_anew(png(4, 2))
OTHER, OTHERS = drawn_anew(png(2, 4))


@pytest.fixture
async def store(database: Database) -> SqlBrandingStore:
    made = SqlBrandingStore(database)
    await made.load()
    return made


def drafted(kept: Brandings) -> Brandings:
    return replace(kept, draft=with_logo(ACME, "light", LOGO))


async def test_where_nothing_was_set_it_is_keycell(store: SqlBrandingStore) -> None:
    assert await store.all() == Brandings()
    assert store.shown == Shown()


async def test_a_draft_is_seen_by_nobody_until_it_is_published(
    store: SqlBrandingStore, database: Database
) -> None:
    """UX-X54: and other processes are told then."""
    elsewhere, told = SqlBrandingStore(database), []
    versions = Versions(database)
    versions.watch(NAME, lambda: told.append(NAME))
    kept = await store.change(drafted, {LOGO.digest: CONTENT}, None)
    await versions.look()
    assert kept.draft.light == LOGO
    assert (store.shown, told) == (Shown(), [])
    await store.change(published, {}, EVENT)
    await versions.look()
    assert told == [NAME]
    assert store.shown == Shown(kept.draft, {LOGO.digest: CONTENT})
    assert elsewhere.shown == Shown()
    await elsewhere.load()
    assert elsewhere.shown == store.shown
    await store.change(undone, {}, EVENT)
    assert store.shown == Shown()
    assert (await elsewhere.all()).former == kept.draft


async def test_a_logo_is_kept_as_long_as_something_has_it(store: SqlBrandingStore) -> None:
    await store.change(drafted, {LOGO.digest: CONTENT}, None)
    await store.change(published, {}, EVENT)
    other = replace(ACME, light=OTHER)
    await store.change(lambda kept: replace(kept, draft=other), {OTHER.digest: OTHERS}, None)
    assert await store.logo(LOGO.digest) == CONTENT
    await store.change(published, {}, EVENT)
    assert await store.logo(LOGO.digest) == CONTENT
    await store.change(lambda kept: replace(kept, draft=ACME), {}, None)
    assert await store.logo(OTHER.digest) == OTHERS
    await store.change(published, {}, EVENT)
    assert await store.logo(LOGO.digest) is None
    assert await store.logo(OTHER.digest) == OTHERS


async def test_of_changes_at_once_none_is_lost(store: SqlBrandingStore) -> None:
    """UX-X54: two who work on the draft each find what the other changed."""
    await store.change(drafted, {LOGO.digest: CONTENT}, None)

    def longer(kept: Brandings) -> Brandings:
        return replace(kept, draft=replace(kept.draft, name=kept.draft.name + "!"))

    await asyncio.gather(*(store.change(longer, {}, None) for _ in range(10)))
    assert (await store.all()).draft.name == "Acme" + 10 * "!"


async def test_of_the_very_first_changes_at_once_none_is_lost(url: str) -> None:
    """UX-X54: in several processes, where there is no draft yet that could be locked."""
    databases = [await open_database(url) for _ in range(4)]
    stores = [SqlBrandingStore(one) for one in databases]

    def longer(kept: Brandings) -> Brandings:
        return replace(kept, draft=replace(kept.draft, name=kept.draft.name + "!"))

    # Each has a connection, so that they begin at once.
    await asyncio.gather(*(one.all() for one in stores))
    await asyncio.gather(*(one.change(longer, {}, None) for one in stores))
    assert (await stores[0].all()).draft.name == "Keycell!!!!"
    for one in databases:
        await one.close()


async def test_published_twice_at_once_what_was_before_is_not_lost(
    store: SqlBrandingStore,
) -> None:
    """UX-X54: a second click publishes nothing else, and the way back stays."""
    await store.change(drafted, {LOGO.digest: CONTENT}, None)
    await asyncio.gather(*(store.change(published, {}, EVENT) for _ in range(5)))
    kept = await store.all()
    assert kept.published == kept.draft
    assert kept.former == Branding()
