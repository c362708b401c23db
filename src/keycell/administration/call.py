"""What a call is: what is asked for, as which value, and what does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from keycell.oauth.errors import InvalidRequest

Document = Mapping[str, Any]
World = TypeVar("World")


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

    async def answer(self, world: World, said: Mapping[str, object]) -> Document:
        """Do what is asked; raise InvalidRequest where it is not said as it must be."""
        try:
            asked: object = msgspec.convert(said, self.asks, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidRequest(str(error)) from None
        return await self.act(world, asked)
