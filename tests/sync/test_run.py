"""Two machines and a real server: whatever happens, both become alike, and nothing is lost."""

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from keycell.client.credentials import EnvironmentKeeper
from keycell.client.discovery import Metadata
from keycell.client.profiles import Profile
from keycell.client.session import bind, open_http
from keycell.sync.disk import Disk
from keycell.sync.errors import AccessEnded, Away, NeedsDecision, RootGone, SyncError
from keycell.sync.names import WORKING
from keycell.sync.operations import MoveRemote
from keycell.sync.plan import Direction, Policy
from keycell.sync.run import Job, Outcome, run
from keycell.sync.state import State
from keycell.sync.wire import Wire

from ..application import PASSWORD
from ..client.line import line_to
from ..server import Server, keycell, keycell_json, serving

SEED = int(os.environ.get("SYNC_SEED", "20260501"))
ROUNDS = int(os.environ.get("SYNC_ROUNDS", "12"))


class Machine:
    """A folder on a machine of its own."""

    def __init__(self, name: str, folder: Path, server: Server, token: str) -> None:
        self.name = name
        self.root = folder / name
        self.root.mkdir()
        self.state_file = folder / f"{name}.db"
        self.url, self.token = server.url, token
        self.policy = Policy(device=name, day="2026-05-01")
        self.top = "personal-files"
        self.only: tuple[str, ...] = ()
        self.may_delete_many = True
        Disk(self.root).mark(name)

    def sync(self, *, dry: bool = False) -> Outcome:
        return asyncio.run(self._sync(dry=dry))

    async def _sync(self, *, dry: bool) -> Outcome:
        job = Job(root=self.root, mark=self.name, policy=self.policy, only=self.only,
                  may_delete_many=self.may_delete_many)  # fmt: skip
        state = State(self.state_file)
        try:
            async with open_http(self.url) as (http, transport):
                profile = Profile(self.name, self.url, storage="environment")
                keeper = EnvironmentKeeper(self.token)
                metadata = Metadata(f"{self.url}/oidc", {"token_endpoint": self.url})
                session = bind(profile, keeper, http, metadata, transport)
                return await run(Wire(session, self.top), state, job, dry=dry)
        finally:
            state.close()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def files(self) -> dict[str, str]:
        return {
            one.relative_to(self.root).as_posix(): one.read_text()
            for one in self.root.rglob("*")
            if one.is_file() and not one.is_symlink() and WORKING not in one.parts
        }

    def folders(self) -> set[str]:
        return {
            one.relative_to(self.root).as_posix()
            for one in self.root.rglob("*")
            if one.is_dir() and WORKING not in one.parts
        }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("sync") / "data") as server:
        yield server


@pytest.fixture
def pair(
    server: Server, tmp_path: Path, request: pytest.FixtureRequest
) -> tuple[Machine, Machine]:
    login = f"p{abs(hash(request.node.name)) % 10**9}"
    where = ("--data", str(server.data))
    keycell("admin", "user", "add", login, "--password-stdin", *where, stdin=PASSWORD)
    made = keycell_json("admin", "token", "add", login, "--label", "t", "--expires", "1h", *where)
    token = made["access_token"]
    return Machine("one", tmp_path, server, token), Machine("two", tmp_path, server, token)


def settle(*machines: Machine) -> dict[str, str]:
    """Sync until none of them has anything to do; all are alike then."""
    for _ in range(20):
        if not sum(machine.sync().done for machine in machines):
            break
    first, *rest = machines
    for other in rest:
        assert other.files() == first.files()
        assert other.folders() == first.folders()
    return first.files()


def test_what_one_has_the_other_gets(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.write("a.txt", "a")
    one.write("d/e/f.txt", "f")
    two.write("b.txt", "b")
    assert settle(one, two) == {"a.txt": "a", "d/e/f.txt": "f", "b.txt": "b"}
    assert (one.sync().done, two.sync().done) == (0, 0)


def test_a_moved_folder_is_one_move(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    for number in range(20):
        one.write(f"d/{number}.txt", str(number))
    settle(one, two)
    (one.root / "d").rename(one.root / "e")
    assert [type(each) for each in one.sync(dry=True).planned] == [MoveRemote]
    inode = (two.root / "d/7.txt").stat().st_ino
    assert len(settle(one, two)) == 20
    assert (two.root / "e/7.txt").stat().st_ino == inode


def test_what_both_edit_is_kept_twice(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.write("a.txt", "base")
    settle(one, two)
    one.write("a.txt", "first")
    two.write("a.txt", "second, longer")
    found = settle(one, two)
    assert found == {"a.txt": "first", "a (conflict, two, 2026-05-01).txt": "second, longer"}
    state = State(two.state_file)
    told = [(path, original) for path, original, _ in state.conflicts()]
    state.close()
    assert told == [("a (conflict, two, 2026-05-01).txt", "a.txt")]


def test_what_is_deleted_or_replaced_here_can_be_had_back(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.write("a.txt", "old")
    one.write("b.txt", "gone")
    settle(one, two)
    one.write("a.txt", "new one")
    (one.root / "b.txt").unlink()
    assert settle(one, two) == {"a.txt": "new one"}
    kept = [each.read_text() for each in (two.root / WORKING / "trash").rglob("*.txt")]
    assert sorted(kept) == ["gone", "old"]


def test_a_mass_deletion_is_asked_about_first(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    for number in range(30):
        one.write(f"{number}.txt", str(number))
    settle(one, two)
    for number in range(30):
        (one.root / f"{number}.txt").unlink()
    one.may_delete_many = False
    with pytest.raises(NeedsDecision, match="30 of 30 files would be deleted on the server"):
        one.sync()
    assert len(two.files()) == 30
    one.may_delete_many = True
    assert settle(one, two) == {}


def test_an_empty_place_is_not_taken_for_an_emptied_folder(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.write("a.txt", "a")
    settle(one, two)
    one.root.rename(one.root.with_name("elsewhere"))
    one.root.mkdir()
    with pytest.raises(RootGone, match="is missing"):
        one.sync()
    two.sync()
    assert two.files() == {"a.txt": "a"}


def test_a_revoked_grant_ends_it_with_one_sentence(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.write("a.txt", "a")
    settle(one, two)
    one.token = "gone"
    one.write("b.txt", "b")
    with pytest.raises(AccessEnded, match="all files here stay as they are"):
        one.sync()
    assert one.files() == {"a.txt": "a", "b.txt": "b"}


def test_a_server_that_is_away_loses_nothing(pair: tuple[Machine, Machine]) -> None:
    one, _ = pair
    one.write("a.txt", "a")
    one.url = "http://localhost:9"
    with pytest.raises(Away, match="cannot be reached"):
        one.sync()
    assert one.files() == {"a.txt": "a"}


def test_links_are_never_followed(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    one, two = pair
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (one.root / "link").symlink_to(outside)
    (one.root / "file").symlink_to(outside / "secret.txt")
    one.write("a.txt", "a")
    told = dict(one.sync().problems)
    assert told == dict.fromkeys(("link", "file"), "it is a link, and is left alone")
    two.sync()
    assert two.files() == {"a.txt": "a"}


def test_a_folder_that_became_a_link_is_not_written_through(
    pair: tuple[Machine, Machine], tmp_path: Path
) -> None:
    one, two = pair
    one.write("d/a.txt", "a")
    settle(one, two)
    outside = tmp_path / "outside"
    outside.mkdir()
    (two.root / "d").rename(two.root / "kept")
    (two.root / "d").symlink_to(outside)
    one.write("d/b.txt", "b")
    one.sync()
    two.sync()
    assert list(outside.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_cannot_be_read_is_told_and_not_deleted(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.write("d/a.txt", "a")
    one.write("b.txt", "b")
    settle(one, two)
    (one.root / "d").chmod(0)
    try:
        assert dict(one.sync().problems) == {"d": "it cannot be read: Permission denied"}
    finally:
        (one.root / "d").chmod(0o755)
    two.sync()
    assert two.files() == {"d/a.txt": "a", "b.txt": "b"}


def test_ignored_files_stay_and_are_deleted_nowhere(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.write("a.log", "log")
    one.write("b.txt", "b")
    settle(one, two)
    one.write(".keycellignore", "*.log\n")
    one.sync()
    two.sync()
    assert two.files()["a.log"] == "log"
    assert one.files()["a.log"] == "log"


def test_chosen_folders_alone_are_brought(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.write("photos/a.jpg", "a")
    one.write("films/b.mp4", "b")
    one.sync()
    two.only = ("photos",)
    two.sync()
    assert two.files() == {"photos/a.jpg": "a"}
    one.sync()
    assert "films/b.mp4" in one.files()


def test_up_and_down_write_on_one_side_alone(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.policy = Policy(direction=Direction.UP, device="one", day="2026-05-01")
    two.policy = Policy(direction=Direction.DOWN, device="two", day="2026-05-01")
    one.write("a.txt", "a")
    two.write("b.txt", "b")
    for _ in range(3):
        one.sync()
        two.sync()
    assert one.files() == {"a.txt": "a"}
    assert two.files() == {"a.txt": "a", "b.txt": "b"}


def test_a_folder_brought_back_from_the_bin_comes_whole(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    one.write("d/a.txt", "a")
    settle(one, two)
    headers = {"Authorization": f"Bearer {one.token}"}
    with httpx2.Client(base_url=one.url, headers=headers) as http:
        http.post("/a/tree/delete", json={"Nodes": [{"Path": "personal-files/d"}]})
        assert settle(one, two) == {}
        bin_path = "personal-files/recycle_bin/d"
        http.post("/a/tree/restore", json={"Nodes": [{"Path": bin_path}]}).raise_for_status()
    assert settle(one, two) == {"d/a.txt": "a"}


def test_two_machines_at_random_lose_nothing(
    pair: tuple[Machine, Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"SYNC_SEED={SEED}")  # noqa: T201  (to live through it again)
    chance = random.Random(SEED)  # noqa: S311  (a history, not a secret)
    alive: set[str] = set()
    for number in range(ROUNDS):
        for machine in pair:
            for step in range(chance.randrange(6)):
                _somebody(machine, chance, alive, f"{number}-{machine.name}-{step}")
            if chance.random() < 0.4:
                _cut_off(machine, chance, monkeypatch)
            else:
                machine.sync()
    found = settle(*pair)
    assert alive <= set(found.values())


def _somebody(machine: Machine, chance: random.Random, alive: set[str], word: str) -> None:
    files = sorted(machine.files())
    folders = ["", *sorted(machine.folders())]
    place = "/".join(filter(None, [chance.choice(folders), chance.choice("abcd")]))
    what = chance.choice(["write", "write", "edit", "delete", "move", "make"])
    if what == "make" and not (machine.root / place).exists():
        (machine.root / place).mkdir()
    elif what == "write" and not (machine.root / place).exists():
        machine.write(place, word)
        alive.add(word)
    elif what == "edit" and files:
        path = chance.choice(files)
        alive.discard((machine.root / path).read_text())
        machine.write(path, word)
        alive.add(word)
    elif what == "delete" and files:
        path = chance.choice(files)
        alive.discard((machine.root / path).read_text())
        (machine.root / path).unlink()
    elif what == "move" and len(folders) > 1:
        path = chance.choice([*folders[1:], *files])
        target = machine.root / place
        if not target.exists() and not f"{place}/".startswith(f"{path}/"):
            (machine.root / path).rename(target)


def _cut_off(machine: Machine, chance: random.Random, patch: pytest.MonkeyPatch) -> None:
    """End a run in the middle of an operation: nothing more is kept."""
    left = chance.randrange(1, 8)

    class Killed(BaseException):
        pass

    def dying(name: str) -> Callable[..., object]:
        before = getattr(State, name)

        def call(self: State, *arguments: object) -> object:
            nonlocal left
            left -= 1
            if left <= 0:
                raise Killed
            return before(self, *arguments)

        return call

    with patch.context() as within:
        for name in ("put_locals", "put_remotes", "agree", "intend", "forget"):
            within.setattr(State, name, dying(name))
        try:
            machine.sync()
        except (Killed, SyncError):
            return


def test_after_a_cut_only_the_missing_parts_of_a_large_file_are_sent(
    pair: tuple[Machine, Machine], server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    part = 5 * 2**20
    monkeypatch.setenv("KEYCELL_CONFIG_DIR", str(tmp_path / "config"))
    for name, value in (("SMALL", part), ("LEAST_PART", part), ("PARTS_AT_ONCE", 1)):
        monkeypatch.setattr(f"keycell.client.uploads.{name}", value)
    one, two = pair
    content = random.Random(SEED).randbytes(4 * part)  # noqa: S311
    (one.root / "large").write_bytes(content)
    with line_to(server.port) as line:
        one.url = line.url
        line.cut("up", after=2 * part + 2**20, times=99)
        with pytest.raises(Away):
            one.sync()
        line.mend()
        assert one.sync().done == 1
        assert line.carried["up"] < 2.5 * part
    two.sync()
    assert (two.root / "large").read_bytes() == content
