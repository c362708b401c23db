"""The issuers whose assertions are taken for people. RFC7523-2.1."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

from keycell.accounts.errors import Invalid
from keycell.administration.call import Items, Nothing
from keycell.administration.office import Clash, NotThere, Office
from keycell.oauth.jwt_bearer import TrustedIssuer, check_subjects, read_trusted_issuer
from keycell.oauth.scope import format_scope

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedIssuer:
    """An issuer, by what ``iss`` of its assertions says."""

    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusting:
    """An issuer, whole. ``subjects`` says which account, by its login, each of its subjects is."""

    issuer: str
    clients: tuple[str, ...] = ()
    scope: str = ""
    label: str = ""
    jwks: Any = None
    jwks_uri: str | None = None
    match: str = "listed"
    subjects: Mapping[str, str] = field(default_factory=dict)


class IssuerView(TypedDict):
    """An issuer whose assertions are taken: by which clients, and which accounts its subjects are.

    A subject whose account is gone is null.
    """

    issuer: str
    label: str
    clients: list[str]
    scope: str
    jwks_uri: str | None
    has_jwks: bool
    match: str
    subjects: dict[str, str | None]


class IssuerNamed(TypedDict):
    """The issuer that it was done to."""

    issuer: str


async def listed(office: Office, _asked: Nothing) -> Items[IssuerView]:
    """List the issuers."""
    return {"items": [await _view(office, one) for one in await office.provider.issuers.all()]}


async def trusted(office: Office, asked: Trusting) -> IssuerView:
    """Trust an issuer, or trust it otherwise: what is said replaces what was."""
    document = {
        "issuer": asked.issuer, "clients": list(asked.clients), "scope": asked.scope,
        "label": asked.label, "jwks": asked.jwks, "jwks_uri": asked.jwks_uri,
        "match": asked.match,
    }  # fmt: skip
    read = read_trusted_issuer(document, office.provider.issuer)
    for client_id in read.clients:
        client = await office.client(client_id)
        if client.is_public or client.is_first_party:
            raise Invalid("clients", "clients", f"{client_id} can take no assertions: it is "
                          "public, or one of Keycell's own clients")  # fmt: skip
    check_subjects(asked.subjects)
    subjects = [
        (subject, (await office.account(login)).sub)
        for subject, login in sorted(asked.subjects.items())
    ]
    kept = replace(read, subjects=tuple(subjects))
    event = office.event("issuer.trusted", kept.issuer)
    if not await office.provider.issuers.put(kept, MOST, event):
        raise Clash(f"there are {MOST} issuers already; remove one that is needed no longer")
    return await _view(office, kept)


async def removed(office: Office, asked: NamedIssuer) -> IssuerNamed:
    """Trust an issuer no longer; what it was given ends within ten minutes by itself."""
    event = office.event("issuer.removed", asked.issuer)
    if not await office.provider.issuers.remove(asked.issuer, event):
        raise NotThere(f"there is no trusted issuer {asked.issuer[:100]}")
    return {"issuer": asked.issuer}


async def _view(office: Office, one: TrustedIssuer) -> IssuerView:
    subjects = {}
    for subject, sub in one.subjects:
        account = await office.people.accounts.find(sub)
        subjects[subject] = account.login if account is not None else None
    return {
        "issuer": one.issuer,
        "label": one.label,
        "clients": list(one.clients),
        "scope": format_scope(one.scope),
        "jwks_uri": one.jwks_uri,
        "has_jwks": one.jwks is not None,
        "match": one.match,
        "subjects": subjects,
    }
