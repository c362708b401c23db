"""S3's own programs against a running server: boto3, the aws command line, rclone."""

import filecmp
import hashlib
import os
from pathlib import Path
from sys import executable
from typing import Any

import boto3
import httpx2
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from ...conftest import PASSWORD
from ...server import keycell, keycell_json, serving
from ...test_tls import pem
from .conftest import Home

BIN = Path(executable).parent
AWS, RCLONE = str(BIN / "aws"), str(BIN / "rclone")
SPACE = "io/personal-files"
MIB = 2**20


def boto(home: Home, *, key: str = "", verify: str | None = None, **config: Any) -> Any:  # noqa: ANN401  (boto3 has no types)
    return boto3.client(
        "s3", endpoint_url=home.server.url, region_name="eu-west-3",
        aws_access_key_id=key or home.token, aws_secret_access_key="gatewaysecret", verify=verify,
        config=Config(retries={"max_attempts": 1}, **config),
    )  # fmt: skip


def refused(call: Any, **arguments: object) -> str:  # noqa: ANN401
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    found: str = caught.value.response["Error"]["Code"]
    return found


@pytest.mark.parametrize("checksums", ["when_supported", "when_required"])
def test_boto3_with_and_without_its_checksums(real: Home, checksums: str) -> None:
    client = boto(
        real, request_checksum_calculation=checksums, response_checksum_validation=checksums
    )
    key = f"personal-files/boto {checksums}/é.txt"
    put = client.put_object(Bucket="io", Key=key, Body=b"hello", Metadata={"colour": "blue"})
    assert put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    got = client.get_object(Bucket="io", Key=key)
    assert got["Body"].read() == b"hello"
    assert got["Metadata"] == {"colour": "blue"}
    assert client.head_object(Bucket="io", Key=key)["ContentLength"] == 5
    [bucket] = client.list_buckets()["Buckets"]
    assert bucket["Name"] == "io"
    source = {"Bucket": "io", "Key": key}
    client.copy_object(Bucket="io", Key=f"{key}.copy", CopySource=source)
    page = client.list_objects_v2(Bucket="io", Prefix=f"personal-files/boto {checksums}/")
    assert [one["Key"] for one in page["Contents"]] == [key, f"{key}.copy"]
    keys = [{"Key": one["Key"]} for one in page["Contents"]]
    done = client.delete_objects(Bucket="io", Delete={"Objects": keys})
    assert len(done["Deleted"]) == 2
    assert refused(client.get_object, Bucket="io", Key=key) == "NoSuchKey"
    assert refused(client.head_object, Bucket="io", Key=key) == "404"


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_boto3_with_every_checksum_whole_and_in_parts(
    real: Home, algorithm: str, tmp_path: Path
) -> None:
    client = boto(real)
    content = os.urandom(11 * MIB)
    key = f"personal-files/sums/{algorithm}"
    client.put_object(Bucket="io", Key=key, Body=content, ChecksumAlgorithm=algorithm)
    got = client.get_object(Bucket="io", Key=key, ChecksumMode="ENABLED")
    assert got["Body"].read() == content
    assert got[f"Checksum{algorithm}"]
    source = tmp_path / "source"
    source.write_bytes(content)
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    client.upload_file(
        str(source), "io", f"{key}.parts", Config=parts,
        ExtraArgs={"ChecksumAlgorithm": algorithm},
    )  # fmt: skip
    client.download_file("io", f"{key}.parts", str(tmp_path / "got"), Config=parts)
    assert filecmp.cmp(source, tmp_path / "got", shallow=False)
    client.copy({"Bucket": "io", "Key": key}, "io", f"{key}.copied", Config=parts)
    client.download_file("io", f"{key}.copied", str(tmp_path / "copied"))
    assert filecmp.cmp(source, tmp_path / "copied", shallow=False)


def test_over_https_checksums_follow_the_body_in_a_trailer(tmp_path: Path) -> None:
    """Over https the SDKs send chunks that are not signed, and the checksum after them."""
    chain, private = pem(tmp_path / "tls")
    with serving(tmp_path / "data", "--tls-cert", str(chain), "--tls-key", str(private)) as server:
        where = ("--data", str(server.data))
        keycell("admin", "user", "add", "ann", "--password-stdin", *where, stdin=PASSWORD)
        token = keycell_json(
            "admin", "token", "add", "ann", "--label", "t", "--expires", "1h", *where
        )["access_token"]
        client = boto(Home(server, token, tmp_path), verify=str(chain))
        content = os.urandom(9 * MIB)
        sent: list[str] = []
        client.meta.events.register(
            "before-send.s3",
            lambda request, **_: sent.append(str(request.headers.get("X-Amz-Trailer"))),
        )
        for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
            key = f"personal-files/{algorithm}"
            client.put_object(Bucket="io", Key=key, Body=content, ChecksumAlgorithm=algorithm)
            got = client.get_object(Bucket="io", Key=key, ChecksumMode="ENABLED")
            assert got[f"Checksum{algorithm}"]
            assert got["Body"].read() == content
            assert "ContentEncoding" not in got
        assert "b'x-amz-checksum-crc64nvme'" in sent or "x-amz-checksum-crc64nvme" in sent
        (tmp_path / "big").write_bytes(content)
        parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
        client.upload_file(str(tmp_path / "big"), "io", "personal-files/big", Config=parts)
        client.download_file("io", "personal-files/big", str(tmp_path / "back"))
        assert (tmp_path / "back").read_bytes() == content


def test_boto3_is_told_what_is_wrong(real: Home) -> None:
    assert refused(boto(real, key="no.such.token").list_buckets) == "InvalidAccessKeyId"
    client = boto(real)
    answer = refused(client.get_object, Bucket="io", Key="nobody/a")
    assert answer == "NoSuchKey"
    assert refused(client.get_bucket_acl, Bucket="io") == "NotImplemented"


def test_a_token_presigns_no_url(real: Home) -> None:
    """DESIGN 10: whoever had the URL would have the token."""
    url = boto(real, signature_version="s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": "io", "Key": "personal-files/a"}, ExpiresIn=60
    )
    answer = httpx2.get(url)
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code>" in answer.text


def test_a_pair_serves_programs_and_presigns_urls(real: Home, tmp_path: Path) -> None:
    where = ("--data", str(real.server.data))
    pair = keycell_json(
        "admin", "token", "add", "ann", "--label", "rclone", "--expires", "24h", "--s3", *where
    )
    own = Home(real.server, pair["access_key_id"], tmp_path, real.environment | {
        "AWS_ACCESS_KEY_ID": pair["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": pair["secret_access_key"],
    })  # fmt: skip
    (tmp_path / "a.txt").write_text("hello")
    own.run(AWS, "s3", "cp", "--quiet", "a.txt", f"s3://{SPACE}/pair dir/é.txt")
    own.run(AWS, "configure", "set", "default.s3.signature_version", "s3v4")
    url = own.run(AWS, "s3", "presign", "--expires-in", "60", f"s3://{SPACE}/pair dir/é.txt")
    answer = httpx2.get(url.strip())
    assert (answer.status_code, answer.text) == (200, "hello")
    assert httpx2.put(url.strip(), content=b"x").status_code == 403
    assert httpx2.get(url.strip().replace("pair%20dir", "other")).status_code == 403
    keycell("admin", "token", "revoke", "ann", pair["access_key_id"], *where)
    assert httpx2.get(url.strip()).status_code == 403


def test_a_token_for_one_space_is_told_of_no_other(real: Home) -> None:
    """A personal access token, read alone."""
    made = keycell_json(
        "admin", "token", "add", "ann", "--label", "one", "--expires", "1h",
        "--scope", "space:common-files:r", "--data", str(real.server.data),
    )  # fmt: skip
    boto(real).put_object(Bucket="io", Key="personal-files/secret", Body=b"x")
    client = boto(real, key=made["access_token"])
    listed = client.list_objects_v2(Bucket="io", Delimiter="/").get("CommonPrefixes", [])
    assert {one["Prefix"] for one in listed} <= {"common-files/"}
    assert refused(client.get_object, Bucket="io", Key="personal-files/secret") == "NoSuchKey"
    answer = refused(client.put_object, Bucket="io", Key="personal-files/b", Body=b"x")
    assert answer in {"AccessDenied", "NoSuchKey"}


def test_a_body_is_signed_chunk_by_chunk(real: Home, tmp_path: Path) -> None:
    """Rclone signs so where it must not read a file twice."""
    (tmp_path / "a").write_bytes(os.urandom(300_000))
    real.run(RCLONE, "copyto", "a", f"k:{SPACE}/chunked/a", "--s3-use-unsigned-payload=false",
             "--s3-upload-cutoff=0")  # fmt: skip
    assert real.run(RCLONE, "md5sum", f"k:{SPACE}/chunked").endswith("  a\n")


def test_aws_copies_lists_syncs_and_removes(real: Home, tmp_path: Path) -> None:
    local = tmp_path / "local"
    (local / "sub dir").mkdir(parents=True)
    (local / "é +&.txt").write_bytes(b"one")
    (local / "sub dir" / "empty").write_bytes(b"")
    (local / "big.bin").write_bytes(os.urandom(20 * MIB))
    place = f"s3://{SPACE}/aws"
    real.run(AWS, "s3", "cp", "--recursive", "--quiet", str(local), place)
    assert "personal-files/" in real.run(AWS, "s3", "ls", "s3://io/")
    listed = real.run(AWS, "s3", "ls", "--recursive", f"{place}/")
    assert [line.split(maxsplit=3)[2:] for line in listed.splitlines()] == [
        [str(20 * MIB), "personal-files/aws/big.bin"],
        ["0", "personal-files/aws/sub dir/empty"],
        ["3", "personal-files/aws/é +&.txt"],
    ]
    real.run(AWS, "s3", "cp", "--recursive", "--quiet", place, str(tmp_path / "back"))
    comparison = filecmp.dircmp(local, tmp_path / "back")
    assert [*comparison.left_only, *comparison.right_only, *comparison.diff_files] == []
    assert filecmp.cmp(local / "big.bin", tmp_path / "back" / "big.bin", shallow=False)
    assert real.run(AWS, "s3", "sync", str(local), place) == ""
    real.run(AWS, "s3", "mv", "--quiet", f"{place}/big.bin", f"{place}/moved.bin")
    real.run(AWS, "s3", "rm", "--recursive", "--quiet", place + "/")
    assert real.run(AWS, "s3", "ls", "--recursive", f"{place}/").count("moved.bin") == 0


def test_rclone_copies_checks_and_moves(real: Home, tmp_path: Path) -> None:
    local = tmp_path / "tree"
    for number in range(60):
        path = local / f"dir {number % 7}" / f"ä{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(hashlib.sha256(str(number).encode()).digest() * number)
    (local / "big").write_bytes(os.urandom(12 * MIB))
    (local / "empty dir").mkdir()
    place = f"k:{SPACE}/rclone"
    parts = ("--s3-upload-cutoff=5M", "--s3-chunk-size=5M")
    real.run(RCLONE, "copy", str(local), place, *parts)
    real.run(RCLONE, "check", str(local), place)
    real.run(RCLONE, "check", "--download", str(local), place)
    listed = real.run(RCLONE, "lsf", "-R", "--files-only", place).splitlines()
    assert len(listed) == 61
    again = real.run(RCLONE, "copy", "--stats-one-line", "-v", str(local), place)
    assert "Copied" not in again
    real.run(RCLONE, "moveto", f"{place}/big", f"{place}/moved/big")
    real.run(RCLONE, "copy", place, str(tmp_path / "back"))
    assert (tmp_path / "back" / "moved" / "big").stat().st_size == 12 * MIB
    real.run(RCLONE, "mkdir", f"{place}/made", "--s3-directory-markers")
    assert "made/\n" in real.run(RCLONE, "lsf", place)
    real.run(RCLONE, "purge", place)
    assert real.run(RCLONE, "lsf", "-R", "--files-only", place, code=None) == ""
    assert "personal-files\n" in real.run(
        RCLONE, "lsf", "--dirs-only", "--dir-slash=false", "k:io"
    )
    assert "io/\n" in real.run(RCLONE, "lsf", "k:")


def test_rclone_writes_and_reads_streams(real: Home, tmp_path: Path) -> None:
    (tmp_path / "stream").write_bytes(os.urandom(7 * MIB))
    content = (tmp_path / "stream").read_bytes()
    command = f"{RCLONE} rcat k:{SPACE}/streamed < stream && {RCLONE} cat k:{SPACE}/streamed > out"
    real.run("sh", "-c", command)
    assert (tmp_path / "out").read_bytes() == content
    real.run("sh", "-c", f"{RCLONE} cat --offset 100 --count 50 k:{SPACE}/streamed > part")
    assert (tmp_path / "part").read_bytes() == content[100:150]
