"""Where administration is done: on the store itself, or at the server one is signed in to.

Both are asked by the words of REST, so that both give the same documents. See decisions/0046.
"""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from keycell.cli.output import Exit, fail
from keycell.cli.store import is_store_meant, with_store

if TYPE_CHECKING:
    from keycell.bootstrap import World
    from keycell.cli.showing import Output

PREFIX = "/a/keycell/admin/"
Said = Mapping[str, object]
Where = tuple[Path | None, str | None, str | None]
"""A data folder, a database, or else the profile of whose server it is."""
_NOT_FOUND = 404
_LISTS = {"clients": "client", "users": "user", "issuers": "issuer"}
"""By the first word of a path: whose `list` names what there is."""


def administer(where: Where, method: str, path: str, /, **said: object) -> Any:  # noqa: ANN401  (whatever document the call gives)
    """Do one thing, and give the document that tells of it; what is None is not said."""
    data, database, profile = where
    meant = {name: value for name, value in said.items() if value is not None}
    if is_store_meant(data, database):
        return with_store(data, database, lambda world: _on_store(world, method, path, meant))
    return _at_server(profile or "", method, path, meant)


def change(
    out: "Output",
    where: Where,
    method: str,
    path: str,
    /,
    *,
    look: str,
    among: Said = MappingProxyType({}),
    **said: object,
) -> Any:  # noqa: ANN401  (whatever document the call gives)
    """Do one thing, or where it is only to be told of, look at what it is about.

    ``look`` gives that, or a list ``among`` whose items one has these fields.
    """
    if not out.dry_run:
        return administer(where, method, path, **said)
    found = administer(where, "GET", look)
    if among and not any(among.items() <= one.items() for one in found["items"]):
        named = " ".join(str(one) for one in among.values() if one)
        fail(f"there is no {named}", Exit.NOT_FOUND, _where_listed(look))
    return found


def listed(where: Where, path: str, search: str | None, **kind: str) -> Iterator[dict[str, Any]]:
    """Give what is in a list that is asked for in parts, each when it is wanted."""
    after: str | None = ""
    while after is not None:
        part_of = administer(where, "GET", path, search=search or "", after=after, **kind)
        yield from part_of["items"]
        # A server of before gives all of it at once.
        after = part_of.get("next")


def done(target: str, result: str) -> dict[str, object]:
    """Give what tells programs of something that was done."""
    return {"target": target, "result": result}


def part(text: str) -> str:
    """Give a name as a part of a path."""
    # Two dots would be taken for the way up before anybody reads the name.
    return quote(text, safe="").replace(".", "%2E") if text.strip(".") == "" else quote(text, "")


async def _on_store(world: "World", method: str, path: str, said: Said) -> object:
    from keycell.accounts.audit import MACHINE
    from keycell.accounts.errors import ChangedMeanwhile, LastAdministrator, LoginTaken
    from keycell.administration.calls import find_call
    from keycell.administration.office import Clash, NotAllowed, NotThere, Office
    from keycell.provider.personal_tokens import By

    office = Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By(MACHINE),
        files_kept=world.files.limits.trash_kept, origins=world.settings.origins,
        allows_http=world.settings.insecure_http, registration=world.settings.registration,
        fetch_networks=world.settings.fetch_networks,
        trusted_proxies=world.settings.trusted_proxies,
    )  # fmt: skip
    call, named = find_call(method, path)
    try:
        return await call.answer(office, {**said, **named})
    except NotThere as error:
        fail(str(error), Exit.NOT_FOUND, _where_listed(path))
    except (Clash, LoginTaken, ChangedMeanwhile, LastAdministrator) as error:
        fail(str(error), Exit.CONFLICT)
    except NotAllowed as error:
        fail(str(error), Exit.DENIED)


def _where_listed(path: str) -> str:
    words = path.split("/")
    if words[2:3] == ["tokens"]:
        return f"keycell admin token list {words[1]} says which there are"
    kind = _LISTS.get(words[0])
    return f"keycell admin {kind} list says which there are" if kind else ""


def _at_server(profile: str, method: str, path: str, said: Said) -> object:
    from keycell.client.errors import ClientError

    try:
        _check_signed_in()
        return asyncio.run(_ask(profile, method, path, said))
    except ClientError as error:
        hint = error.hint or (_where_listed(path) if error.status == _NOT_FOUND else "")
        fail(str(error), Exit[error.kind.upper()], hint, error.request_id)


def _check_signed_in() -> None:
    from keycell.client.credentials import environment_profile
    from keycell.client.profiles import load_config

    if environment_profile() is None and not load_config().profiles:
        fail(
            "it is not said which server to administer", Exit.SIGN_IN,
            "pass --data DIR on the server's own machine, or sign in: keycell login URL",
        )  # fmt: skip


async def _ask(profile: str, method: str, path: str, said: Said) -> object:
    from keycell.client.session import open_session

    async with open_session(profile) as session:
        if method in ("GET", "DELETE"):
            query = {name: str(value) for name, value in said.items()}
            return await session.json(method, PREFIX + path, params=query or None)
        return await session.json(method, PREFIX + path, dict(said))
