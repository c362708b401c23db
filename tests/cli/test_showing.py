"""One command with all the options of a list."""

import json

import pytest
import typer
from typer.testing import CliRunner

from keycell.cli.showing import Output, lists_paths, shows
from keycell.cli.tables import Column, Table, size_text
from keycell.cli.talk import redacted

TABLE = Table(
    (Column("name"), Column("size", text=size_text, is_number=True)), ("name", "size", "path"),
    raw="path",
)  # fmt: skip
ROWS: list[dict[str, object]] = [
    {"name": "b", "size": 20, "path": "w/b"},
    {"name": "a", "size": 100, "path": "w/a"},
    {"name": "c", "size": None, "path": "w/é"},
]


@lists_paths
def listed(out: Output, where: str = "") -> None:
    """List."""
    out.show(TABLE, ROWS, next=None)


@shows
def shown(out: Output) -> None:
    """Show."""
    out.one({"name": "a", "is_here": True, "size": None})


app = typer.Typer()
app.command()(listed)
app.command()(shown)


def said(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["listed", *arguments])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def test_programs_read_lines() -> None:
    assert said() == "b\t20\na\t100\nc\t\n"
    assert said("--columns", "path,name").startswith("w/b\tb\n")


def test_one_document() -> None:
    told = json.loads(said("--json"))
    assert told == {"items": ROWS, "next": None}
    assert json.loads(said("--json", "--columns", "size"))["items"][0] == {"size": 20}


def test_a_line_for_each() -> None:
    assert [json.loads(line) for line in said("--jsonl").splitlines()] == ROWS


def test_paths_alone() -> None:
    assert said("-r") == "w/b\nw/a\nw/é\n"
    assert said("-0") == "w/b\0w/a\0w/é\0"


def test_by_a_template() -> None:
    assert said("--format", r"{name}\t{size}", "--limit", "1") == "b\t20\n"
    assert said("--format", r"{path}\0", "--limit", "1") == "w/b\0"


def test_in_an_order() -> None:
    assert said("--sort", "name", "-r") == "w/a\nw/b\nw/é\n"
    assert said("--sort", "-size", "-r") == "w/a\nw/b\nw/é\n"
    assert said("--sort", "size", "-r") == "w/é\nw/b\nw/a\n"


@pytest.mark.parametrize("option", ["--sort", "--columns", "--format"])
def test_a_field_that_there_is_not(option: str) -> None:
    value = "{nme}" if option == "--format" else "nme"
    assert "name, size, path" in said(option, value, code=2)


def test_one_thing() -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["shown"]).stdout == "name\ta\nis_here\tyes\n"
    assert json.loads(runner.invoke(app, ["shown", "--json"]).stdout)["is_here"] is True


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cr3t-value",
        "> POST /oidc/oauth2/token code=s3cr3t-value&state=x",
        '{"refresh_token": "s3cr3t-value"}',
        "dpop s3cr3t-value",
        "a password=s3cr3t-value",
    ],
)
def test_what_opens_anything_is_not_said(text: str) -> None:
    assert "s3cr3t" not in redacted(text)
    assert "[hidden]" in redacted(text)
