"""Values that are frozen where it is checked, and quick to make where it is not.

A frozen dataclass puts each field in its place by a call that asks whether it may: a request makes
twenty values of ten fields, and that was a fifteenth of its time. The type checker, which reads
this name as the library's own, refuses whatever changes a frozen value, before anything runs. See
decisions/0075.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses

    def dataclass(*, frozen: bool = False, **how: bool) -> Callable[[type], type]:
        """Make a class as `dataclasses.dataclass` does; one that is frozen counts as hashable."""
        return dataclasses.dataclass(unsafe_hash=frozen, **how)
