"""The rules of the house that no linter knows."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

# They read what others run.
pytestmark = pytest.mark.no_cover

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "keycell"
MODULES = sorted(
    [*SRC.rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").glob("*.py")]
)
# Migrations are frozen: a list of tables as they once were.
MODULES = [path for path in MODULES if not {"node_modules", "versions"} & {*path.parts}]
TAG = re.compile(r"\b(?:RFC\d{4}|OIDC[A-Z]*|CIBA|NSSO)-[\dA-Z]+(?:\.\d+)*\b")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
DECISION = re.compile(r"decisions/(\d{4})")
STEP = re.compile(r"`([a-z_/]+\.py): (\w+)`")
SHARED = {
    "first_start",
    "migrated",
    "migrated_postgres",
    "postgres",
    "started_postgres",
    "server_identity",
}
"""The fixtures that outlive a file of tests: they are copied, and changed by none."""


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def of_tests() -> str:
    return "".join(path.read_text() for path in MODULES if path.name.startswith("test_"))


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_a_file_fits_in_the_head(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 400
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 40, node.name


@pytest.mark.parametrize("path", sorted((SRC / "oauth").glob("[!_]*.py")), ids=label)
def test_the_protocol_says_where_each_rule_is_written(path: Path) -> None:
    assert TAG.search(path.read_text())


def test_every_section_cited_in_the_protocol_is_cited_by_a_test() -> None:
    cited = {tag for path in (SRC / "oauth").glob("*.py") for tag in TAG.findall(path.read_text())}
    assert cited - set(TAG.findall(of_tests())) == set()


def test_decisions_are_numbered_and_every_one_that_is_cited_exists() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]
    for path in DECISIONS:
        assert path.read_text().startswith(f"# {path.name[:4]}. "), path.name
    said = "".join(path.read_text() for path in [*MODULES, *ROOT.glob("*.md"), *DECISIONS])
    assert set(DECISION.findall(said)) <= set(numbers)


def test_the_index_of_decisions_has_each_once_by_its_title() -> None:
    """A line is "- 0001 [Title](0001-file.md)", under the heading it belongs to."""
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    listed = sorted(re.findall(r"^- (\d{4}) \[(.+)\]\((.+)\)$", index, re.MULTILINE))
    pages = [
        (path.name[:4], path.read_text().partition("\n")[0].split(". ", 1)[1], path.name)
        for path in DECISIONS
    ]
    # The latest may be a change behind, as their numbers are given when they land.
    assert listed == pages[: max(len(listed), len(pages) - 5)]


def test_every_step_of_the_walks_exists() -> None:
    steps = STEP.findall((ROOT / "docs" / "walks.md").read_text())
    assert len(steps) > 20
    for file, name in steps:
        tree = ast.parse((SRC / file).read_text())
        assert name in {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }, f"{file}: {name}"


def test_what_the_map_names_exists() -> None:
    readme = (ROOT / "README.md").read_text()
    named = re.findall(r"^\| `((?:src|tests|bench|web)/[^`]*)` \|", readme, re.MULTILINE)
    assert len(named) > 8
    linked = [one for one in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in one]
    for one in [*named, *linked]:
        assert (ROOT / one).exists(), one


def test_lock_files_carry_no_addresses() -> None:
    """decisions/0024."""
    folders = ("bench", "tests/journeys", "web")
    locks = [*ROOT.glob("requirements*.txt")]
    locks += [ROOT / folder / "package-lock.json" for folder in folders]
    for path in locks:
        text = path.read_text()
        assert "--index-url" not in text, path.name
        assert '"resolved"' not in text, path.name
        assert not re.search(r"@ (https?|file):", text), path.name


def test_every_dependency_has_its_reason() -> None:
    """decisions/0012."""
    page = (ROOT / "docs" / "decisions" / "0012-dependencies.md").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["test"],
              *project["project"]["optional-dependencies"]["server"]]  # fmt: skip
    for one in wanted:
        name = re.split(r"[<>=; ]", one)[0]
        assert name in page, name


@pytest.mark.parametrize("language", ["fr", "de", "es", "ar"])
def test_every_sentence_of_the_frontend_is_translated(language: str) -> None:
    catalog = (ROOT / "web" / "src" / "locales" / f"{language}.po").read_text()
    sentences = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', catalog, re.MULTILINE)
    assert len(sentences) > 400
    assert [said for said, translated in sentences if not translated] == []


def test_every_attack_has_a_test_of_its_number() -> None:
    """ATTACKS: a row is done when a test named after its number fails to get in."""
    named = re.findall(r"def test_attack_((?:\d\d_)+)", of_tests())
    tried = {int(number) for one in named for number in one.strip("_").split("_")}
    assert set(range(1, 95)) - tried == set()


def test_what_a_file_of_tests_changes_ends_with_it() -> None:
    """Which files meet in one worker, and in what order, is chance."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                said = "".join(map(ast.unparse, node.decorator_list))
                if re.search(r"scope='(session|package)'", said):
                    found.add(node.name)
    assert found == SHARED
