"""What is known of a file or folder beside itself, for who looks at its details."""

from collections.abc import Mapping
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.finding import by_id, names_of
from keycell.files.happenings import Happening, happened, holding
from keycell.files.nodes import SENT_BY
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.roles import labels
from keycell.http.wire import json_answer


async def about(edge: Edge, request: Request) -> Response:
    """Say whose it is, what it holds, and what became of it."""
    actor = await actor_of(edge, request)
    located = await by_id(edge.files, actor, request.path_params["node_id"])
    node = located.node
    found = await happened(edge.files, actor, located)
    held = await holding(edge.files, actor, located) if node.is_folder else None
    people = {node.created_by, node.changed_by, located.space.owner}
    people |= {name for one in found for name in (one.by, one.role)}
    names = {**await labels(edge), **await names_of(edge.files, people - {""})}
    return json_answer(
        {
            "owner": names.get(located.space.owner, ""),
            "space": {"label": located.space.label, "kind": located.space.kind.value},
            "created_at": node.created_at.isoformat(),
            "created_by": names.get(node.created_by, ""),
            "changed_by": names.get(node.changed_by, ""),
            "sha256": node.sha256,
            "sent_by": node.headers.get(SENT_BY, ""),
            "holds": None if held is None else asdict(held),
            "activity": [_told(one, names) for one in found],
        },
    )


def _told(one: Happening, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "at": one.at.isoformat(), "action": one.action, "by": names.get(one.by, ""),
        "label": one.label, "who": names.get(one.role, one.role),
    }  # fmt: skip
