"""Who acts on files, and what the trail says of it."""

from collections.abc import Mapping
from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.people import Account
from keycell.files.access import Actor, roles_of
from keycell.oauth.details import FilesDetail


def acting_as(
    account: Account,
    reach: tuple[FilesDetail, ...],
    client_id: str,
    *,
    is_admin: bool = False,
) -> Actor:
    """Say who acts with a person's rights, within what a token or a link leaves of them."""
    return Actor(
        sub=account.sub,
        login=account.login,
        roles=roles_of(account.sub, account.group_path, account.roles),
        reach=reach,
        is_admin=is_admin,
        client_id=client_id,
    )


def done_by(
    actor: Actor,
    at: datetime,
    action: str,
    target: str,
    origin: Origin,
    detail: Mapping[str, object],
) -> AuditEvent:
    """Say for the trail what an actor did, and to what."""
    return AuditEvent(
        at=at,
        actor=actor.sub,
        action=action,
        target=target,
        client_id=actor.client_id,
        origin=origin,
        detail=detail,
    )
