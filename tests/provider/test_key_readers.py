"""Which application fetched our published keys: as a process hears it, and as it is kept."""

from datetime import UTC, datetime, timedelta

from keycell.bootstrap import World
from keycell.provider.key_readers import KEPT, MOST, NOTED_AGAIN_AFTER, KeyReaders, KeyReading

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_a_look_is_an_applications_whose_tokens_are_asked_for_from_there() -> None:
    """UX-X50: given once; of somebody unknown nothing is told, whenever they came."""
    readers = KeyReaders()
    readers.fetched("10.0.0.1", 10.0)
    readers.fetched("10.0.0.9", 10.0)
    assert readers.take(15.0, NOW) == []
    readers.came("wiki", "10.0.0.1")
    readers.came("wiki", "10.0.0.2")
    at = NOW - timedelta(seconds=5)
    assert readers.take(15.0, NOW) == [KeyReading("wiki", "10.0.0.1", at)]
    assert readers.take(16.0, NOW) == []
    readers.fetched("10.0.0.1", 10.0 + NOTED_AGAIN_AFTER - 1)
    assert readers.take(80.0, NOW) == []
    readers.fetched("10.0.0.1", 80.0)
    assert readers.take(80.0, NOW) == [KeyReading("wiki", "10.0.0.1", NOW)]


def test_strangers_fill_no_memory() -> None:
    """UX-X50: the latest stay."""
    readers = KeyReaders()
    for number in range(MOST + 50):
        readers.fetched(f"ip{number}", 0.0)
        readers.came("wiki", f"ip{number}")
    assert len(readers.take(0.0, NOW)) == MOST


async def test_the_latest_look_is_kept_for_a_while(world: World) -> None:
    """UX-X50."""
    store = world.keys.store
    early, late = NOW, NOW + timedelta(hours=1)
    await store.note([KeyReading("my wiki", "10.0.0.1", early), KeyReading("b", "::1", early)])
    await store.note([KeyReading("my wiki", "10.0.0.1", late)])
    assert await store.readings(late) == [
        KeyReading("my wiki", "10.0.0.1", late), KeyReading("b", "::1", early),
    ]  # fmt: skip
    assert await store.readings(early + KEPT) == [KeyReading("my wiki", "10.0.0.1", late)]
