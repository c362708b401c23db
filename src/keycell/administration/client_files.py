"""An application as a document, to be kept, compared, or brought to another server.

All that an administrator says of it is in it, and no secret: where it is brought in, it gets a
new one. People are named by their logins, which must be there, as must groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, TypeVar

import msgspec

from keycell.accounts.errors import Invalid
from keycell.administration.client_access import Rule, Ruling, read_rule, view_of_rule
from keycell.administration.client_acting import Acting, ActingRuled, read_acting, view_of_acting
from keycell.administration.client_tokens import (
    Lasting,
    LifetimesView,
    lasting_view,
    with_lifetimes,
)
from keycell.administration.clients import ClientAdded, Named, keep, view_once
from keycell.administration.office import Clash, Office, check_foreign
from keycell.oauth.clients import Client, is_client_id
from keycell.oauth.errors import quote
from keycell.oauth.native_sso import read_suite
from keycell.oauth.registration import Policy, read_client_metadata, to_document
from keycell.oauth.sectors import check_pairwise
from keycell.oauth.sentences import phrase
from keycell.provider.register import has_same_secret, make_client, with_metadata

FORMAT = 1
_KIND = "keycell-client"
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """An application's document, as it was exported; whether it may replace the one there is."""

    document: Mapping[str, Any]
    is_replacing: bool = False
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What a document says."""

    kind: str
    format: int
    client_id: str
    metadata: dict[str, Any]
    require_pkce: bool = True
    is_disabled: bool = False
    suite: str = ""
    tokens: dict[str, Any] = field(default_factory=dict)
    access: dict[str, Any] = field(default_factory=dict)
    acting: dict[str, Any] = field(default_factory=dict)


class ClientFile(TypedDict):
    """An application as a document; no secret is in it."""

    kind: str
    format: int
    client_id: str
    metadata: dict[str, Any]
    require_pkce: bool
    is_disabled: bool
    suite: str
    tokens: LifetimesView
    access: Rule
    acting: ActingRuled


async def exported(office: Office, asked: Named) -> ClientFile:
    """Give an application as a document; no secret is in it."""
    client = await office.foreign_client(asked.client_id)
    access, acting = await view_of_rule(office, client), await view_of_acting(office, client)
    return {
        "kind": _KIND,
        "format": FORMAT,
        "client_id": client.client_id,
        "metadata": to_document(client.metadata),
        "require_pkce": client.require_pkce,
        "is_disabled": client.disabled,
        "suite": client.suite,
        "tokens": lasting_view(client),
        "access": {
            "people": access["people"],
            "groups": access["groups"],
            "roles": access["roles"],
            "networks": access["networks"],
            "acr": access["acr"],
        },
        "acting": {
            "applications": acting["applications"],
            "people": acting["people"],
            "groups": acting["groups"],
            "for_people": acting["for_people"],
            "for_groups": acting["for_groups"],
            "may_act": acting["may_act"],
        },
    }


async def brought(office: Office, asked: Bringing) -> ClientAdded:
    """Register what a document says, or change the one there is; a new secret is shown once."""
    form = _read(asked.document, _Form)
    if form.kind != _KIND or form.format != FORMAT:
        raise Invalid("document", "client-document",
                      phrase("this is no application as Keycell exports them"))  # fmt: skip
    if not is_client_id(form.client_id):
        raise Invalid("client_id", "client-id", f"no client can be {quote(form.client_id)}")
    before = await office.provider.clients.find(form.client_id)
    if before is not None:
        check_foreign(before)
        if not asked.is_replacing:
            raise Clash(phrase("there is a client %(client_id)s already",
                               client_id=form.client_id))  # fmt: skip
    checked = read_client_metadata(form.metadata, Policy(allows_http=office.allows_http))
    check_pairwise(checked)
    made = make_client(office.provider, checked, "cli", client_id=form.client_id)
    ruled = await _ruled(office, form, made.client)
    if asked.is_dry_run:
        return view_once(ruled, None)
    if before is None:
        event = office.event("client.added", form.client_id, form.client_id)
        if not await office.provider.clients.add(ruled, event):
            raise Clash(phrase("there is a client %(client_id)s already",
                               client_id=form.client_id))  # fmt: skip
        return view_once(ruled, made.secret)
    kept = await keep(office, form.client_id, lambda now: _replaced(now, ruled))
    return view_once(kept, None)


async def _ruled(office: Office, form: _Form, client: Client) -> Client:
    named = {"client_id": form.client_id}
    kept = with_lifetimes(office, client, _read({**form.tokens, **named}, Lasting))
    return replace(
        kept,
        require_pkce=form.require_pkce or client.is_public,
        disabled=form.is_disabled,
        suite=read_suite(form.suite),
        access=await read_rule(office, _read({**form.access, **named}, Ruling)),
        acting=await read_acting(office, _read({**form.acting, **named}, Acting)),
    )


def _replaced(now: Client, wanted: Client) -> Client:
    """Give an application what a document says; its secret stays."""
    method = wanted.metadata.token_endpoint_auth_method
    if not has_same_secret(method, now.metadata.token_endpoint_auth_method):
        raise Invalid(
            "token_endpoint_auth_method", "auth-method",
            f"{method} needs another secret: register the application anew",
        )  # fmt: skip
    return replace(
        with_metadata(now, wanted.metadata), require_pkce=wanted.require_pkce,
        disabled=wanted.disabled, suite=wanted.suite, access=wanted.access,
        acting=wanted.acting, access_token_lifetime=wanted.access_token_lifetime,
        id_token_lifetime=wanted.id_token_lifetime,
        revoke_refresh_after=wanted.revoke_refresh_after,
        access_token_format=wanted.access_token_format,
    )  # fmt: skip


def _read(said: Mapping[str, Any], form: type[Part]) -> Part:
    try:
        return msgspec.convert(dict(said), form, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid("document", "client-document", str(error)) from None
