"""How findings are told: a line for each, and beneath it how to mend what is wrong."""

from collections.abc import Sequence
from dataclasses import asdict

from keycell.cli.output import Exit, show
from keycell.client.findings import Finding

_AT = 19
"""Where what is said of a check begins."""


def tell(found: Sequence[Finding], *, as_json: bool, **beside: object) -> None:
    """Tell findings; the command ends with exit code 1 if anything is to be mended."""
    fine = all(one.ok for one in found)
    lines = [line for one in found for line in _lines(one)]
    show({"ok": fine, "items": [asdict(one) for one in found], **beside}, lines, as_json=as_json,
         indent=_AT)  # fmt: skip
    if not fine:
        raise SystemExit(int(Exit.OTHER))


def _lines(found: Finding) -> list[str]:
    first = f"{'ok' if found.ok else 'MEND':<4}  {found.check:<11}  {found.said}"
    return [first, *([f"{'':<{_AT}}{found.mend}"] if found.mend else [])]
