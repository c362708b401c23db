"""What a call is: what is asked for, as which value, what does it, and what it answers."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypedDict, TypeVar

import msgspec

from keycell.oauth.errors import InvalidRequest

Document = Mapping[str, Any]
World = TypeVar("World")
One = TypeVar("One")

Moment = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""When something is, was or will be. RFC3339-5.6."""


class Items(TypedDict, Generic[One]):
    """A list of all there are."""

    items: list[One]


class Page(TypedDict, Generic[One]):
    """A part of a list; ``next`` is the cursor to go on by, null at the end."""

    items: list[One]
    next: str | None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A call that asks for nothing in particular."""


@dataclass(frozen=True, slots=True)
class Call(Generic[World]):
    """What is asked for, as which value, and what does it in whose world."""

    asks: type
    act: Callable[[World, Any], Awaitable[Document]]
    is_grave: bool = False
    """It could lock somebody out, or open what outlasts a sign-in: it wants one of just now."""

    @property
    def gives(self) -> Any:  # noqa: ANN401  (whatever describes a type)
        """What is answered, as whatever does it says."""
        return inspect.signature(self.act).return_annotation

    async def answer(self, world: World, said: Mapping[str, object]) -> Document:
        """Do what is asked; raise InvalidRequest where it is not said as it must be."""
        try:
            asked: object = msgspec.convert(said, self.asks, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidRequest(str(error)) from None
        return await self.act(world, asked)
