"""`make fuzz`: Atheris at every target, a minute each. `ARGS="--seconds 3600 --only sigv4"`.

What it finds stays under `.make/fuzz`; an input that fails belongs into the corpus, with the fix.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from .targets import TARGETS

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
KEPT = HERE.parents[1] / ".make" / "fuzz"
LONGEST = 4096
"""Bytes of an input; every limit of the parsers is looked at in tests of its own."""
SLOWEST = 5
"""Seconds that an input may take: a limit of the parser is missing where it takes more."""


def main() -> None:
    """Run each target in a process of its own; end with 1 if any has failed."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--only", action="append", choices=sorted(TARGETS), help="a target")
    wanted = parser.parse_args()
    failed = [name for name in wanted.only or TARGETS if not holds(name, wanted.seconds)]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}; the inputs are in {KEPT}")


def holds(name: str, seconds: int) -> bool:
    """Look for an input that a target fails at."""
    found = KEPT / name
    found.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "tests.fuzz.one", name, f"-max_total_time={seconds}",
        f"-max_len={LONGEST}", f"-timeout={SLOWEST}", f"-artifact_prefix={KEPT}/{name}-",
        str(found), str(CORPUS / name),
    ]  # fmt: skip
    print(f"--- {name}", flush=True)  # noqa: T201  (between what libFuzzer tells)
    return subprocess.run(command, check=False).returncode == 0


main()
