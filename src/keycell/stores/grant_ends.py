"""How grants end that are not named one by one: those of a session, of somebody, of a client."""

from sqlalchemy import BindParameter, bindparam, update

from keycell.stores.database import Statement
from keycell.stores.schema import grants

_AT: BindParameter[int] = bindparam("b_at")

REVOKE_OF_SESSION = Statement(
    update(grants)
    .where(
        grants.c.sid == bindparam("b_sid"),
        grants.c.revoked_at.is_(None),
        # A grant with offline access was given to outlive the session. OIDCC-11.
        grants.c.refresh_digest.is_(None),
    )
    .values(revoked_at=_AT)
)
REVOKE_OF_ACCOUNT = Statement(
    update(grants)
    .where(grants.c.sub == bindparam("b_sub"), grants.c.revoked_at.is_(None))
    .values(revoked_at=_AT)
)
REVOKE_OF_CLIENT = Statement(
    update(grants)
    .where(grants.c.client_id == bindparam("b_client_id"), grants.c.revoked_at.is_(None))
    .values(revoked_at=_AT)
)
REVOKE_OF_BOTH = Statement(
    update(grants)
    .where(
        grants.c.sub == bindparam("b_sub"),
        grants.c.client_id == bindparam("b_client_id"),
        grants.c.revoked_at.is_(None),
    )
    .values(revoked_at=_AT)
)
"""What one client holds of one person."""
