"""A person with files, in a whole Keycell."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.access import Actor, roles_of
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.files.nodes import ANY, Conditions
from keycell.files.ports import Files, Placed
from keycell.files.ports_blobs import WriteLimits
from keycell.files.reading import open_file
from keycell.files.writing import Put, put
from keycell.oauth.details import FilesDetail

ALL = (FilesDetail(frozenset({"read", "write"})),)


async def chunks_of(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@dataclass
class Home:
    """Somebody who uses files."""

    files: Files
    actor: Actor

    async def put(
        self, path: str, content: bytes, conditions: Conditions = ANY, kind: str = "text/plain"
    ) -> Placed:
        wanted = Put(
            content_type=kind, conditions=conditions,
            limits=WriteLimits(declared_length=len(content),
                               sha256=hashlib.sha256(content).hexdigest()),
        )  # fmt: skip
        return (await put(self.files, self.actor, read_path(path), chunks_of(content), wanted))[0]

    async def get(self, path: str) -> bytes:
        opened = await open_file(self.files, await stat(self.files, self.actor, read_path(path)))
        return b"".join([chunk async for chunk in opened.read()])


def actor_for(account: Account, reach: tuple[FilesDetail, ...] = ALL) -> Actor:
    roles = roles_of(account.sub, account.group_path, account.roles)
    return Actor(sub=account.sub, login=account.login, roles=roles, reach=reach)


@pytest.fixture
def home(world: World, ann: Account) -> Home:
    return Home(world.files, actor_for(ann))


@pytest.fixture
async def bob(world: World) -> Home:
    wanted = NewAccount(login="bob", password="correct horse battery", name="Bob", email=None)
    return Home(world.files, actor_for(await add_account(world.people, wanted, "test")))
