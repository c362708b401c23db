"""docs/conformance.md names a test for each module, and every test is named there."""

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "conformance.md"
ROW = re.compile(r"^\| ([\w-]+) \| [^|]+ \| `([./\w]+)::(\w+)` \|$", re.MULTILINE)
MODULES = (77, 70, 42)
"""Of the OpenID plans, of FAPI 2.0 and of FAPI-CIBA, without those of single countries."""


def functions(path: Path) -> set[str]:
    return set(re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE))


def test_each_module_has_a_test() -> None:
    told = ROW.findall(PAGE.read_text())
    oidc = {module for module, _, _ in told if module.startswith("oidcc-")}
    ciba = {module for module, _, _ in told if module.startswith("fapi-ciba-")}
    assert (len(oidc), len(told) - len(oidc) - len(ciba), len(ciba)) == MODULES
    for _, path, name in told:
        assert name in functions((HERE / path).resolve()), name


def test_each_test_is_told_of() -> None:
    told = {name for _, _, name in ROW.findall(PAGE.read_text())}
    for path in HERE.glob("test_*.py"):
        if path != Path(__file__):
            besides = {"test_fapi2_answers_are_signed_where_it_is_asked"}
            assert functions(path) <= told | besides, path.name
