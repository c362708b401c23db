"""What clients of the old system ask to find their way."""

from ...conftest import BASE, Browser
from .people import Person, alice, root

__all__ = ["alice", "root"]


async def test_the_way_is_told_to_anybody(browser: Browser, alice: Person) -> None:
    """CELLS.md 4."""
    told = (await browser.http.get("/a/config/discovery")).json()
    assert told["Endpoints"]["s3"] == f"{BASE}/io"
    assert "Version" not in told
    assert (await alice.asks("GET", "config/discovery"))["Version"]
    booted = (await browser.http.get("/a/frontend/bootconf")).json()
    assert booted["ENDPOINT_REST_API"] == f"{BASE}/a"


async def test_the_place_of_bytes_has_a_name(root: Person) -> None:
    """CELLS-CLIENT.md 3.7."""
    told = await root.asks("GET", "config/datasource")
    assert told == {"DataSources": [{"Name": "keycell", "StorageType": "LOCAL"}], "Total": 1}
