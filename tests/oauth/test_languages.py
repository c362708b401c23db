"""What a client registered in several languages, and which of it is shown to whom."""

from datetime import UTC, datetime

import pytest

from keycell.oauth.clients import Client
from keycell.oauth.languages import in_language
from keycell.oauth.registration import read_client_metadata

APP = Client(
    client_id="app",
    metadata=read_client_metadata(
        {
            "redirect_uris": ["https://app.example/cb"], "client_name": "Mill",
            "client_name#fr": "Moulin", "client_name#fr-CA": "Moulin du Nord",
            "client_name#DE-ch": "M\u00fchle", "tos_uri#fr": "https://app.example/fr",
        }
    ),
    came_by="registration",
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "name"),
    [("fr", "Moulin"), ("fr-ca", "Moulin du Nord"), ("fr-BE", "Moulin"), ("de", "M\u00fchle"),
     ("en", "Mill"), ("f", "Mill"), ("", "Mill")],
)  # fmt: skip
def test_the_nearest_language_is_shown(language: str, name: str) -> None:
    """RFC7591-2.2, OIDCR-2.1, RFC5646-2.1.1."""
    assert in_language(APP, "client_name", language) == name


def test_where_there_is_nothing_in_a_language_there_may_be_nothing() -> None:
    """OIDCR-2.1."""
    assert in_language(APP, "tos_uri", "fr") == "https://app.example/fr"
    assert in_language(APP, "tos_uri", "de") is None
    assert in_language(APP, "policy_uri", "fr") is None
