"""The plugin of pytest: a real provider for the tests of whatever signs people in.

Every run of pytest beside which Keycell is installed loads this, so nothing of the server is
imported before a test asks for it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from keycell.testing.running import RunningProvider


@pytest.fixture(scope="session")
def keycell_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator["RunningProvider"]:
    """Give a provider at a port of this machine; it is one for the whole run."""
    from keycell.testing.running import running  # noqa: PLC0415  (needs keycell[server])

    with running(tmp_path_factory.mktemp("keycell")) as provider:
        yield provider
