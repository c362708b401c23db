"""Other people's files, and paths that lead astray: the file server's rows of the attacks."""

import json
from urllib.parse import quote

import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.audit import NOWHERE
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.access import Action, Right
from keycell.files.finding import stat
from keycell.files.linking import make_link
from keycell.files.links import Link, Permission
from keycell.files.names import LONGEST_PATH, read_path
from keycell.files.writing import make_folder

from ..conftest import PASSWORD
from ..files.conftest import Home, actor_for
from ..stores.conftest import EVENT
from .wires import HOME, Wires, wires_of

SECRET = b"what only Ann may know"
ASTRAY = (400, 404, 409)
"""What is answered where a path cannot be or leads to nothing that may be seen."""


@pytest.fixture
def home(world: World, ann: Account) -> Home:
    """Ann's files."""
    return Home(world.files, actor_for(ann))


@pytest.fixture
async def anns(world: World, ann: Account) -> Wires:
    return await wires_of(world, ann)


@pytest.fixture
async def bob(world: World) -> Account:
    return await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")


@pytest.fixture
async def bobs(world: World, bob: Account) -> Wires:
    return await wires_of(world, bob)


async def node_id(home: Home, path: str) -> str:
    return (await stat(home.files, home.actor, read_path(path))).node.node_id


async def share(home: Home, path: str, *permissions: Permission) -> Link:
    now = home.files.clock()
    link = Link(
        link_id=home.files.mint_id(), hash=home.files.mint_id(), node_id=await node_id(home, path),
        label="Shared", sub="", permissions=frozenset(permissions), created_at=now, changed_at=now,
    )  # fmt: skip
    return await make_link(home.files, home.actor, link, NOWHERE)


async def test_attack_files_a_token_for_one_on_a_path_of_another(
    home: Home, anns: Wires, bobs: Wires
) -> None:
    """By path on each wire, as the source of a copy, and in every list."""
    path = f"{HOME}/deep/secret.txt"
    await home.put(path, SECRET)
    assert await anns.statuses(path) <= {200, 207}
    assert await bobs.statuses(path) == {404}
    assert await bobs.statuses(f"{HOME}/deep") <= {404}
    assert await bobs.s3("PUT", f"{HOME}/b", x_amz_copy_source=f"io/{quote(path)}") == 404
    for method in ("COPY", "MOVE"):
        assert await bobs.dav(method, path, Destination=f"/dav/{HOME}/b") == 404
    for method in ("DELETE", "PROPPATCH", "LOCK"):
        assert await bobs.dav(method, path) in (400, 404, 409, 412)
    await bobs.s3("DELETE", path)
    for target in ("/io?list-type=2", "/io?list-type=2&prefix=personal-files%2Fdeep%2F",
                   "/io?uploads"):  # fmt: skip
        assert b"secret" not in (await bobs.send("GET", target)).content
    listed = await bobs.call(
        "POST", "tree/stats", json.dumps({"NodePaths": ["/*", path]}).encode()
    )
    assert b"secret" not in listed.content
    assert await home.get(path) == SECRET


async def test_attack_files_anothers_identifiers_open_nothing(
    home: Home, anns: Wires, bobs: Wires
) -> None:
    """A node's identifier is no key: in links, metadata, versions, jobs and tokens' scopes."""
    await home.put(f"{HOME}/secret.txt", SECRET)
    await home.put(f"{HOME}/secret.txt", SECRET + b" now")
    node = await node_id(home, f"{HOME}/secret.txt")
    [_, older] = await home.files.nodes.versions(node, 10)
    root = {"RootNodes": [{"Uuid": node}]}
    meta = {"Namespace": "usermeta-note", "NodeUuid": node, "JsonValue": '"x"'}
    asked = [
        ("PUT", "share/link", {"ShareLink": root | {"Permissions": ["Download"]}}),
        ("PUT", "share/cell", {"Room": root | {"Label": "Mine", "ACLs": {}}}),
        ("PUT", "user-meta/update", {"MetaDatas": [meta], "Operation": "PUT"}),
        ("GET", f"keycell/versions/{node}", None),
        ("POST", f"keycell/versions/{node}/restore", {"VersionId": older.version_id}),
        ("PUT", "acl", {"NodeID": node, "RoleID": "x", "Action": {"Name": "read", "Value": "1"}}),
    ]
    for method, path, body in asked:
        sent = b"" if body is None else json.dumps(body).encode()
        answer = await bobs.call(method, path, sent)
        assert answer.status_code in (400, 403, 404), (path, answer.text)
        assert b"secret" not in answer.content
    copied = {"nodes": [f"{HOME}/secret.txt"], "target": f"{HOME}/b"}
    job = json.dumps({"JsonParameters": json.dumps(copied)}).encode()
    assert (await bobs.call("PUT", "jobs/user/copy", job)).status_code == 404
    begun = await anns.send("POST", f"/io/{HOME}/up?uploads")
    upload = begun.text.partition("<UploadId>")[2].partition("<")[0]
    assert upload
    for method, query in (("PUT", "partNumber=1&"), ("GET", ""), ("DELETE", "")):
        answer = await bobs.send(method, f"/io/{HOME}/up?{query}uploadId={upload}", b"")
        assert answer.status_code == 404, method
    assert await home.get(f"{HOME}/secret.txt") == SECRET + b" now"


async def test_attack_files_a_token_for_anothers_node_opens_nothing(
    world: World, home: Home, bob: Account
) -> None:
    """RFC9396-12: what a token names, its person must be let at as well."""
    await home.put(f"{HOME}/secret.txt", SECRET)
    node = await node_id(home, f"{HOME}/secret.txt")
    bound = await wires_of(world, bob, f"node:{node}:rw")
    assert await bound.statuses(f"{HOME}/secret.txt") == {404}
    assert await bound.s3("PUT", f"{HOME}/secret.txt", b"x") in (403, 404)


TRAVERSALS = (
    "..", ".", "%2e%2e", "%2E%2e", ".%2e", "%252e%252e", "..%2f", "%2e%2e%2f", "..%5c",
    "%c0%ae%c0%ae", "..%00", "%00", "..;",
    "%uff0e%uff0e", "%ef%bc%8e%ef%bc%8e", "%25%32%65%25%32%65",
)  # fmt: skip


@pytest.mark.parametrize("step", TRAVERSALS)
async def test_attack_files_no_step_leads_out(
    world: World, home: Home, ann: Account, step: str
) -> None:
    """Plain, encoded once and twice, with NUL, over-long and look-alike: a step is a name or bad.

    The token is for one folder; beside it lies the secret.
    """
    await home.put(f"{HOME}/In/a.txt", b"in")
    await home.put(f"{HOME}/secret.txt", SECRET)
    bound = await wires_of(world, ann, f"node:{await node_id(home, f'{HOME}/In')}:rw")
    link = await share(
        home, f"{HOME}/In", Permission.PREVIEW, Permission.DOWNLOAD, Permission.UPLOAD
    )
    for tail in (f"{step}/secret.txt", f"{step}/In/{step}/secret.txt", f"{step}secret.txt"):
        for target in (f"/io/{HOME}/In/{tail}", f"/dav/{HOME}/In/{tail}",
                       f"/public/{link.hash}/file/{tail}", f"/public/{link.hash}/zip/{tail}",
                       f"/a/tree/stat/{HOME}/In/{tail}",
                       f"/a/tree/stat/{HOME}%2FIn%2F{tail.replace('/', '%2F')}"):  # fmt: skip
            answer = await bound.send("GET", target)
            assert answer.status_code in ASTRAY, (target, answer.status_code)
            assert SECRET not in answer.content
        for target in (f"/io/{HOME}/In/{tail}", f"/dav/{HOME}/In/{tail}"):
            assert (await bound.send("PUT", target, b"x")).status_code in (*ASTRAY, 200, 201, 204)
            source = {"x-amz-copy-source": f"io/{HOME}/In/{tail}"}
            copied = await bound.send("PUT", f"/io/{HOME}/In/copy", b"", source)
            assert SECRET not in (await bound.send("GET", f"/io/{HOME}/In/copy")).content
            assert copied.status_code < 500
    assert await home.get(f"{HOME}/secret.txt") == SECRET
    top = await stat(home.files, home.actor, read_path(HOME))
    listed = await home.files.nodes.children(top.node.node_id, "", 100)
    assert {node.name for node in listed.nodes} == {"In", "secret.txt", "recycle_bin"}


@pytest.mark.parametrize("length", [4097, 5000, 20_000])
async def test_attack_files_long_and_deep_paths_are_refused(anns: Wires, length: int) -> None:
    """On every wire, as a path and as a destination; names, depth and whole."""
    for path in ("a" * length, "/".join("a" * (length // 2)), "é" * (length // 2)):
        for method in ("GET", "PUT", "DELETE"):
            assert await anns.s3(method, f"{HOME}/{path}") in (400, 404, 204), method
        for method in ("GET", "PUT", "DELETE", "MKCOL", "PROPFIND"):
            assert await anns.dav(method, f"{HOME}/{path}") in (400, 404, 414), method
        assert await anns.stat(f"{HOME}/{path}") in (400, 404)
        wanted = json.dumps({"Nodes": [{"Path": f"{HOME}/{path}"}]}).encode()
        assert (await anns.call("POST", "tree/create", wanted)).status_code == 400


async def test_attack_94_files_no_spelling_leads_around_a_denial(
    world: World, home: Home, bob: Account, bobs: Wires
) -> None:
    """decisions/0029: NFC, NFD and case of a folder that is denied; read, written, replaced."""
    common = "common-files"
    await home.put(f"{common}/Café/secret.txt", SECRET)
    await home.put(f"{common}/open.txt", b"open")
    folder = await node_id(home, f"{common}/Café")
    assert await world.files.spaces.put_right(Right(folder, bob.sub, Action.DENY), EVENT)
    for name in ("Café", "Cafe\u0301", "CAFÉ", "café", "cafE\u0301"):
        place = f"{common}/{name}"
        for path in (place, f"{place}/secret.txt"):
            assert await bobs.statuses(path) == {404}, path
            assert (
                await bobs.s3("PUT", f"{common}/copy", x_amz_copy_source=f"io/{quote(path)}")
                == 404
            )
        for path in (place, f"{place}/new.txt"):
            assert await bobs.s3("PUT", path, b"x") in (400, 403, 404, 409), path
            assert await bobs.dav("PUT", path, b"x") in (403, 404, 405, 409), path
        there = f"/dav/{common}/{quote(name)}"
        moved = await bobs.dav("MOVE", f"{common}/open.txt", Destination=there)
        assert moved in (403, 404, 409, 412)
        made = await bobs.call(
            "POST", "tree/create", json.dumps({"Nodes": [{"Path": place}]}).encode()
        )
        assert made.status_code in (403, 404, 409), made.text
        for target in (f"/io?list-type=2&prefix={common}%2F{quote(name)}", "/io?list-type=2"):
            assert b"secret" not in (await bobs.send("GET", target)).content
    sought = {"Query": {"FileName": "secret", "PathPrefix": [common]}, "Size": 10}
    found = await bobs.call("POST", "search/nodes", json.dumps(sought).encode())
    assert b"secret.txt" not in found.content
    assert await home.get(f"{common}/Café/secret.txt") == SECRET


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
async def test_attack_files_a_destination_outside_the_granted_path(
    world: World, home: Home, ann: Account, method: str
) -> None:
    """RFC4918-9.8, RFC4918-9.9: neither out of the folder nor into it, by any spelling."""
    await home.put(f"{HOME}/In/a.txt", b"in")
    await home.put(f"{HOME}/Out/secret.txt", SECRET)
    bound = await wires_of(world, ann, f"node:{await node_id(home, f'{HOME}/In')}:rw")
    base = f"/dav/{HOME}"
    for there in (f"{base}/b", f"{base}/Out/b", f"{base}/Out/secret.txt", f"{base}/In/../b",
                  f"{base}/In/%2e%2e/b", f"{base}/In/..%2fb", f"{base}/in/b",
                  "/dav/common-files/b", f"http://127.0.0.1:8080{base}/Out/b", "/dav/b", "/dav/",
                  "http://elsewhere.example/dav/personal-files/In/b"):  # fmt: skip
        status = await bound.dav(method, f"{HOME}/In/a.txt", Destination=there, Overwrite="T")
        assert status in (400, 403, 404, 409, 502), there
    taken = await bound.dav(method, f"{HOME}/Out/secret.txt", Destination=f"{base}/In/b")
    assert taken == 404
    assert await home.get(f"{HOME}/In/a.txt") == b"in"
    assert await home.get(f"{HOME}/Out/secret.txt") == SECRET
    top = await stat(home.files, home.actor, read_path(HOME))
    listed = await home.files.nodes.children(top.node.node_id, "", 100)
    assert {node.name for node in listed.nodes} == {"In", "Out", "recycle_bin"}


async def test_attack_files_a_link_shows_what_it_names_alone(
    home: Home, bobs: Wires, world: World, ann: Account
) -> None:
    """A link for looking gives no bytes as a download, and one for dropping tells nothing."""
    await home.put(f"{HOME}/In/a.txt", b"in")
    await home.put(f"{HOME}/secret.txt", SECRET)
    drop = await share(home, f"{HOME}/In", Permission.UPLOAD)
    for target in (f"/public/{drop.hash}/file/a.txt", f"/public/{drop.hash}/zip/",
                   f"/public/{drop.hash}/folder/"):  # fmt: skip
        answer = await bobs.send("GET", target)
        assert answer.content != b"in"
        assert b"a.txt" not in answer.content
    assert (await bobs.send("GET", f"/public/{drop.hash[:-1]}")).status_code == 404
    assert (await bobs.send("GET", f"/io/{HOME}/In/a.txt")).status_code == 404


async def test_attack_files_no_move_makes_a_path_that_cannot_be_said(
    home: Home, anns: Wires
) -> None:
    """A path has at most 4,096 bytes; what a folder takes along may lie beyond, and is reached."""
    deep = "/".join([HOME, *["d" * 250] * 16])
    inner = "/".join(["m" * 250, "end.txt"])
    await make_folder(home.files, home.actor, read_path(deep))
    await home.put(f"{HOME}/top/{inner}", SECRET)
    for method in ("MOVE", "COPY"):
        there = f"/dav/{deep}/{'x' * 80}"
        assert await anns.dav(method, f"{HOME}/top/{inner}", Destination=there) == 400
    copied = {"X-Amz-Copy-Source": f"io/{HOME}/top/{inner}"}
    answer = await anns.send("PUT", f"/io/{deep}/{'x' * 80}", b"", copied)
    assert answer.status_code == 400
    sent = {"nodes": [f"{HOME}/top"], "target": f"{deep}/{'x' * 80}", "targetParent": False}
    moving = json.dumps({"JsonParameters": json.dumps(sent)}).encode()
    await anns.call("PUT", "jobs/user/move", moving)
    assert await home.get(f"{HOME}/top/{inner}") == SECRET
    moved = await anns.dav("MOVE", f"{HOME}/top", Destination=f"/dav/{deep}/top")
    assert moved == 201
    assert len(f"{deep}/top/{inner}") > LONGEST_PATH
    assert await anns.statuses(f"{deep}/top/{inner}") <= {200, 207}
    assert await anns.s3("PUT", f"{deep}/top/{inner}.new", b"x") == 400
    back = await anns.dav("MOVE", f"{deep}/top/{inner}", Destination=f"/dav/{HOME}/back.txt")
    assert back == 201
    assert await home.get(f"{HOME}/back.txt") == SECRET
