"""Administration as the commands ask for it: by the words that REST has for it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from keycell.cli.output import Exit, fail
from keycell.cli.store import with_store

if TYPE_CHECKING:
    from keycell.bootstrap import World

Said = Mapping[str, object]


def administer(
    where: tuple[Path | None, str | None], method: str, path: str, /, **said: object
) -> Any:  # noqa: ANN401  (whatever document the call gives)
    """Do one thing, and give the document that tells of it; what is None is not said."""
    data, database = where
    meant = {name: value for name, value in said.items() if value is not None}
    return with_store(data, database, lambda world: _on_store(world, method, path, meant))


def part(text: str) -> str:
    """Give a name as a part of a path."""
    # Two dots would be taken for the way up before anybody reads the name.
    return quote(text, safe="").replace(".", "%2E") if text.strip(".") == "" else quote(text, "")


async def _on_store(world: "World", method: str, path: str, said: Said) -> object:
    from keycell.accounts.audit import MACHINE
    from keycell.accounts.errors import ChangedMeanwhile, LoginTaken
    from keycell.administration.calls import find_call
    from keycell.administration.office import Clash, NotAllowed, NotThere, Office
    from keycell.provider.personal_tokens import By

    office = Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By(MACHINE),
        files_kept=world.files.limits.trash_kept, origins=world.settings.origins,
        allows_http=world.settings.insecure_http,
    )  # fmt: skip
    call, named = find_call(method, path)
    try:
        return await call.answer(office, {**said, **named})
    except NotThere as error:
        fail(str(error), Exit.NOT_FOUND)
    except (Clash, LoginTaken, ChangedMeanwhile) as error:
        fail(str(error), Exit.CONFLICT)
    except NotAllowed as error:
        fail(str(error), Exit.DENIED)
