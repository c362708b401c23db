"""Texts, numbers and paths of a command line, read without what typer reads every kind by.

That is pydantic, which takes a tenth of a second and 7 MB to load, and a server keeps it as long
as it runs. Whatever it alone can read, or say what is wrong with, is still left to it.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param


def _number(value: str) -> int:
    if not value.isascii() or not value.removeprefix("-").isdigit():
        raise ValueError(value)
    return int(value)


_READ: Mapping[object, Callable[[str], object]] = {str: str, int: _number, Path: Path}


@dataclass(frozen=True)
class _Plain(RuntimeParam):
    """Reads what one parameter is given."""

    descriptor: TypeDescriptor
    read: Callable[[str], object] | None

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401  (typer's own)
        with contextlib.suppress(ValueError):
            if self.read is not None and isinstance(value, str):
                return self.read(value)
            if self.read is not None and isinstance(value, list | tuple):
                return [self.read(one) for one in value]
        if value is param.default and type(value) is not str:
            return value
        return build_runtime_param(self.descriptor).coerce(value, param, ctx)


def read_plainly(command: Any) -> None:  # noqa: ANN401  (typer's own)
    """Have a command or a group read what is plain, or not said at all, by itself."""
    for one in command.params:
        _make_plain(one)
    asked = command.get_help_option

    def help_option(context: object) -> object:
        found = asked(context)
        if found is not None:
            _make_plain(found)
        return found

    command.get_help_option = help_option


def _make_plain(param: Any) -> None:  # noqa: ANN401  (typer's own)
    descriptor: TypeDescriptor = param.type_descriptor
    info = descriptor.parameter_info
    kind: object = descriptor.annotation
    if descriptor.is_list:
        (kind,) = get_args(kind)
    is_checked = (
        descriptor.is_ranged or descriptor.is_choice or info.parser or info.exists
        or info.writable or info.resolve_path or info.allow_dash
    )  # fmt: skip
    param._runtime_param = _Plain(  # noqa: SLF001  (typer makes it when it is first asked for)
        parameter_info=info,
        annotation=descriptor.annotation,
        descriptor=descriptor,
        read=None if is_checked else _READ.get(kind),
    )
