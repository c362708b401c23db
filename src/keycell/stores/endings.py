"""How what acts in a person's name ends: all of it, for whoever asks.

How one session ends, or all but one, is said in `sessions`.
"""

from datetime import datetime

from sqlalchemy import bindparam, update

from keycell.stores.columns import micros
from keycell.stores.database import Statement, Verb
from keycell.stores.grant_ends import REVOKE_OF_ACCOUNT
from keycell.stores.logouts import END_OF_ACCOUNT
from keycell.stores.personal import END_TOKENS_OF_ACCOUNT
from keycell.stores.schema import sessions
from keycell.stores.trusted import FORGET_TRUST

_END_SESSIONS = Statement(
    update(sessions)
    .where(sessions.c.sub == bindparam("b_sub"), sessions.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_at"))
)


def end_sign_ins(sub: str, at: datetime) -> Verb[None]:
    """End every session and grant of a person, and the trust in their browsers."""
    params = {"b_sub": sub, "b_at": micros(at)}
    # What is signed out comes back nowhere by a password alone.
    for statement in (_END_SESSIONS, END_OF_ACCOUNT, REVOKE_OF_ACCOUNT, FORGET_TRUST):
        yield statement, params


def end_everything(sub: str, at: datetime) -> Verb[None]:
    """End their tokens and access keys with that."""
    yield from end_sign_ins(sub, at)
    for statement in END_TOKENS_OF_ACCOUNT:
        yield statement, {"b_sub": sub}
