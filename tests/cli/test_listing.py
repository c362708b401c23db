"""Every list takes the same options, and tells programs and people alike."""

import json
from typing import Any

import pytest

from keycell.cli.terminal import Terminal, cells
from keycell.cli.topics import TOPICS, _page

from ..server import keycell, keycell_json
from .tree import commands

LISTING = {"ls", "list", "find", "du", "tree", "presets", "sessions", "invitations", "requests",
           "conflicts", "status", "namespaces"}  # fmt: skip
ALONE = {"auth status", "tags ls"}
"""They tell of one thing."""


LISTS = [(words, one) for words, one in commands().items()
         if words.rpartition(" ")[2] in LISTING and words not in ALONE]  # fmt: skip


@pytest.mark.parametrize(("words", "command"), LISTS, ids=[words for words, _ in LISTS])
def test_every_list_takes_the_same_options(words: str, command: Any) -> None:  # noqa: ANN401
    taken = {option for one in command.params for option in one.opts}
    missing = {"--limit", "--all", "--sort", "--columns", "--format", "--json", "--jq"} - taken
    assert not missing, words


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    where = ("--data", str(tmp_path_factory.mktemp("listed") / "data"))
    for login in ("ann", "bob", "cleo"):
        keycell("admin", "user", "add", login, "--email", f"{login}@example.org",
                "--password-stdin", *where, stdin="correct horse battery")  # fmt: skip
    return where


def test_people_are_listed_as_they_are_wanted(here: tuple[str, str]) -> None:
    users = ("admin", "user", "list", *here)
    told = keycell(*users, "--sort", "-login", "--limit", "2", "--columns", "login,email").stdout
    assert told == "cleo\tcleo@example.org\nbob\tbob@example.org\n"
    assert keycell(*users, "--format", "{login}", "--limit", "1").stdout == "ann\n"
    whole = keycell_json(*users)["items"][0]
    assert {"sub", "claims", "leaves_at"} <= {*whole}
    assert "there are: sub, login" in keycell(*users, "--columns", "nme", code=2).stderr


def test_the_trail_stops_by_itself_and_goes_on_when_asked(here: tuple[str, str]) -> None:
    trail = ("admin", "audit", "list", *here)
    every = keycell_json(*trail, "--all")
    assert (len(every["items"]) >= 3, every["next"]) == (True, None)
    (one,) = keycell_json(*trail, "--limit", "1")["items"]
    assert one == every["items"][0]
    assert keycell_json(*trail, "--limit", "1", "--columns", "action,origin.ip")["items"] == [
        {"action": one["action"], "origin.ip": one["origin"]["ip"]}
    ]
    assert "exclude" in keycell(*trail, "--all", "--limit", "1", code=2).stderr


def test_of_any_json_a_part_is_printed(here: tuple[str, str]) -> None:
    """D5: --jq is --json, and what is wanted of it."""
    logins = keycell("admin", "user", "list", "--jq", ".items[].login", *here).stdout
    assert logins.split() == ["ann", "bob", "cleo"]
    assert keycell("admin", "user", "show", "bob", "--jq", ".email", *here).stdout == (
        "bob@example.org\n"
    )
    assert keycell("admin", "user", "list", "--jsonl", "--jq", ".login", *here).stdout == logins
    # What is no expression is refused before anything is done.
    keycell("admin", "user", "disable", "bob", "--jq", ".[", *here, code=2)
    assert keycell_json("admin", "user", "show", "bob", *here)["is_disabled"] is False


def test_scopes_and_times_of_tokens_are_read_by_people(here: tuple[str, str]) -> None:
    token = ("admin", "token")
    keycell(*token, "add", "ann", "--label", "backup", "--expires", "1d", "--scope",
            "space:team:rw", "--scope", "files.read", *here)  # fmt: skip
    line = keycell(*token, "list", "ann", "--columns", "label,scopes,is_held", *here).stdout
    assert line == "backup\tfiles.read,space:team:rw\tno\n"


@pytest.mark.parametrize("name", TOPICS)
@pytest.mark.parametrize("width", [60, 80])
def test_a_page_of_help_is_no_wider_than_the_terminal(name: str, width: int) -> None:
    terminal = Terminal(is_terminal=True, has_colour=False, width=width)
    lines = _page(TOPICS[name](), terminal)
    assert max(map(cells, lines)) <= width
    told = json.dumps([*TOPICS[name]().values()])
    assert all(word in told for line in lines for word in line.split()[-1:] if word.isalpha())


def help_of(words: str) -> str:
    command: Any = commands()[words]
    context = command.context_class(command, info_name=f"keycell {words}", terminal_width=80)
    return str(command.get_help(context))


@pytest.mark.parametrize("words", [words for words in commands() if words != "serve"])
def test_every_help_is_one_screen(words: str) -> None:
    """UX-D2."""
    lines = help_of(words).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 40


def test_what_may_be_given_several_times_is_said_as_people_say_it() -> None:
    told = keycell("admin", "client", "add", "--help").stdout
    assert "--redirect-uri <str>..." in told
    assert not [words for words in commands() if "list[" in help_of(words)]
