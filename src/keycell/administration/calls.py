"""Every word of administration, in one table: its address below `PREFIX`, and what does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import msgspec

from keycell.administration import clients, groups, people, tokens, watching
from keycell.administration.office import Document, Nothing, Office
from keycell.oauth.errors import InvalidRequest

PREFIX = "/a/keycell/admin/"


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked for, as which value, and what does it."""

    asks: type
    act: Callable[[Office, Any], Awaitable[Document]]

    async def answer(self, office: Office, said: Mapping[str, object]) -> Document:
        """Do what is asked; raise InvalidRequest where it is not said as it must be."""
        try:
            asked: object = msgspec.convert(said, self.asks, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidRequest(str(error)) from None
        return await self.act(office, asked)


def find_call(method: str, path: str) -> tuple[Call, dict[str, str]]:
    """Give the call of an address whose parts are quoted, with the names in it."""
    parts = path.split("/")
    for template, calls in CALLS.items():
        names = template.split("/")
        if len(names) != len(parts) or method not in calls:
            continue
        found = {
            name[1:-1]: unquote(part)
            for name, part in zip(names, parts, strict=True)
            if name.startswith("{")
        }
        if [found.get(name[1:-1], name) for name in names] == [unquote(one) for one in parts]:
            return calls[method], found
    raise KeyError(f"{method} {path}")


CALLS: Mapping[str, Mapping[str, Call]] = {
    "users": {
        "GET": Call(Nothing, people.listed),
        "POST": Call(people.Adding, people.added),
    },
    "users/{login}": {
        "GET": Call(people.Named, people.shown),
        "PUT": Call(people.Changing, people.changed),
        "DELETE": Call(people.Removing, people.removed),
    },
    "users/{login}/password": {"PUT": Call(people.Password, people.given_password)},
    "users/{login}/disable": {"POST": Call(people.Named, people.disabled)},
    "users/{login}/enable": {"POST": Call(people.Named, people.enabled)},
    "users/{login}/sessions": {
        "GET": Call(people.Named, people.sessions),
        "DELETE": Call(people.Named, people.signed_out),
    },
    "users/{login}/tokens": {
        "GET": Call(people.Named, tokens.listed),
        "POST": Call(tokens.Making, tokens.made),
    },
    "users/{login}/tokens/{token_id}": {"DELETE": Call(tokens.Ending, tokens.ended)},
    "groups": {
        "GET": Call(Nothing, groups.groups),
        "POST": Call(groups.AddingGroup, groups.added),
        "DELETE": Call(groups.NamedGroup, groups.removed),
    },
    "roles": {"GET": Call(Nothing, groups.roles)},
    "roles/{role}": {
        "PUT": Call(groups.PuttingRole, groups.put_role),
        "DELETE": Call(groups.NamedRole, groups.removed_role),
    },
    "clients": {
        "GET": Call(Nothing, clients.listed),
        "POST": Call(clients.Adding, clients.added),
    },
    "clients/{client_id}": {
        "GET": Call(clients.Named, clients.shown),
        "PUT": Call(clients.Changing, clients.changed),
        "DELETE": Call(clients.Named, clients.removed),
    },
    "clients/{client_id}/secret": {"POST": Call(clients.Named, clients.given_secret)},
    "import": {"POST": Call(clients.Importing, clients.imported)},
    "invitations": {"POST": Call(clients.Inviting, clients.invited)},
    "keys": {"GET": Call(Nothing, watching.keys)},
    "keys/rotate": {"POST": Call(watching.Rotating, watching.rotated)},
    "audit": {"GET": Call(watching.Asking, watching.audit)},
}
