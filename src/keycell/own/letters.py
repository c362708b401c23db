"""Which letters one gets: some can be turned off, those about one's safety cannot. UX-P11."""

from dataclasses import dataclass, replace

from keycell.accounts.tellings import SAFETY, SWITCHES, WHY_ALWAYS, Switch
from keycell.administration.call import Document, Nothing
from keycell.own.holder import Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """What one wants no letters of; of all else one does."""

    off: tuple[Switch, ...]


async def listed(holder: Holder, _asked: Nothing) -> Document:
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


async def chosen(holder: Holder, asked: Choosing) -> Document:
    """Keep what one wants no letters of."""
    quiet = tuple(one.value for one in SWITCHES if one in asked.off)
    await holder.people.preferences.change(
        holder.account.sub, lambda before: replace(before, quiet=quiet)
    )
    return await listed(holder, Nothing())
