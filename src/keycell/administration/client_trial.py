"""Trying an application: a page of ours is answered in its place, for a while. decisions/0086.

It ends by itself, for whoever tries it may close the window; and it wants no sign-in of just now,
for what is answered there goes to nobody else.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypedDict

from keycell.accounts.errors import Invalid
from keycell.administration.call import Moment
from keycell.administration.clients import ClientNamed, Named, keep
from keycell.administration.office import Office
from keycell.oauth.clients import Trial

CALLBACK = "/admin/tried"
LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """An application, and by which of this server's origins it is tried."""

    client_id: str
    origin: str


class TrialView(TypedDict):
    """Where an application is answered in its place, and until when."""

    client_id: str
    redirect_uri: str
    until: Moment


async def begun(office: Office, asked: Trying) -> TrialView:
    """Let an application be answered at a page of ours too, for a quarter of an hour."""
    client = await office.foreign_client(asked.client_id)
    if asked.origin not in office.origins:
        raise Invalid("origin", "origin", f"expected one of {', '.join(office.origins)}")
    if client.is_fapi2 and not asked.origin.startswith("https://"):
        raise Invalid("origin", "origin", "with profile fapi2 only https")
    trial = Trial(f"{asked.origin}{CALLBACK}", office.provider.clock() + LASTS)
    await keep(office, client.client_id, lambda now: replace(now, trial=trial))
    return {
        "client_id": client.client_id,
        "redirect_uri": trial.redirect_uri,
        "until": trial.until.isoformat(),
    }


async def ended(office: Office, asked: Named) -> ClientNamed:
    """Let an application be answered at its own addresses alone again."""
    client = await office.foreign_client(asked.client_id)
    if client.trial is not None:
        await keep(office, client.client_id, lambda now: replace(now, trial=None))
    return {"client_id": client.client_id}
