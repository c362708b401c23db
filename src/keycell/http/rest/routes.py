"""The REST calls, in one table: address, method, and who answers."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from keycell.http.edge import Edge
from keycell.http.rest import (
    cells,
    config,
    feed,
    frontend,
    graph,
    jobs,
    links,
    metadata,
    people,
    people_search,
    rights,
    roles,
    sayings,
    searching,
    selecting,
    syncing,
    tree,
    workspaces,
)

Endpoint = Callable[[Edge, Request], Awaitable[Response]]

CALLS: Mapping[str, Mapping[str, Endpoint]] = {
    "/a/tree/stat/{path:path}": {"GET": tree.stat_node},
    "/a/tree/stat": {"GET": tree.stat_node},
    "/a/tree/stats": {"POST": tree.stat_nodes},
    "/a/tree/create": {"POST": tree.create},
    "/a/tree/delete": {"POST": tree.delete_nodes},
    "/a/tree/restore": {"POST": tree.restore_nodes},
    "/a/tree/selection": {"POST": selecting.select},
    "/a/meta/bulk/get": {"POST": tree.stat_nodes},
    "/a/meta/get/{path:path}": {"POST": metadata.get_meta},
    "/a/user-meta/namespace": {"GET": metadata.namespaces, "PUT": metadata.put_namespaces},
    "/a/meta/set/{path:path}": {"POST": metadata.set_meta},
    "/a/meta/delete/{path:path}": {"POST": metadata.delete_meta},
    "/a/user-meta/update": {"PUT": metadata.update},
    "/a/user-meta/search": {"POST": sayings.search},
    "/a/user-meta/bookmarks": {"POST": sayings.bookmarks},
    "/a/user-meta/tags/{namespace}": {"GET": sayings.tags, "POST": sayings.add_tag},
    "/a/user-meta/tags/{namespace}/{tag:path}": {"DELETE": sayings.remove_tag},
    "/a/search/nodes": {"POST": searching.search},
    "/a/jobs/user/{name}": {"PUT": jobs.start_job},
    "/a/jobs/user": {"POST": jobs.list_jobs, "PUT": jobs.control_job},
    "/a/jobs/tasks/delete": {"POST": jobs.delete_tasks},
    "/a/scheduler/jobs/{job_id}": {"DELETE": jobs.delete_job},
    "/a/share/link": {"PUT": links.put_link},
    "/a/share/link/{link_id}": {"GET": links.get_link, "DELETE": links.delete_link},
    "/a/frontend/state": {"GET": frontend.state},
    "/a/frontend/binaries/{kind}/{owner}": {
        "GET": frontend.get_picture, "POST": frontend.put_picture,
    },
    "/a/user": {"POST": people_search.search},
    "/a/user/roles/{login}": {"PUT": people.put_roles},
    "/a/user/{login:path}": {
        "GET": people.get_user, "PUT": people.put_user, "DELETE": people.delete_user,
    },
    "/a/role": {"POST": roles.search},
    "/a/role/{role_id}": {
        "GET": roles.get_role, "PUT": roles.put_role, "DELETE": roles.delete_role,
    },
    "/a/workspace": {"POST": workspaces.search},
    "/a/workspace/{slug}": {
        "GET": workspaces.get_workspace, "PUT": workspaces.put_workspace,
        "DELETE": workspaces.delete_workspace,
    },
    "/a/share/cell": {"PUT": cells.put_cell},
    "/a/share/cell/{space_id}": {"GET": cells.get_cell, "DELETE": cells.delete_cell},
    "/a/share/resources": {"POST": cells.resources},
    "/a/share/policies": {"PUT": cells.policies},
    "/a/acl": {"POST": rights.search, "PUT": rights.put_right},
    "/a/acl/bulk/delete": {"POST": rights.delete_rights},
    "/a/graph/state": {"GET": graph.state},
    "/a/graph/state/{segment}": {"GET": graph.state},
    "/a/graph/relation/{sub}": {"GET": graph.relation},
    "/a/config/discovery": {"GET": config.discovery},
    "/a/config/datasource": {"GET": config.datasources},
    "/a/frontend/bootconf": {"GET": config.bootconf},
    "/a/keycell/changes": {"GET": feed.changes},
    "/a/keycell/spaces": {"GET": feed.list_spaces},
    "/a/keycell/zip/{selection_id}": {"GET": selecting.download},
    "/a/keycell/nodes/{node_id}/folders": {"POST": syncing.make_in},
    "/a/keycell/nodes/{node_id}/move": {"POST": syncing.move_seen},
    "/a/keycell/nodes/{node_id}/trash": {"POST": syncing.trash_if_seen},
    "/a/keycell/versions/{node_id}": {"GET": feed.list_versions},
    "/a/keycell/versions/{node_id}/restore": {"POST": feed.bring_back},
    "/a/keycell/versions/{node_id}/{version}": {"PUT": feed.pin, "DELETE": feed.delete_version},
}  # fmt: skip
