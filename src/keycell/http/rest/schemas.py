"""The forms of what the calls about files take and answer, as JSON Schema."""

from collections.abc import Mapping

from keycell.http.rest.schema_parts import (
    DIGITS,
    FLAG,
    TEXT,
    WHOLE,
    Schema,
    fields,
    json_of,
    listed,
    ref,
    sent,
)

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")

SCHEMAS: Mapping[str, Schema] = {
    "Error": fields(Code=TEXT, Title=TEXT, Detail=TEXT, Source=TEXT),
    "Node": fields(
        ("Uuid", "Path", "Type", "Size", "MTime", "Mode", "MetaStore"),
        Uuid=TEXT,
        Path=TEXT,
        Type={"enum": ["COLLECTION", "LEAF"]},
        Size=DIGITS,
        MTime=DIGITS,
        Mode=WHOLE,
        Etag=TEXT,
        MetaStore={
            "type": "object",
            "additionalProperties": {"type": "string", "contentMediaType": "application/json"},
        },
    ),
    "Pagination": fields(
        ("Limit", "CurrentOffset", "Total", "CurrentPage", "TotalPages"),
        Limit=WHOLE, CurrentOffset=WHOLE, Total=WHOLE, CurrentPage=WHOLE, TotalPages=WHOLE,
        NextOffset=WHOLE, PrevOffset=WHOLE,
    ),
    "Task": fields(
        ("ID", "JobID", "Status", "Progress"),
        ID=TEXT,
        JobID=TEXT,
        Status={"enum": ["Queued", "Running", "Finished", "Interrupted", "Error"]},
        StatusMessage=TEXT,
        Code=TEXT,
        HasProgress={"type": "boolean"},
        Progress={"type": "number"},
        StartTime=WHOLE,
        EndTime=WHOLE,
    ),
    "Job": fields(
        ("ID", "Tasks"),
        ID=TEXT, Label=TEXT, Owner=TEXT, CreatedAt=WHOLE, Tasks=listed(ref("Task")),
    ),
    "Namespace": fields(
        ("Namespace", "Label", "JsonDefinition"),
        Namespace=TEXT, Label=TEXT, Order=WHOLE, Indexable={"type": "boolean"},
        JsonDefinition={"type": "string", "contentMediaType": "application/json"},
    ),
    "Saying": fields(
        ("NodeUuid", "Namespace", "JsonValue"), NodeUuid=TEXT, Namespace=TEXT, JsonValue=TEXT
    ),
    "Change": fields(
        ("seq", "id", "deleted"),
        seq=WHOLE, id=TEXT, deleted={"type": "boolean"}, name=TEXT,
        type={"enum": ["folder", "file"]}, size=WHOLE, mtime=WHOLE, permissions=TEXT,
    ),
}  # fmt: skip

_NAMED = fields(Path=TEXT, Uuid=TEXT, Type={"enum": ["COLLECTION", "LEAF", "UNKNOWN"]})
_NODES = fields(Nodes=sent(_NAMED), RemovePermanently=FLAG)
_ASKED = json_of(fields(
    NodePaths=sent(TEXT), AllMetaProviders=FLAG, Limit=WHOLE, Offset=WHOLE,
    SortField={"enum": ["", "name", "size", "mtime"]}, SortDirDesc=FLAG, NameContains=TEXT,
))  # fmt: skip
_LISTED = json_of(fields(("Nodes",), Nodes=listed(ref("Node")), Pagination=ref("Pagination")))
_NODE = json_of(fields(("Node",), Node=ref("Node")))
_NAMESPACES = json_of(fields(("Namespaces",), Namespaces=listed(ref("Namespace"))))

BODIES: Mapping[str, Schema] = {
    "POST /a/tree/stats": _ASKED,
    "POST /a/meta/bulk/get": _ASKED,
    "POST /a/tree/create": json_of(_NODES),
    "POST /a/tree/delete": json_of(_NODES),
    "POST /a/tree/restore": json_of(_NODES),
    "POST /a/search/nodes": json_of(
        fields(Query=fields(
            FileName=TEXT, FreeString=TEXT, Type={"enum": ["", "UNKNOWN", "LEAF", "COLLECTION"]},
            ContentType=TEXT, MinSize=WHOLE, MaxSize=WHOLE, MinDate=WHOLE, MaxDate=WHOLE,
            PathPrefix=sent(TEXT, 100), Tag=TEXT, Content=TEXT, MadeBy=TEXT,
        ), From=WHOLE, Size=WHOLE, SortField=TEXT, SortDirDesc=FLAG)
    ),
    "POST /a/keycell/nodes/{node_id}/comments": json_of(fields(("said",), said=TEXT)),
    "PUT /a/jobs/user/{name}": json_of(
        fields(JsonParameters={"type": "string", "contentMediaType": "application/json"})
    ),
    "POST /a/jobs/user": json_of(fields(JobIDs=sent(TEXT, 500), Owner=TEXT, LoadTasks=TEXT)),
    "PUT /a/jobs/user": json_of(
        fields(("JobId", "Cmd"), JobId=TEXT, Cmd={"enum": ["Interrupt", "Stop", "Delete"]})
    ),
    "POST /a/jobs/tasks/delete": json_of(
        fields(("JobId",), JobId=TEXT, TaskID=sent(TEXT, 500), Status=sent(TEXT, 500))
    ),
    "PUT /a/user-meta/update": json_of(fields(
        MetaDatas=sent(fields(Namespace=TEXT, NodeUuid=TEXT, JsonValue=TEXT)),
        Operation={"enum": ["PUT", "DELETE"]},
    )),
    "POST /a/tree/selection": json_of(_NODES),
    "POST /a/meta/get/{path:path}": json_of(fields(Namespaces=sent(TEXT))),
    "POST /a/meta/set/{path:path}": json_of(
        fields(Metadatas=sent(fields(Namespace=TEXT, JsonMeta=TEXT)))
    ),
    "POST /a/meta/delete/{path:path}": json_of(fields(Namespaces=sent(TEXT))),
    "POST /a/user-meta/search": json_of(fields(Namespace=TEXT, NodeUuids=sent(TEXT, 500))),
    "POST /a/user-meta/tags/{namespace}": json_of(fields(Tag=TEXT)),
    "POST /a/keycell/versions/{node_id}/restore": json_of(fields(("version",), version=TEXT)),
    "POST /a/keycell/contents": json_of(
        fields(("files",), files=sent(fields(("id", "version"), id=TEXT, version=TEXT), 64))
    ),
    "POST /a/keycell/files": json_of(fields(
        ("files",),
        files=sent(fields(
            ("parent", "name", "content", "sha256", "mtime"),
            parent=TEXT, name=TEXT, version={"type": ["string", "null"]},
            content={"type": "string", "contentEncoding": "base64"}, sha256=TEXT, mtime=TEXT,
        ), 64),
    )),
    "POST /a/keycell/nodes/{node_id}/folders": json_of(fields(("name",), name=TEXT)),
    "POST /a/keycell/nodes/{node_id}/move": json_of(
        fields(("parent", "name", "revision"), parent=TEXT, name=TEXT, revision=WHOLE)
    ),
    "POST /a/keycell/nodes/{node_id}/trash": json_of(fields(("revision",), revision=WHOLE)),
    "PUT /a/keycell/versions/{node_id}/{version}": json_of(
        fields(is_pinned={"type": "boolean"}, label=TEXT)
    ),
    **{
        call: {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PICTURES}
        for call in ("POST /a/frontend/binaries/{kind}/{owner}", "PUT /a/keycell/account/picture")
    },
}  # fmt: skip

_WHO: Mapping[str, Schema] = {
    "kind": {"enum": ["person", "group", "role"]}, "role": TEXT, "name": TEXT, "login": TEXT,
}  # fmt: skip
_WAYS_IN: Mapping[str, Schema] = {
    **_WHO, "kind": {"enum": ["person", "group", "role", "link"]},
}  # fmt: skip
_ZIP: Schema = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
ANSWERS: Mapping[str, Schema] = {
    "GET /a/tree/stat/{path:path}": _NODE,
    "GET /a/tree/stat": _NODE,
    "POST /a/tree/stats": _LISTED,
    "POST /a/meta/bulk/get": _LISTED,
    "POST /a/meta/get/{path:path}": json_of(ref("Node")),
    "POST /a/tree/create": json_of(fields(("Children",), Children=listed(ref("Node")))),
    "POST /a/search/nodes": json_of(
        fields(
            ("Results", "Total", "HasMore"),
            Results=listed(ref("Node")), Total=WHOLE, HasMore=FLAG,
        )
    ),
    "PUT /a/jobs/user/{name}": json_of(fields(("JobUuid",), JobUuid=TEXT)),
    "POST /a/jobs/user": json_of(fields(("Jobs",), Jobs=listed(ref("Job")))),
    "POST /a/jobs/tasks/delete": json_of(fields(("Deleted",), Deleted=listed(TEXT))),
    "POST /a/meta/set/{path:path}": json_of(ref("Node")),
    "POST /a/meta/delete/{path:path}": json_of(ref("Node")),
    "POST /a/tree/selection": json_of(
        fields(("SelectionUUID", "Nodes"), SelectionUUID=TEXT, Nodes=listed(ref("Node")))
    ),
    "GET /a/keycell/nodes/{node_id}/thumbnail": {
        "image/webp": {"schema": {"type": "string", "format": "binary"}}
    },
    "GET /a/keycell/zip/{selection_id}": _ZIP,
    "GET /a/keycell/account/export.zip": _ZIP,
    "GET /a/keycell/admin/audit.jsonl": {"application/jsonl": {"schema": TEXT}},
    **{
        f"GET /a/keycell/admin/{name}/events": {"text/event-stream": {"schema": TEXT}}
        for name in ("audit", "clients/{client_id}")
    },
    **{
        f"GET /a/keycell/admin/{name}.export": {
            "application/jsonl": {"schema": TEXT}, "text/csv": {"schema": TEXT},
        }
        for name in ("users", "clients")
    },
    "PUT /a/user-meta/update": json_of(fields(("MetaDatas",), MetaDatas=listed(ref("Saying")))),
    "POST /a/user-meta/search": json_of(fields(("Metadatas",), Metadatas=listed(ref("Saying")))),
    "POST /a/user-meta/bookmarks": json_of(fields(("Nodes",), Nodes=listed(ref("Node")))),
    "GET /a/user-meta/tags/{namespace}": json_of(fields(("Tags",), Tags=listed(TEXT))),
    "GET /a/user-meta/namespace": _NAMESPACES,
    "PUT /a/user-meta/namespace": _NAMESPACES,
    "GET /a/frontend/state": {"application/xml": {"schema": TEXT}},
    "GET /a/frontend/plugins/{lang}": {"application/xml": {"schema": TEXT}},
    "GET /a/frontend/binaries/{kind}/{owner}": {
        kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PICTURES
    },
    "GET /a/keycell/changes": json_of(fields(
        ("changes", "cursor", "more", "root"),
        changes=listed(ref("Change")), cursor=WHOLE, more={"type": "boolean"}, root=TEXT,
        until=WHOLE,
    )),
    "GET /a/keycell/people": json_of(fields(
        ("items",),
        items=listed(fields(("kind", "role", "name"), **_WHO)),
    )),
    "GET /a/keycell/nodes/{node_id}/about": json_of(fields(
        ("owner", "space", "created_at", "created_by", "changed_by", "holds", "activity"),
        owner=TEXT, space=fields(("label", "kind"), label=TEXT, kind=TEXT),
        created_at=TEXT, created_by=TEXT, changed_by=TEXT,
        sha256={"type": ["string", "null"]}, sent_by=TEXT,
        holds={"anyOf": [
            fields(("folders", "files", "size"), folders=WHOLE, files=WHOLE, size=WHOLE),
            {"type": "null"},
        ]},
        activity=listed(fields(
            ("at", "action", "by", "label", "who"),
            at=TEXT, action=TEXT, by=TEXT, label=TEXT, who=TEXT,
        )),
    )),
    "GET /a/keycell/nodes/{node_id}/rights": json_of(fields(
        ("items", "is_all"),
        items=listed(fields(
            ("kind", "role", "name", "may", "through", "is_here"),
            **_WAYS_IN, by=TEXT, until=WHOLE,
            may={"enum": ["read", "write", "deny"]}, through=TEXT, is_here=FLAG,
        )),
        is_all=FLAG,
    )),
    "GET /a/keycell/nodes/{node_id}/comments": json_of(fields(
        ("items", "may_say"),
        items=listed(fields(
            ("id", "said", "by", "at", "is_own", "may_remove"),
            id=TEXT, said=TEXT, by=TEXT, at=TEXT, is_own=FLAG, may_remove=FLAG,
        )),
        may_say=FLAG,
    )),
    "POST /a/keycell/nodes/{node_id}/comments": json_of(
        fields(("id", "told"), id=TEXT, told=WHOLE)
    ),
    "POST /a/keycell/contents": json_of(fields(
        ("contents",),
        contents=listed(fields(
            ("id", "version", "content"), id=TEXT, version=TEXT,
            content={"type": "string", "contentEncoding": "base64"},
        )),
    )),
    "POST /a/keycell/files": json_of(fields(
        ("files",),
        files=listed(fields(
            ("status",),
            status={"enum": ["created", "replaced", "conflict", "refused"]},
            id=TEXT, parent=TEXT, name=TEXT, type={"enum": ["file"]}, version=TEXT, etag=TEXT,
            seq=WHOLE, error=ref("Error"),
        )),
    )),
    "POST /a/keycell/versions/{node_id}/restore": _NODE,
    "PUT /a/keycell/versions/{node_id}/{version}": json_of(
        fields(("version",), version=TEXT, is_pinned={"type": "boolean"}, label=TEXT)
    ),
    "DELETE /a/keycell/versions/{node_id}/{version}": json_of(
        fields(("version",), version=TEXT)
    ),
}  # fmt: skip


def _number(name: str, most: int, said: str) -> Schema:
    schema = {"type": "integer", "minimum": 0, "maximum": most}
    return {"name": name, "in": "query", "schema": schema, "description": said}


QUERIES: Mapping[str, list[Schema]] = {
    "DELETE /a/user/{login:path}": [
        {"name": "files", "in": "query", "schema": {"enum": ["keep", "now"]},
         "description": "Keep the person's own files as long as deleted ones, or delete them now."}
    ],
    "GET /a/keycell/people": [
        {"name": "text", "in": "query", "required": True, "schema": TEXT,
         "description": "The beginning of a name or login, or a whole mail address."}
    ],
    "GET /a/keycell/nodes/{node_id}/thumbnail": [
        {"name": "etag", "in": "query", "schema": TEXT,
         "description": "The file's Etag: while it stands, the answer may be kept for a week."}
    ],
    "GET /a/keycell/changes": [
        {"name": "space", "in": "query", "required": True, "schema": TEXT,
         "description": "The slug of a space."},
        _number("cursor", 2**62, "The cursor of the last answer; none for everything."),
        _number("until", 2**62, "What the first answer said, while the cursor is below it."),
        _number("limit", 1000, "At most so many changes."),
        _number("wait", 60, "Stay so many seconds until there is a change."),
    ],
}  # fmt: skip
