"""The forms of what REST calls take and answer, as JSON Schema."""

from collections.abc import Mapping

Schema = dict[str, object]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": ["boolean", "null"]}
WHOLE: Schema = {"type": "integer"}
DIGITS: Schema = {"type": "string", "pattern": "^-?[0-9]+$"}
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def _object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    found: Schema = {"type": "object", "properties": properties}
    return found | {"required": list(required)} if required else found


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _sent(of: Schema, most: int = 1000) -> Schema:
    """Give a list that is sent: null is an empty one."""
    return {"type": ["array", "null"], "items": of, "maxItems": most}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


SCHEMAS: Mapping[str, Schema] = {
    "Error": _object(Code=TEXT, Title=TEXT, Detail=TEXT, Source=TEXT),
    "Node": _object(
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
    "Pagination": _object(
        ("Limit", "CurrentOffset", "Total", "CurrentPage", "TotalPages"),
        Limit=WHOLE, CurrentOffset=WHOLE, Total=WHOLE, CurrentPage=WHOLE, TotalPages=WHOLE,
        NextOffset=WHOLE, PrevOffset=WHOLE,
    ),
    "Task": _object(
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
    "Job": _object(
        ("ID", "Tasks"),
        ID=TEXT, Label=TEXT, Owner=TEXT, CreatedAt=WHOLE, Tasks=_list(_ref("Task")),
    ),
    "Namespace": _object(
        ("Namespace", "Label", "JsonDefinition"),
        Namespace=TEXT, Label=TEXT, Order=WHOLE, Indexable={"type": "boolean"},
        JsonDefinition={"type": "string", "contentMediaType": "application/json"},
    ),
    "Saying": _object(
        ("NodeUuid", "Namespace", "JsonValue"), NodeUuid=TEXT, Namespace=TEXT, JsonValue=TEXT
    ),
    "Change": _object(
        ("seq", "id", "deleted"),
        seq=WHOLE, id=TEXT, deleted={"type": "boolean"}, name=TEXT,
        type={"enum": ["folder", "file"]}, size=WHOLE, mtime=WHOLE, permissions=TEXT,
    ),
}  # fmt: skip

_NAMED = _object(Path=TEXT, Uuid=TEXT, Type={"enum": ["COLLECTION", "LEAF", "UNKNOWN"]})
_NODES = _object(Nodes=_sent(_NAMED), RemovePermanently=FLAG)
_ASKED = _json(_object(
    NodePaths=_sent(TEXT), AllMetaProviders=FLAG, Limit=WHOLE, Offset=WHOLE,
    SortField={"enum": ["", "name", "size", "mtime"]}, SortDirDesc=FLAG, NameContains=TEXT,
))  # fmt: skip
_LISTED = _json(_object(("Nodes",), Nodes=_list(_ref("Node")), Pagination=_ref("Pagination")))
_NODE = _json(_object(("Node",), Node=_ref("Node")))
_NAMESPACES = _json(_object(("Namespaces",), Namespaces=_list(_ref("Namespace"))))

BODIES: Mapping[str, Schema] = {
    "POST /a/tree/stats": _ASKED,
    "POST /a/meta/bulk/get": _ASKED,
    "POST /a/tree/create": _json(_NODES),
    "POST /a/tree/delete": _json(_NODES),
    "POST /a/tree/restore": _json(_NODES),
    "POST /a/search/nodes": _json(
        _object(Query=_object(
            FileName=TEXT, FreeString=TEXT, Type={"enum": ["", "UNKNOWN", "LEAF", "COLLECTION"]},
            ContentType=TEXT, MinSize=WHOLE, MaxSize=WHOLE, MinDate=WHOLE, MaxDate=WHOLE,
            PathPrefix=_sent(TEXT, 100), Tag=TEXT, Content=TEXT, MadeBy=TEXT,
        ), From=WHOLE, Size=WHOLE, SortField=TEXT, SortDirDesc=FLAG)
    ),
    "PUT /a/jobs/user/{name}": _json(
        _object(JsonParameters={"type": "string", "contentMediaType": "application/json"})
    ),
    "POST /a/jobs/user": _json(_object(JobIDs=_sent(TEXT, 500), Owner=TEXT, LoadTasks=TEXT)),
    "PUT /a/jobs/user": _json(
        _object(("JobId", "Cmd"), JobId=TEXT, Cmd={"enum": ["Interrupt", "Stop", "Delete"]})
    ),
    "POST /a/jobs/tasks/delete": _json(
        _object(("JobId",), JobId=TEXT, TaskID=_sent(TEXT, 500), Status=_sent(TEXT, 500))
    ),
    "PUT /a/user-meta/update": _json(_object(
        MetaDatas=_sent(_object(Namespace=TEXT, NodeUuid=TEXT, JsonValue=TEXT)),
        Operation={"enum": ["PUT", "DELETE"]},
    )),
    "POST /a/tree/selection": _json(_NODES),
    "POST /a/meta/get/{path:path}": _json(_object(Namespaces=_sent(TEXT))),
    "POST /a/meta/set/{path:path}": _json(
        _object(Metadatas=_sent(_object(Namespace=TEXT, JsonMeta=TEXT)))
    ),
    "POST /a/meta/delete/{path:path}": _json(_object(Namespaces=_sent(TEXT))),
    "POST /a/user-meta/search": _json(_object(Namespace=TEXT, NodeUuids=_sent(TEXT, 500))),
    "POST /a/user-meta/tags/{namespace}": _json(_object(Tag=TEXT)),
    "POST /a/keycell/versions/{node_id}/restore": _json(_object(("version",), version=TEXT)),
    "POST /a/keycell/contents": _json(
        _object(("files",), files=_sent(_object(("id", "version"), id=TEXT, version=TEXT), 64))
    ),
    "POST /a/keycell/files": _json(_object(
        ("files",),
        files=_sent(_object(
            ("parent", "name", "content", "sha256", "mtime"),
            parent=TEXT, name=TEXT, version={"type": ["string", "null"]},
            content={"type": "string", "contentEncoding": "base64"}, sha256=TEXT, mtime=TEXT,
        ), 64),
    )),
    "POST /a/keycell/nodes/{node_id}/folders": _json(_object(("name",), name=TEXT)),
    "POST /a/keycell/nodes/{node_id}/move": _json(
        _object(("parent", "name", "revision"), parent=TEXT, name=TEXT, revision=WHOLE)
    ),
    "POST /a/keycell/nodes/{node_id}/trash": _json(_object(("revision",), revision=WHOLE)),
    "PUT /a/keycell/versions/{node_id}/{version}": _json(
        _object(is_pinned={"type": "boolean"}, label=TEXT)
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
    "POST /a/meta/get/{path:path}": _json(_ref("Node")),
    "POST /a/tree/create": _json(_object(("Children",), Children=_list(_ref("Node")))),
    "POST /a/search/nodes": _json(
        _object(
            ("Results", "Total", "HasMore"),
            Results=_list(_ref("Node")), Total=WHOLE, HasMore=FLAG,
        )
    ),
    "PUT /a/jobs/user/{name}": _json(_object(("JobUuid",), JobUuid=TEXT)),
    "POST /a/jobs/user": _json(_object(("Jobs",), Jobs=_list(_ref("Job")))),
    "POST /a/jobs/tasks/delete": _json(_object(("Deleted",), Deleted=_list(TEXT))),
    "POST /a/meta/set/{path:path}": _json(_ref("Node")),
    "POST /a/meta/delete/{path:path}": _json(_ref("Node")),
    "POST /a/tree/selection": _json(
        _object(("SelectionUUID", "Nodes"), SelectionUUID=TEXT, Nodes=_list(_ref("Node")))
    ),
    "GET /a/keycell/zip/{selection_id}": _ZIP,
    "GET /a/keycell/account/export.zip": _ZIP,
    "GET /a/keycell/admin/audit.jsonl": {"application/jsonl": {"schema": TEXT}},
    "GET /a/keycell/admin/clients/{client_id}/events": {"text/event-stream": {"schema": TEXT}},
    **{
        f"GET /a/keycell/admin/{name}.export": {
            "application/jsonl": {"schema": TEXT}, "text/csv": {"schema": TEXT},
        }
        for name in ("users", "clients")
    },
    "PUT /a/user-meta/update": _json(_object(("MetaDatas",), MetaDatas=_list(_ref("Saying")))),
    "POST /a/user-meta/search": _json(_object(("Metadatas",), Metadatas=_list(_ref("Saying")))),
    "POST /a/user-meta/bookmarks": _json(_object(("Nodes",), Nodes=_list(_ref("Node")))),
    "GET /a/user-meta/tags/{namespace}": _json(_object(("Tags",), Tags=_list(TEXT))),
    "GET /a/user-meta/namespace": _NAMESPACES,
    "PUT /a/user-meta/namespace": _NAMESPACES,
    "GET /a/frontend/state": {"application/xml": {"schema": TEXT}},
    "GET /a/frontend/plugins/{lang}": {"application/xml": {"schema": TEXT}},
    "GET /a/frontend/binaries/{kind}/{owner}": {
        kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PICTURES
    },
    "GET /a/keycell/changes": _json(_object(
        ("changes", "cursor", "more", "root"),
        changes=_list(_ref("Change")), cursor=WHOLE, more={"type": "boolean"}, root=TEXT,
        until=WHOLE,
    )),
    "GET /a/keycell/people": _json(_object(
        ("items",),
        items=_list(_object(("kind", "role", "name"), **_WHO)),
    )),
    "GET /a/keycell/nodes/{node_id}/about": _json(_object(
        ("owner", "space", "created_at", "created_by", "changed_by", "holds", "activity"),
        owner=TEXT, space=_object(("label", "kind"), label=TEXT, kind=TEXT),
        created_at=TEXT, created_by=TEXT, changed_by=TEXT,
        sha256={"type": ["string", "null"]}, sent_by=TEXT,
        holds={"anyOf": [
            _object(("folders", "files", "size"), folders=WHOLE, files=WHOLE, size=WHOLE),
            {"type": "null"},
        ]},
        activity=_list(_object(
            ("at", "action", "by", "label", "who"),
            at=TEXT, action=TEXT, by=TEXT, label=TEXT, who=TEXT,
        )),
    )),
    "GET /a/keycell/nodes/{node_id}/rights": _json(_object(
        ("items", "is_all"),
        items=_list(_object(
            ("kind", "role", "name", "may", "through", "is_here"),
            **_WAYS_IN, by=TEXT, until=WHOLE,
            may={"enum": ["read", "write", "deny"]}, through=TEXT, is_here=FLAG,
        )),
        is_all=FLAG,
    )),
    "POST /a/keycell/contents": _json(_object(
        ("contents",),
        contents=_list(_object(
            ("id", "version", "content"), id=TEXT, version=TEXT,
            content={"type": "string", "contentEncoding": "base64"},
        )),
    )),
    "POST /a/keycell/files": _json(_object(
        ("files",),
        files=_list(_object(
            ("status",),
            status={"enum": ["created", "replaced", "conflict", "refused"]},
            id=TEXT, parent=TEXT, name=TEXT, type={"enum": ["file"]}, version=TEXT, etag=TEXT,
            seq=WHOLE, error=_ref("Error"),
        )),
    )),
    "POST /a/keycell/versions/{node_id}/restore": _NODE,
    "PUT /a/keycell/versions/{node_id}/{version}": _json(
        _object(("version",), version=TEXT, is_pinned={"type": "boolean"}, label=TEXT)
    ),
    "DELETE /a/keycell/versions/{node_id}/{version}": _json(
        _object(("version",), version=TEXT)
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
    "GET /a/keycell/changes": [
        {"name": "space", "in": "query", "required": True, "schema": TEXT,
         "description": "The slug of a space."},
        _number("cursor", 2**62, "The cursor of the last answer; none for everything."),
        _number("until", 2**62, "What the first answer said, while the cursor is below it."),
        _number("limit", 1000, "At most so many changes."),
        _number("wait", 60, "Stay so many seconds until there is a change."),
    ],
}  # fmt: skip
