"""Registered applications."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, NotRequired, TypedDict, cast, get_args

from keycell.accounts.errors import Invalid
from keycell.accounts.people import check_name
from keycell.administration.call import Items, Moment
from keycell.administration.office import Clash, Office, check_foreign
from keycell.oauth.clients import Client, ClientMetadata, is_client_id
from keycell.oauth.errors import quote
from keycell.oauth.grants import digest
from keycell.oauth.legacy_clients import LegacyClient, find_static_clients, read_legacy_clients
from keycell.oauth.redirect_uris import check_redirect_uris
from keycell.oauth.registration import Policy, read_client_metadata, to_document
from keycell.oauth.response_types import IMPLICIT
from keycell.oauth.sectors import check_pairwise
from keycell.oauth.token import AUTHORIZATION_CODE, BACKCHANNEL, DEVICE_CODE
from keycell.provider.register import (
    has_same_secret,
    make_client,
    make_legacy_client,
    with_metadata,
)
from keycell.provider.test_mode import LASTS, remove_testers

Kind = Literal["server", "device", "service", "own"]
"""A web application; one that keeps no secret; one that nobody signs in to; or Keycell's own."""
KINDS: Sequence[Kind] = get_args(Kind)
Result = Literal["added", "replaced", "left alone: it is one of Keycell's own"]
"""What became of a client of an old configuration."""
_SIGNS_IN = frozenset({AUTHORIZATION_CODE, BACKCHANNEL, DEVICE_CODE, IMPLICIT})
_MOST_USES = 10_000
_MOST_HOURS = 8760


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An application, by its identifier."""

    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """A new application. ``metadata`` is RFC 7591's and OpenID's."""

    metadata: Mapping[str, Any]
    client_id: str | None = None
    is_opaque: bool = False
    needs_pkce: bool = True
    is_test: bool = False
    """In test mode: it ends by itself in 30 days, and may have accounts for tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """Metadata that is to be different, the rest stays; and whether it is disabled."""

    client_id: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_disabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """An old configuration."""

    document: Any
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inviting:
    """An initial access token: for whom, how many registrations, for how long."""

    label: str = ""
    uses: int = 1
    hours: int = 24


class Registered(TypedDict, total=False):
    """What an application registered, by the names of RFC 7591 and OpenID: these, and others."""

    client_name: str
    client_uri: str
    logo_uri: str
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    response_types: list[str]
    grant_types: list[str]
    application_type: str
    contacts: list[str]
    scope: str
    jwks_uri: str
    jwks: dict[str, Any]
    subject_type: str
    profile: str


class ClientView(Registered):
    """An application, with all that it registered; never a secret."""

    client_id: str
    token_endpoint_auth_method: str
    came_by: str
    kind: Kind
    is_first_party: bool
    is_disabled: bool
    require_pkce: bool
    access_token_format: Literal["jwt", "opaque"]
    suite: str
    created_at: Moment
    secret_made_at: Moment | None
    former_secret_until: Moment | None
    test_until: Moment | None
    """It is in test mode until then, and refused from then on."""


class ClientAdded(ClientView):
    """An application, and its secret if it has one: shown this once."""

    client_secret: NotRequired[str]


class ClientNamed(TypedDict):
    """The application that it was done to."""

    client_id: str


class Imported(TypedDict):
    """What became of a client of an old configuration."""

    client_id: str
    result: Result


class InitialToken(TypedDict):
    """By this an application registers itself; it is shown this once."""

    initial_access_token: str


def kind_of(client: Client) -> Kind:
    """Tell how people meet an application, if they do."""
    if client.is_first_party:
        return "own"
    if not _SIGNS_IN.intersection(client.metadata.grant_types):
        return "service"
    return "device" if client.is_public else "server"


def view(client: Client) -> ClientView:
    """Give what is shown of a client; never a secret."""
    told = {
        "client_id": client.client_id,
        **to_document(client.metadata),
        "came_by": client.came_by,
        "kind": kind_of(client),
        "is_first_party": client.is_first_party,
        "is_disabled": client.disabled,
        "require_pkce": client.needs_pkce,
        "access_token_format": client.access_token_format,
        "suite": client.suite,
        "created_at": client.created_at.isoformat(),
        "secret_made_at": client.secret_made_at and client.secret_made_at.isoformat(),
        "former_secret_until": client.former_secret and client.former_secret.until.isoformat(),
        "test_until": client.test_until and client.test_until.isoformat(),
    }
    # Which members there are depends on what it registered.
    return cast("ClientView", told)


def view_once(client: Client, secret: str | None) -> ClientAdded:
    """Give what is shown of a client that was just made, this once with its secret."""
    told = cast("ClientAdded", view(client))
    if secret is not None:
        told["client_secret"] = secret
    return told


async def shown(office: Office, asked: Named) -> ClientView:
    """Show an application."""
    return view(await office.client(asked.client_id))


async def added(office: Office, asked: Adding) -> ClientAdded:
    """Register an application; its secret is shown once."""
    if asked.client_id and not is_client_id(asked.client_id):
        # It would stand in the list, and nobody could find or remove it.
        raise Invalid("client_id", "client-id", f"no client can be {quote(asked.client_id)}")
    checked = read_client_metadata(asked.metadata, Policy(allows_http=office.allows_http))
    check_pairwise(checked)
    made = make_client(office.provider, checked, "cli", client_id=asked.client_id)
    client = replace(
        made.client,
        access_token_format="opaque" if asked.is_opaque else "jwt",
        require_pkce=made.client.require_pkce and asked.needs_pkce,
        test_until=made.client.created_at + LASTS if asked.is_test else None,
    )
    event = office.event("client.added", client.client_id, client.client_id)
    if not await office.provider.clients.add(client, event):
        raise Clash(f"there is a client {client.client_id} already")
    return view_once(client, made.secret)


async def changed(office: Office, asked: Changing) -> ClientView:
    """Change an application."""
    client = await office.client(asked.client_id)
    return view(await keep(office, client.client_id, lambda now: _changed(office, now, asked)))


def _changed(office: Office, client: Client, asked: Changing) -> Client:
    off = client.disabled if asked.is_disabled is None else asked.is_disabled
    if not asked.metadata:
        # What it registered may be held to more by now; it is switched off all the same.
        return replace(client, disabled=off)
    document = {**to_document(client.metadata), **asked.metadata}
    checked = read_client_metadata(document, Policy(allows_http=True))
    check_pairwise(checked)
    check_foreign(client)
    if not office.allows_http:
        _check_new(client.metadata, checked)
    method = checked.token_endpoint_auth_method
    if not has_same_secret(method, client.metadata.token_endpoint_auth_method):
        raise Invalid(
            "token_endpoint_auth_method", "auth-method",
            f"{method} needs another secret: register the application anew",
        )  # fmt: skip
    return replace(with_metadata(client, checked), disabled=off)


def _check_new(before: ClientMetadata, after: ClientMetadata) -> None:
    """Hold addresses that were not there to what this server allows; those of before stay."""
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        kept = set(getattr(before, name))
        new = [uri for uri in getattr(after, name) if uri not in kept]
        # Which schemes it may have was seen when it was read.
        check_redirect_uris(new, is_public=True)


async def removed(office: Office, asked: Named) -> ClientNamed:
    """Remove an application; everything granted to it ends."""
    client = await office.foreign_client(asked.client_id)
    await remove_testers(office.people, client.client_id, office.by.actor, office.by.origin)
    event = office.event("client.removed", client.client_id, client.client_id)
    await office.provider.clients.remove(client.client_id, event.at, event)
    return {"client_id": client.client_id}


async def imported(office: Office, asked: Importing) -> Items[Imported]:
    """Import the static clients of an old configuration."""
    methods = await _methods(office, asked.document)
    found = read_legacy_clients(asked.document, office.origins, methods)
    return {
        "items": [
            {"client_id": one.client_id,
             "result": await _import_one(office, one, is_dry_run=asked.is_dry_run)}
            for one in found
        ]
    }  # fmt: skip


async def _methods(office: Office, document: object) -> dict[str, str]:
    """Say how the clients that exist authenticate."""
    methods: dict[str, str] = {}
    for one in find_static_clients(document):
        client_id = one.get("client_id") if isinstance(one, dict) else None
        client = (
            await office.provider.clients.find(client_id) if isinstance(client_id, str) else None
        )
        if client is not None:
            methods[client.client_id] = client.metadata.token_endpoint_auth_method
    return methods


async def _import_one(office: Office, legacy: LegacyClient, *, is_dry_run: bool) -> Result:
    before = await office.provider.clients.find(legacy.client_id)
    if before is not None and before.is_first_party:
        return "left alone: it is one of Keycell's own"
    client = make_legacy_client(office.provider, legacy, before, "static")
    if not is_dry_run and before is not None:

        def change(now: Client) -> Client:
            return make_legacy_client(office.provider, legacy, now, "static")

        await keep(office, client.client_id, change)
    elif not is_dry_run:
        event = office.event("client.added", client.client_id, client.client_id)
        await office.provider.clients.add(client, event)
    return "added" if before is None else "replaced"


async def invited(office: Office, asked: Inviting) -> InitialToken:
    """Make an initial access token, by which an application registers itself. RFC7591-3."""
    if not 1 <= asked.uses <= _MOST_USES or not 1 <= asked.hours <= _MOST_HOURS:
        raise Invalid(
            "uses", "invitation",
            f"expected 1 to {_MOST_USES} uses and 1 to {_MOST_HOURS} hours",
        )  # fmt: skip
    label = check_name(asked.label)
    token = f"kcinit_{office.provider.mint()}"
    event = office.event("invitation.made", label, label)
    until = event.at + timedelta(hours=asked.hours)
    await office.provider.clients.keep_initial_token(
        digest(token), label, asked.uses, until, event
    )
    return {"initial_access_token": token}


async def keep(office: Office, client_id: str, change: Callable[[Client], Client]) -> Client:
    """Keep what is changed of a client, and whatever others changed of it meanwhile."""
    event = office.event("client.changed", client_id, client_id)
    kept = await office.provider.clients.update(client_id, change, event)
    if kept is None:
        raise Clash(f"{client_id} was removed meanwhile")
    return kept
