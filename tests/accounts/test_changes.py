"""What a change made different: told by name, without secrets, and no longer than can be read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keycell.accounts.changes import HIDDEN, account_changes, client_changes
from keycell.accounts.people import Account
from keycell.oauth.access_rules import AccessRule
from keycell.oauth.clients import Client, ClientMetadata, FormerSecret

AT = datetime(2026, 1, 1, tzinfo=UTC)
CLIENT = Client(
    client_id="wiki", came_by="cli", created_at=AT,
    metadata=ClientMetadata(redirect_uris=("https://wiki.example/cb",), client_name="Wiki"),
)  # fmt: skip
ANN = Account(sub="s", login="ann", created_at=AT, updated_at=AT)


def test_an_application_is_told_as_it_was_and_as_it_is() -> None:
    """UX-X41."""
    after = replace(
        CLIENT,
        metadata=replace(CLIENT.metadata, client_name="Notes", scope=frozenset({"openid", "a"})),
        access=AccessRule(groups=("/staff",)),
        revoke_refresh_after=timedelta(days=1),
        disabled=True,
    )
    assert client_changes(CLIENT, CLIENT) == {}
    assert client_changes(CLIENT, after) == {
        "client_name": ["Wiki", "Notes"],
        "scope": [None, ["a", "openid"]],
        "revoke_refresh_after": [None, 86400],
        "disabled": [False, True],
        "access.groups": [[], ["/staff"]],
    }


def test_no_secret_is_in_it() -> None:
    after = replace(
        CLIENT, former_secret=FormerSecret(AT, "d1gest", "hm4c"), registration_digest="s3cret",
        secret_digest="s3cret", secret_hmac="s3cret", secret_sealed="s3cret",
        secret_expires_at=AT, secret_made_at=AT,
    )  # fmt: skip
    assert client_changes(CLIENT, after) == {"secret_made_at": [None, AT.isoformat()]}
    assert account_changes(ANN, replace(ANN, password_hash="s3cret")) == {}


def test_what_a_person_says_of_themselves_is_not_repeated() -> None:
    after = replace(ANN, name="Ann", is_admin=True, claims={"birthdate": "1990-01-01"})
    assert account_changes(ANN, after) == {
        "name": ["", "Ann"], "is_admin": [False, True], "claims.birthdate": [None, HIDDEN],
    }  # fmt: skip


def test_it_can_be_read_however_long_it_was() -> None:
    keys = replace(CLIENT.metadata, jwks="k" * 5000, contacts=("c",) * 500)
    told = client_changes(CLIENT, replace(CLIENT, metadata=keys))
    assert told["jwks"] == [None, "k" * 300 + HIDDEN]
    contacts = told["contacts"][1]
    assert isinstance(contacts, list)
    assert len(contacts) == 50
