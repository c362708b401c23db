"""Lists of keys: by prefix and delimiter, page by page, in the order of their bytes."""

import base64

import pytest

from keycell.files.finding import PAGE
from keycell.http.s3.listing import MOST

from .conftest import S3, code, xml

KEYS = [
    "a-b/x", "a.txt", "a/1", "a/2", "a/b/c/d", "a/b0", "a0", "empty/", "z é/ü&<>.txt",
]  # fmt: skip
P = "personal-files/"


@pytest.fixture
async def home(s3: S3) -> S3:
    for key in KEYS:
        await s3.put(P + key, b"" if key.endswith("/") else b"x")
    return s3


def model(keys: list[str], prefix: str, delimiter: str, after: str = "") -> list[str]:
    """What S3 lists of keys."""
    found = []
    for key in sorted(keys, key=str.encode):
        if not key.startswith(prefix):
            continue
        at = key.find(delimiter, len(prefix)) if delimiter else -1
        folded = key if at < 0 else key[: at + len(delimiter)]
        if key.encode() > after.encode() and folded not in found:
            found.append(folded)
    return found


ALL = [P + key for key in KEYS]


@pytest.mark.parametrize("delimiter", ["", "/", "b"])
async def test_keys_are_listed_as_s3_does(home: S3, delimiter: str) -> None:
    for prefix in ("", "a", "a/", "a/b", "a/b/", "a-", "b", "empty/", "z é/"):
        for most in ("1000", "1", "2"):
            asked = {"prefix": P + prefix, "max_keys": most}
            if delimiter:
                asked["delimiter"] = delimiter
            assert await home.keys(**asked) == model(ALL, P + prefix, delimiter), asked


async def test_keys_beyond_one_are_listed(home: S3) -> None:
    for after in ("", "a", "a.txt", "a/", "a/1", "a/b/", "a/b/c/zz", "b", "zz", "a\0", "a.\x01"):
        found = await home.keys(prefix=P, start_after=P + after)
        assert found == model(ALL, P, "", P + after), after


async def test_above_the_spaces_are_the_spaces(home: S3) -> None:
    spaces = await home.keys(delimiter="/")
    assert P in spaces
    assert spaces == sorted(spaces)
    assert await home.keys(prefix="pers", delimiter="/") == [P]
    assert await home.keys(prefix="pers") == sorted(ALL, key=str.encode)
    everything = await home.keys(max_keys="2")
    assert [key for key in everything if key.startswith(P)] == sorted(ALL, key=str.encode)


async def test_what_is_not_there_lists_nothing(home: S3) -> None:
    for prefix in ("nope/", f"{P}nope/", f"{P}a.txt/", f"{P}../", "/", f"{P}/", f"{P}a\x01"):
        assert await home.keys(prefix=prefix) == []


async def test_an_empty_space_has_its_own_key(s3: S3) -> None:
    assert await s3.keys(prefix=P, delimiter="/") == [P]
    assert await s3.keys(prefix=P) == [P]


async def test_the_elder_form_pages_by_markers(home: S3) -> None:
    found: list[str] = []
    marker = ""
    while True:
        answer = await home.ask("GET", prefix=P, delimiter="/", marker=marker, max_keys="2")
        root = xml(answer)
        keys = [one.text or "" for one in root.iterfind("Contents/Key")]
        keys += [one.text or "" for one in root.iterfind("CommonPrefixes/Prefix")]
        found += sorted(keys, key=str.encode)
        if root.findtext("IsTruncated") == "false":
            break
        marker = root.findtext("NextMarker") or ""
    assert found == model(ALL, P, "/")
    assert root.find("Contents/Owner/ID") is not None or keys


async def test_facts_of_a_key_are_those_of_its_file(home: S3) -> None:
    answer = await home.ask("GET", list_type="2", prefix=f"{P}a.txt", fetch_owner="true")
    entry = xml(answer).find("Contents")
    assert entry is not None
    assert entry.findtext("Size") == "1"
    assert entry.findtext("ETag") == '"9dd4e461268c8034f5c8564e155c67a6"'
    assert entry.findtext("Owner/DisplayName") == "ann"
    assert (entry.findtext("LastModified") or "").endswith("Z")


async def test_keys_are_encoded_on_demand(home: S3) -> None:
    answer = await home.ask("GET", list_type="2", prefix=f"{P}z é/", encoding_type="url")
    root = xml(answer)
    assert root.findtext("EncodingType") == "url"
    assert root.findtext("Contents/Key") == f"{P}z%20%C3%A9/%C3%BC%26%3C%3E.txt"
    assert root.findtext("Prefix") == f"{P}z%20%C3%A9/"


async def test_pages_are_bounded_and_their_tokens_ours(home: S3) -> None:
    for query in (
        {"max_keys": "-1"}, {"max_keys": "x"}, {"continuation_token": "%%%"},
        {"continuation_token": base64.b64encode(b"\xff").decode()}, {"prefix": "x" * 20_000},
    ):  # fmt: skip
        answer = await home.ask("GET", list_type="2", query=query)
        assert code(answer) == "400 InvalidArgument", query
    none = xml(await home.ask("GET", list_type="2", max_keys="0"))
    assert (none.findtext("KeyCount"), none.findtext("IsTruncated")) == ("0", "false")
    huge = xml(await home.ask("GET", list_type="2", max_keys="999999"))
    assert huge.findtext("MaxKeys") == "1000"


async def test_the_bucket_answers_what_programs_ask_first(s3: S3) -> None:
    assert (await s3.ask("HEAD")).status_code == 200
    assert xml(await s3.ask("GET", location="")).tag == "LocationConstraint"
    assert xml(await s3.ask("GET", versioning="")).tag == "VersioningConfiguration"
    assert code(await s3.ask("PUT")) == "409 BucketAlreadyOwnedByYou"
    assert code(await s3.ask("DELETE")) == "403 AccessDenied"


async def test_many_keys_are_deleted_at_once(home: S3) -> None:
    body = (
        f"<Delete><Object><Key>{P}a/1</Key></Object><Object><Key>{P}none</Key></Object>"
        f"<Object><Key>{P}..</Key></Object></Delete>"
    ).encode()
    root = xml(await home.ask("POST", "", body, delete=""))
    assert [one.text for one in root.iterfind("Deleted/Key")] == [f"{P}a/1", f"{P}none"]
    assert root.findtext("Error/Code") == "InvalidArgument"
    assert f"{P}a/1" not in await home.keys(prefix=P)
    assert code(await home.ask("POST", "", b"<x/>", delete="")) == "400 MalformedXML"
    bearer = {"Authorization": f"Bearer {home.token}", "x-amz-content-sha256": "0" * 64}
    answer = await home.http.post("/io?delete", content=body, headers=bearer)
    assert code(answer) == "400 XAmzContentSHA256Mismatch"


def test_a_full_page_takes_one_read() -> None:
    """What follows it is looked at too; a second read made pages of large folders dearer by half.

    A folder of 1,000 has no more to read, so the two would never be compared by their answers.
    """
    assert MOST < PAGE
