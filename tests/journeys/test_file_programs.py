"""Programs of others at a person's files, with the access token that a code bought."""

import base64
import hashlib
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx2
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from ..server import serving
from .files import COMMON, ELSEWHERE, MIB, ODD, Place, Programs, grow, same, settle

READ_WRITE = "openid files.read files.write"
HOME = "personal-files"
BIG = 125 * 1_000_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with serving(tmp_path_factory.mktemp("programs") / "data") as server:
        yield settle(server, "ann", "bob")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grow(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def ann(place: Place, tmp_path: Path) -> Programs:
    """Ann's programs, with a token for all her files."""
    return place.programs(tmp_path, READ_WRITE)


def boto(programs: Programs) -> Any:  # noqa: ANN401  (boto3 has no types)
    return boto3.client(
        "s3", endpoint_url=programs.server.url, region_name="us-east-1",
        aws_access_key_id=programs.token, aws_secret_access_key="gatewaysecret",
        config=Config(retries={"max_attempts": 1}),
    )  # fmt: skip


def test_aws_copies_lists_syncs_and_removes(ann: Programs, tree: Path, tmp_path: Path) -> None:
    there = f"s3://io/{HOME}/by aws"
    ann.aws("cp", "--recursive", "--quiet", tree, there)
    listed = ann.aws("ls", "--recursive", f"{there}/odd/").splitlines()
    assert {line.split(maxsplit=3)[3] for line in listed} == {
        f"{HOME}/by aws/odd/{name}" for name in ODD
    }
    assert len(ann.aws("ls", f"{there}/many/").splitlines()) == 230
    ann.aws("cp", "--recursive", "--quiet", there, "back")
    assert same(tree, tmp_path / "back")
    assert ann.aws("sync", tree, there) == ""
    (tmp_path / "back" / "many" / "001.bin").write_bytes(b"changed, and longer than it was: " * 9)
    (tmp_path / "back" / "many" / "002.bin").unlink()
    said = ann.aws("sync", "--delete", "back", there)
    assert said.count("upload: ") == 1
    assert said.count("delete: ") == 1
    ann.aws("rm", "--recursive", "--quiet", f"{there}/many")
    # The folder stays, as a thing of its own; its key ends with a slash.
    assert ann.aws("ls", f"{there}/many/").split()[2:] == ["0"]
    ann.aws("rm", "--quiet", f"{there}/many/")
    assert ann.aws("ls", f"{there}/many/", code=1) == ""


@pytest.mark.parametrize("remote", ["s3:io", "dav:"])
def test_rclone_copies_checks_lists_and_syncs(
    ann: Programs, tree: Path, tmp_path: Path, remote: str
) -> None:
    there = f"{remote}/{HOME}/by rclone {remote[:2]}".replace(":/", ":")
    ann.rclone("copy", tree, there)
    said = ann.rclone("check", "--one-way", tree, there)
    assert "0 differences found" in said
    assert "hashes could not be checked" not in said
    assert set(ann.rclone("lsf", f"{there}/odd").splitlines()) == set(ODD)
    assert len(ann.rclone("lsf", f"{there}/many").splitlines()) == 230
    ann.rclone("copy", there, "back")
    assert same(tree, tmp_path / "back")
    assert "Copied" not in ann.rclone("sync", "-v", tree, there)
    (tmp_path / "back" / "many" / "001.bin").write_bytes(b"changed, and longer than it was: " * 9)
    (tmp_path / "back" / "many" / "002.bin").unlink()
    said = ann.rclone("sync", "-v", "back", there)
    assert said.count(": Copied (replaced existing)") == 1
    assert said.count(": Deleted") == 1
    ann.rclone("moveto", f"{there}/many", f"{there}/moved ünd")
    assert len(ann.rclone("lsf", f"{there}/moved ünd").splitlines()) == 229


def test_a_large_file_goes_in_parts_and_comes_back(ann: Programs, tmp_path: Path) -> None:
    """Written by each program, read by the others."""
    block = os.urandom(MIB)
    with (tmp_path / "big").open("wb") as big:
        big.writelines(block for _ in range(BIG // MIB))
        big.write(block[: BIG % MIB])
    with (tmp_path / "big").open("rb") as big:
        wanted = hashlib.file_digest(big, "sha256").hexdigest()
    ann.aws("cp", "--quiet", "big", f"s3://io/{HOME}/big/aws")
    parts = TransferConfig(multipart_chunksize=10 * MIB, max_concurrency=8)
    client = boto(ann)
    client.upload_file(str(tmp_path / "big"), "io", f"{HOME}/big/boto", Config=parts)
    told = client.head_object(Bucket="io", Key=f"{HOME}/big/boto")
    assert told["ETag"].endswith('-12"')
    assert told["ContentLength"] == BIG
    ann.rclone("copyto", "--s3-chunk-size=10M", "big", f"s3:io/{HOME}/big/rclone")
    ann.rclone("copyto", "big", f"dav:{HOME}/big/dav")
    for number, (name, remote) in enumerate(
        {"aws": "dav:", "boto": "dav:", "rclone": "s3:io/", "dav": "s3:io/"}.items()
    ):
        back = tmp_path / f"back{number}"
        ann.rclone("copyto", f"{remote}{HOME}/big/{name}", back)
        with back.open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == wanted, name
        back.unlink()


def test_what_one_wire_writes_the_others_show(ann: Programs, tmp_path: Path) -> None:
    client = boto(ann)
    for name in ODD:
        client.put_object(Bucket="io", Key=f"{HOME}/wires/{name}", Body=name.encode())
    assert set(ann.rclone("lsf", f"dav:{HOME}/wires").splitlines()) == set(ODD)
    ann.rclone("copy", f"dav:{HOME}/wires", "back")
    assert {path.name: path.read_text() for path in (tmp_path / "back").iterdir()} == {
        name: name for name in ODD
    }
    ann.rclone("copy", "back", f"dav:{HOME}/wires by dav")
    page = client.list_objects_v2(Bucket="io", Prefix=f"{HOME}/wires by dav/")
    assert {one["Key"].rsplit("/", 1)[1] for one in page["Contents"]} == set(ODD)
    for name in ODD:
        got = client.get_object(Bucket="io", Key=f"{HOME}/wires by dav/{name}")
        assert got["Body"].read() == name.encode()


def test_a_token_for_one_space_reaches_that_space_alone(
    place: Place, ann: Programs, tmp_path: Path
) -> None:
    """RFC9396-2: authorization_details, on each wire."""
    (tmp_path / "a b.txt").write_text("hello")
    ann.rclone("copyto", "a b.txt", f"s3:io/{HOME}/secret.txt")
    common = place.for_common_files(tmp_path)
    common.aws("cp", "--quiet", "a b.txt", "s3://io/common-files/by aws.txt")
    common.rclone("copyto", "a b.txt", "s3:io/common-files/by s3.txt")
    common.rclone("copyto", "a b.txt", "dav:common-files/by dav.txt")
    written = common.rclone("lsf", "--files-only", "dav:common-files")
    assert written == "by aws.txt\nby dav.txt\nby s3.txt\n"
    for remote in ("s3:io", "dav:"):
        assert common.rclone("lsf", remote) == "common-files/\n"
        assert "secret" not in common.rclone(
            "lsf", f"{remote}/{HOME}".replace(":/", ":"), code=None
        )
    assert "404" in common.aws("cp", f"s3://io/{HOME}/secret.txt", "-", code=1)
    common.rclone("copyto", "a b.txt", f"dav:{HOME}/no.txt", code=1)
    common.aws("cp", "a b.txt", f"s3://io/{HOME}/no.txt", code=1)
    assert "no.txt" not in ann.rclone("lsf", f"dav:{HOME}")
    said = rest(common, "POST", "/a/tree/stats", {"NodePaths": ["/*"]}).json()
    assert [node["Path"] for node in said["Nodes"]] == ["common-files"]
    assert rest(common, "GET", f"/a/tree/stat/{HOME}%2Fsecret.txt").status_code == 404
    assert rest(common, "GET", "/a/tree/stat/common-files%2Fby dav.txt").status_code == 200
    assert COMMON[0]["space"] == "common-files"


def rest(
    programs: Programs, method: str, path: str, body: object = None, **headers: str
) -> httpx2.Response:
    bearer = {"Authorization": f"Bearer {programs.token}"} | headers
    url = f"{programs.server.url}{path}"
    return httpx2.request(method, url, json=body, headers=bearer, timeout=30)


Shown = Callable[[Programs], tuple[int, str]]


def by_rest(programs: Programs) -> tuple[int, str]:
    answer = rest(programs, "POST", "/a/tree/stats", {"NodePaths": ["/*"]})
    assert set(answer.json()) >= {"Code", "Title", "Detail"}
    return answer.status_code, answer.headers["www-authenticate"]


def by_dav(programs: Programs) -> tuple[int, str]:
    answer = rest(programs, "PROPFIND", f"/dav/{HOME}/", Depth="1")
    return answer.status_code, answer.headers["www-authenticate"]


def by_plain_s3(programs: Programs) -> tuple[int, str]:
    answer = rest(programs, "GET", "/io?list-type=2")
    found = re.search(r"<Code>(\w+)</Code>", answer.text)
    assert found, answer.text
    return answer.status_code, found[1]


def by_signed_s3(programs: Programs) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        boto(programs).list_objects_v2(Bucket="io")
    told = caught.value.response
    return told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Code"]


UNSCOPED = [
    (by_rest, 403, 'error="insufficient_scope"'),
    (by_dav, 403, 'error="insufficient_scope"'),
    (by_plain_s3, 403, "AccessDenied"),
    (by_signed_s3, 403, "AccessDenied"),
]
FOREIGN = [
    (by_rest, 401, 'error="invalid_token"'),
    (by_dav, 401, 'error="invalid_token"'),
    (by_plain_s3, 401, "InvalidAccessKeyId"),
    (by_signed_s3, 403, "InvalidAccessKeyId"),
]


@pytest.mark.parametrize(("shown", "status", "told"), UNSCOPED)
def test_without_the_scope_of_files_each_wire_refuses(
    place: Place, tmp_path: Path, shown: Shown, status: int, told: str
) -> None:
    """RFC6750-3.1; the same person, the same application."""
    got, said = shown(place.programs(tmp_path, "openid profile email"))
    assert (got, told in said) == (status, True), said


@pytest.mark.parametrize(("shown", "status", "told"), FOREIGN)
def test_a_token_for_another_resource_is_refused_on_each_wire(
    place: Place, tmp_path: Path, shown: Shown, status: int, told: str
) -> None:
    """RFC8707-2, RFC9068-4."""
    got, said = shown(place.programs(tmp_path, READ_WRITE, resource=ELSEWHERE))
    assert (got, told in said) == (status, True), said


def test_programs_say_what_was_refused(place: Place, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    bare = place.programs(tmp_path, "openid")
    assert "AccessDenied" in bare.aws("cp", "a", f"s3://io/{HOME}/a", code=1)
    assert "403" in bare.rclone("copyto", "a", f"s3:io/{HOME}/a", code=1)
    assert "403" in bare.rclone("copyto", "a", f"dav:{HOME}/a", code=1)
    reading = place.programs(tmp_path, "openid files.read")
    reading.rclone("lsf", f"dav:{HOME}")
    assert "AccessDenied" in reading.aws("cp", "a", f"s3://io/{HOME}/a", code=1)
    assert "403" in reading.rclone("copyto", "a", f"dav:{HOME}/a", code=1)
    created = {"Nodes": [{"Path": f"{HOME}/a", "Type": "COLLECTION"}]}
    assert rest(reading, "POST", "/a/tree/create", created).status_code == 403


@pytest.mark.parametrize("wire", ["a", "io", "dav"])
def test_a_token_for_one_wire_opens_that_wire(place: Place, tmp_path: Path, wire: str) -> None:
    """RFC8707-2: each wire is a resource of its own too."""
    one = place.programs(tmp_path, READ_WRITE, resource=f"{place.server.url}/{wire}")
    answers = {
        "a": rest(one, "POST", "/a/tree/stats", {"NodePaths": ["/*"]}).status_code,
        "io": rest(one, "GET", "/io?list-type=2").status_code,
        "dav": rest(one, "PROPFIND", "/dav/", Depth="1").status_code,
    }
    assert {name for name, status in answers.items() if status < 300} == {wire}


def test_a_password_of_the_account_opens_no_wire(place: Place, tmp_path: Path) -> None:
    """DESIGN 15."""
    basic = base64.b64encode(b"ann:correct horse battery").decode()
    for path, status in (("/dav/", 401), ("/io", 403), ("/a/frontend/bootconf", 200)):
        answer = httpx2.get(
            f"{place.server.url}{path}", headers={"Authorization": f"Basic {basic}"}
        )
        assert answer.status_code in (status, 401), path
    done = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", "ann:correct horse battery",
         f"{place.server.url}/dav/{HOME}/"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "401"
