"""The parts of the account page about programs and applications that act in one's name."""

from collections.abc import Callable, Collection, Mapping

from keycell.accounts.audit import AuditEvent
from keycell.accounts.sessions import browser_label
from keycell.http.edge import Edge
from keycell.http.render import when
from keycell.http.words import sentences
from keycell.oauth.grants import Grant
from keycell.own.access import is_program, is_told
from keycell.own.scopes import places
from keycell.provider.authorize import Visitor


async def programs(
    edge: Edge, sub: str, language: str, allowed: Collection[object]
) -> list[dict[str, object]]:
    """Give what the page shows of the programs that are signed in: command line, sync, others.

    What was allowed once is among them, for no list of what is ``allowed`` tells of it.
    """
    shown: list[dict[str, object]] = []
    for grant in await edge.provider.grants.of_account(sub, edge.provider.clock()):
        if not is_told(grant) or (grant.refresh is None and grant.client_id in allowed):
            continue
        client = await edge.provider.clients.find(grant.client_id)
        rotated = grant.refresh.rotated_at if grant.refresh else None
        shown.append({
            "grant_id": grant.grant_id,
            "name": client.name if client else grant.client_id,
            "device": browser_label(grant.user_agent),
            "ip": grant.ip,
            "since": when(grant.created_at, language),
            "seen": when(rotated or grant.created_at, language),
            "until": when(grant.ends_at, language) if grant.ends_at else "",
        })  # fmt: skip
    return shown


async def end_program(
    edge: Edge, _request: object, visitor: Visitor, fields: Mapping[str, str]
) -> str:
    """End one of the person's own programs; what else its application has goes on."""
    named = fields.get("grant_id")
    await _end(edge, visitor, lambda one: one.grant_id == named and is_told(one))
    return "ended"


async def end_programs(edge: Edge, visitor: Visitor) -> None:
    """End all of the person's own programs; what they allowed stays allowed."""
    await _end(edge, visitor, is_program)


async def _end(edge: Edge, visitor: Visitor, is_meant: Callable[[Grant], bool]) -> None:
    account, now = visitor.account, edge.people.clock()
    assert account is not None  # noqa: S101  (who acts is signed in)
    for grant in await edge.provider.grants.of_account(account.sub, now):
        if is_meant(grant):
            event = AuditEvent(
                at=now, actor=account.sub, action="grant.revoked", target=grant.grant_id,
                client_id=grant.client_id, origin=visitor.origin,
            )  # fmt: skip
            await edge.provider.grants.revoke(grant.grant_id, now, event)


async def applications(edge: Edge, sub: str, language: str) -> list[dict[str, object]]:
    """Give what the page shows of what the person allowed."""
    words, now = edge.pages.words(language), edge.provider.clock()
    shown: list[dict[str, object]] = []
    for client_id, consent, given_at in await edge.provider.consents.of_account(sub, now):
        client = await edge.provider.clients.find(client_id)
        told = places(consent.details, (), words)
        told += sentences(consent.scope, consent.claims, (), words)
        shown.append({
            "client_id": client_id,
            "name": client.name if client else client_id,
            "given": when(given_at, language),
            "until": when(consent.ends_at, language) if consent.ends_at else "",
            "sentences": [sentence for sentence, _ in told],
        })  # fmt: skip
    return shown


async def revoke(edge: Edge, _request: object, visitor: Visitor, fields: Mapping[str, str]) -> str:
    """Take back what the person allowed an application; all that it holds ends."""
    account, now = visitor.account, edge.people.clock()
    assert account is not None  # noqa: S101  (who acts is signed in)
    client_id = fields.get("client_id", "")
    event = AuditEvent(
        at=now, actor=account.sub, action="consent.revoked", target=account.sub,
        client_id=client_id, origin=visitor.origin,
    )  # fmt: skip
    await edge.provider.consents.revoke(account.sub, client_id, now, event)
    return "revoked"
