"""The forms of answers that tell of the whole: how it stands, where things are, what is kept."""

from collections.abc import Mapping

from keycell.http.rest.schema_parts import (
    FLAG,
    TEXT,
    WHOLE,
    Schema,
    every,
    fields,
    json_of,
    listed,
    ref,
)

_OR_NULL: Schema = {"type": ["string", "null"]}
_ANY: Schema = {}
_SUCCESS = json_of(every(Success={"const": True}))
_TREE = json_of(fields(
    ("Workspaces", "WorkspacesAccesses"),
    Workspaces=listed(ref("Workspace")),
    WorkspacesAccesses={"type": "object", "additionalProperties": TEXT},
))  # fmt: skip
_SYNCED = json_of(every(
    id=TEXT, parent=_OR_NULL, name=TEXT, type={"enum": ["folder", "file"]}, version=_OR_NULL,
    seq=WHOLE,
))  # fmt: skip
_PICTURE = json_of(every(address=_OR_NULL))
_CHECK = fields(
    ("check", "state", "detail"),
    check=TEXT, state={"enum": ["good", "warning", "bad"]}, detail=TEXT,
)  # fmt: skip
_CONNECTORS = listed(every(id=TEXT, name=TEXT, type=TEXT))
_SOURCE: Schema = {"enum": ["option", "environment", "start", "default"]}

ANSWERS: Mapping[str, Schema] = {
    "GET /a/openapi.json": json_of(fields(
        ("openapi", "info", "paths", "components"),
        openapi=TEXT, info=fields(), paths=fields(), components=fields(),
    )),
    "POST /a/tree/delete": json_of(every(DeleteJobs=listed(ref("Job")))),
    "POST /a/tree/restore": json_of(every(RestoreJobs=listed(ref("Job")))),
    "POST /a/user-meta/tags/{namespace}": _SUCCESS,
    "DELETE /a/user-meta/tags/{namespace}/{tag:path}": json_of(ref("Done")),
    "PUT /a/jobs/user": json_of(every(Msg=TEXT)),
    "DELETE /a/scheduler/jobs/{job_id}": json_of(
        every(Success={"const": True}, DeleteCount=WHOLE)
    ),
    "POST /a/frontend/binaries/{kind}/{owner}": _SUCCESS,
    "GET /a/graph/state": _TREE,
    "GET /a/graph/state/{segment}": _TREE,
    "GET /a/graph/relation/{sub}": json_of(
        every(SharedCells=listed(ref("Workspace")), BelongsToTeams=listed(fields()))
    ),
    "GET /a/config/discovery": json_of(fields(
        ("PackageType", "PackageLabel", "Endpoints"),
        PackageType=TEXT, PackageLabel=TEXT, Version=TEXT,
        Endpoints={"type": "object", "additionalProperties": {"type": "string", "format": "uri"}},
    )),
    "GET /a/config/datasource": json_of(every(
        DataSources=listed(every(Name=TEXT, StorageType={"enum": ["S3", "LOCAL"]})), Total=WHOLE,
    )),
    "GET /a/config/oauth2connectors": json_of(every(connectors=_CONNECTORS)),
    "GET /a/config/directories": json_of(every(Directories=listed(fields()))),
    "GET /a/config/virtualnodes": json_of(every(Children=listed(fields()))),
    "GET /a/config/versioning": json_of(every(Policies=listed(every(
        Uuid=TEXT, Name=TEXT, Description=TEXT,
        KeepPeriods=listed(every(IntervalStart=TEXT, MaxNumber=WHOLE)),
    )))),
    "GET /a/config/sites/{filter}": json_of(
        every(Sites=listed(every(ReverseProxyURL={"type": "string", "format": "uri"})))
    ),
    "GET /a/config/oauth2clients": json_of({"anyOf": [
        every(Clients=listed(every(
            ClientID=TEXT, Name=TEXT, GrantTypes=listed(TEXT), RedirectURIs=listed(TEXT),
            ResponseTypes=listed(TEXT), Scope=TEXT, Audience=listed(TEXT),
        ))),
        every(staticClients=listed(fields(("client_id",), client_id=TEXT))),
    ]}),
    "GET /a/frontend/bootconf": json_of(every(
        ENDPOINT_REST_API=TEXT, ENDPOINT_S3_GATEWAY=TEXT, ENDPOINT_DAV=TEXT, FRONTEND_URL=TEXT,
        PUBLIC_BASEURI=TEXT, wording=every(title=TEXT),
    )),
    "GET /a/frontend/messages/{lang}": json_of(
        every(Messages={"type": "object", "additionalProperties": TEXT})
    ),
    "GET /a/frontend/settings-menu": json_of(every(
        RootMetadata=fields(),
        Sections=listed(every(Key=TEXT, LABEL=TEXT, CHILDREN=listed(
            every(Key=TEXT, LABEL=TEXT, METADATA=every(url=TEXT))
        ))),
    )),
    "GET /a/frontend/login/connectors": json_of(every(Connectors=_CONNECTORS)),
    "GET /a/frontend/auth/state": json_of(fields(
        ("IsSignedIn",),
        IsSignedIn={"type": "boolean"}, ClientID=TEXT, Scope=TEXT, ExpireTime=WHOLE, Login=TEXT,
        AuthTime=WHOLE, AuthSource=TEXT,
    )),
    "GET /a/keycell/spaces": json_of(every(items=listed(every(
        slug=TEXT, label=TEXT, description=TEXT, kind=TEXT, root=TEXT, is_own=FLAG, by=TEXT,
        since=TEXT, permissions=TEXT, used=WHOLE, quota={"type": ["integer", "null"]}, seq=WHOLE,
        largest_file=WHOLE, trash_days=WHOLE,
    )))),
    "DELETE /a/keycell/nodes/{node_id}/comments/{comment_id}": json_of(every(id=TEXT)),
    "POST /a/keycell/nodes/{node_id}/folders": _SYNCED,
    "POST /a/keycell/nodes/{node_id}/move": _SYNCED,
    "POST /a/keycell/nodes/{node_id}/trash": json_of(every(deleted={"type": "boolean"})),
    "GET /a/keycell/versions/{node_id}": json_of(every(items=listed(every(
        version=TEXT, size=WHOLE, etag=TEXT, sha256=_OR_NULL, created_at=TEXT, created_by=TEXT,
        created_by_name=TEXT, is_pinned=FLAG, label=TEXT, is_current=FLAG,
    )))),
    "GET /a/keycell/account/picture": _PICTURE,
    "PUT /a/keycell/account/picture": _PICTURE,
    "DELETE /a/keycell/account/picture": _PICTURE,
    "GET /a/keycell/admin/health": json_of(every(now=TEXT, items=listed(_CHECK))),
    "GET /a/keycell/admin/checklist": json_of(every(items=listed(fields(
        ("check", "state", "detail"),
        check=TEXT, state={"enum": ["done", "todo", "bad"]}, detail=TEXT, reached_at=TEXT, ip=TEXT,
    )))),
    "GET /a/keycell/admin/settings": json_of(every(items=listed(every(
        setting=TEXT, variable=TEXT, meaning=TEXT, risk=_OR_NULL, value=_ANY, default=_ANY,
        source=_SOURCE,
    )))),
    "GET /a/keycell/admin/diagnostics": json_of(every(
        at=TEXT,
        versions={"type": "object", "additionalProperties": TEXT},
        checks=listed(_CHECK),
        settings={"type": "object", "additionalProperties": every(source=_SOURCE, value=_ANY)},
        failures={"type": "object", "additionalProperties": WHOLE},
        refusals=listed(every(at=TEXT, action=TEXT)),
    )),
    "GET /a/keycell/admin/branding/preview/{kind}": {"text/html": {"schema": TEXT}},
}  # fmt: skip
