"""What a server says of itself."""

import pytest

from keycell.client.discovery import Metadata
from keycell.client.errors import NotKeycell

NO_ADDRESSES = ("http://[::g]/", "http://x:port/", "http://..", "https://", "ftp://x/token",
                "/token", "", "a\x00b")  # fmt: skip


@pytest.mark.parametrize("said", NO_ADDRESSES)
def test_an_endpoint_is_an_address(said: str) -> None:
    """OIDCD-3: what is none is said to be none, and nothing is sent."""
    metadata = Metadata("https://x/oidc", {"token_endpoint": said})
    with pytest.raises(NotKeycell, match="no address"):
        metadata.endpoint("token_endpoint")
    good = "https://x/oauth2/token"
    assert Metadata("https://x/oidc", {"token_endpoint": good}).endpoint("token_endpoint") == good
