"""Which letters one gets: some can be turned off, those about one's safety cannot. UX-P11."""

from dataclasses import dataclass, replace
from typing import TypedDict

from keycell.accounts.tellings import SAFETY, SWITCHES, WHY_ALWAYS, Switch
from keycell.administration.call import Nothing
from keycell.own.holder import Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """What one wants no letters of; of all else one does."""

    off: tuple[Switch, ...]


class SwitchView(TypedDict):
    """What letters are about, and whether one gets them."""

    name: str
    label: str
    is_on: bool


class Letters(TypedDict):
    """Which letters one gets: some can be turned off, others always come, and why."""

    items: list[SwitchView]
    always: list[str]
    why_always: str
    has_mail: bool


async def listed(holder: Holder, _asked: Nothing) -> Letters:
    """List what letters are about, each with whether one gets them, in words too."""
    chosen = await holder.people.preferences.find(holder.account.sub)
    return {
        "items": [
            {"name": one.value, "label": said.told(holder.words), "is_on": one not in chosen.quiet}
            for one, said in SWITCHES.items()
        ],
        "always": [said.told(holder.words) for said in SAFETY],
        "why_always": WHY_ALWAYS.told(holder.words),
        "has_mail": holder.people.mail.mailer.is_set,
    }


async def chosen(holder: Holder, asked: Choosing) -> Letters:
    """Keep what one wants no letters of."""
    quiet = tuple(one.value for one in SWITCHES if one in asked.off)
    await holder.people.preferences.change(
        holder.account.sub, lambda before: replace(before, quiet=quiet)
    )
    return await listed(holder, Nothing())
