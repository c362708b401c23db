"""Any call to the server, by its path."""

import json

import pytest

from ..server import Server, keycell
from .conftest import Person
from .test_login import answering


def test_a_call_prints_the_json_of_its_answer(ann: Person) -> None:
    asked = json.dumps({"NodePaths": ["personal-files"]})
    told = json.loads(ann.types("api", "POST", "/a/meta/bulk/get", "--input", "-",
                                stdin=asked).stdout)  # fmt: skip
    assert [one["Path"] for one in told["Nodes"]] == ["personal-files"]
    spaces = json.loads(ann.types("api", "get", "/a/keycell/spaces").stdout)
    assert spaces


def test_a_query_is_made_of_fields(ann: Person) -> None:
    one = json.loads(ann.types("api", "GET", "/a/keycell/changes?limit=500&space=common-files",
                               "-f", "limit=1", "-f", "space=personal-files").stdout)  # fmt: skip
    assert len(one["changes"]) <= 1


def test_parts_are_joined(ann: Person) -> None:
    for number in range(3):
        ann.puts(f"personal-files/part-{number}.txt", b"x")
    path = "/a/keycell/changes?space=personal-files"
    whole = json.loads(ann.types("api", "GET", path).stdout)
    assert len(whole["changes"]) > 2
    parts = json.loads(ann.types("api", "GET", f"{path}&limit=1", "--paginate").stdout)
    assert parts["changes"] == whole["changes"]
    assert parts["more"] is False
    asked = json.dumps({"NodePaths": ["personal-files/*"], "Limit": 2})
    listed = json.loads(ann.types("api", "POST", "/a/meta/bulk/get", "--input", "-", "--paginate",
                                  stdin=asked).stdout)  # fmt: skip
    names = [one["Path"] for one in listed["Nodes"]]
    assert len(names) == len(set(names)) == listed["Pagination"]["Total"] > 2


def test_what_is_no_json_is_written_as_it_is(ann: Person) -> None:
    ann.puts("personal-files/plain.txt", b"as it is")
    assert ann.types("api", "GET", "/io/personal-files/plain.txt").stdout == "as it is"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("GET", "/a/keycell/nothing"), 3),
        (("GET", "/a/keycell/admin/users"), 5),
        (("POST", "/a/meta/bulk/get", "-f", "Limit=many"), 2),
        (("BREW", "/a"), 2),
        (("GET", "a/auth"), 2),
        (("GET", "//bank.example/a"), 2),
        (("GET", "https://bank.example/a"), 2),
        (("GET", "/\\bank.example/a"), 2),
        (("GET", "/a\r\nHost: x"), 2),
        (("GET", "/a#b"), 2),
        (("GET", "/a", "-f", "nothing"), 2),
        (("GET", "/a", "--input", "-"), 2),
        (("POST", "/a", "--input", "-", "-f", "a=b"), 2),
        (("POST", "/a", "--input", "/nowhere"), 2),
    ],
)
def test_exit_codes(ann: Person, arguments: tuple[str, ...], code: int) -> None:
    ann.error("api", *arguments, code=code)


def test_a_token_that_is_none(server: Server) -> None:
    wrong = {"KEYCELL_SERVER": server.url, "KEYCELL_TOKEN": "nonsense"}
    keycell("api", "GET", "/a/keycell/changes?space=personal-files", environment=wrong, code=4)


def test_the_token_goes_nowhere_else(ann: Person) -> None:
    """An address of another host is refused before anything is sent."""
    with answering(b"{}", "application/json") as url:
        for path in (url, url.removeprefix("http:"), f"/{url.removeprefix('http:')}"):
            said = ann.error("api", "GET", path, code=2)
            assert "no path at the server" in said["error"]


def test_an_expression_says_what_is_printed(ann: Person) -> None:
    ann.puts("personal-files/found.txt", b"x")
    path = "/a/keycell/changes?space=personal-files"
    told = ann.types("api", "GET", path, "--paginate", "--jq", ".more, {more}").stdout
    assert told == 'false\n{"more": false}\n'
    assert ann.types("api", "GET", path, "--jq", '"as it is"').stdout == "as it is\n"
    assert "--jq" in ann.error("api", "GET", path, "--jq", ".[", code=2)["error"]
    assert "--jq" in ann.error("api", "GET", path, "--jq", ".more.less", code=1)["error"]
