"""The forms of what the calls about people, places, shares and tokens take and answer."""

from collections.abc import Mapping

from keycell.http.rest.schema_parts import (
    DIGITS,
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    fields,
    json_of,
    listed,
    ref,
    sent,
)

_ROLE = fields(Uuid=TEXT, Label=TEXT, GroupRole=FLAG, UserRole=FLAG)
_ATTRIBUTES = fields(
    displayName=TEXT, email=TEXT, profile={"enum": ["admin", "standard"]}, locks=TEXT
)
_ACTION = fields(Name={"enum": ["read", "write", "deny"]}, Value=TEXT)
_RIGHT = fields(NodeID=TEXT, RoleID=TEXT, WorkspaceID=TEXT, Action=_ACTION)
_MEMBER = fields(
    RoleId=TEXT, Actions=sent(fields(Name=TEXT, Value=TEXT), 10), AccessEnd=NUMBER,
    IsUserRole=FLAG, User=fields(Uuid=TEXT, Login=TEXT, Attributes={"type": "object"}),
)  # fmt: skip
_MEMBERS: Schema = {"type": "object", "additionalProperties": _MEMBER}
_ROOTS = sent(fields(Uuid=TEXT), 1)

SCHEMAS: Mapping[str, Schema] = {
    "User": fields(
        ("Uuid", "Login", "GroupPath", "Attributes", "Roles"),
        Uuid=TEXT, Login=TEXT, GroupPath=TEXT, Attributes=_ATTRIBUTES,
        Roles=listed(ref("Role")), PoliciesContextEditable=FLAG,
    ),
    "Group": fields(
        ("Uuid", "IsGroup", "GroupPath"),
        Uuid=TEXT, IsGroup=FLAG, GroupLabel=TEXT, GroupPath=TEXT, Roles=listed(ref("Role")),
    ),
    "Role": fields(("Uuid", "Label"), **_ROLE["properties"]),  # type: ignore[arg-type]
    "Right": fields(
        ("ID", "NodeID", "RoleID", "Action"),
        ID=TEXT, NodeID=TEXT, RoleID=TEXT, WorkspaceID=TEXT, Action=_ACTION,
    ),
    "Workspace": fields(
        ("UUID", "Label", "Slug", "Scope", "RootUUIDs"),
        UUID=TEXT, Label=TEXT, Description=TEXT, Slug=TEXT, LastUpdated=WHOLE,
        Scope={"enum": ["ADMIN", "ROOM", "LINK"]}, RootUUIDs=listed(TEXT), KeptUntil=WHOLE,
        Quota=DIGITS, QuotaUsage=DIGITS,
    ),
    "Cell": fields(
        ("Uuid", "Label", "Slug", "RootNodes", "ACLs"),
        Uuid=TEXT, Label=TEXT, Description=TEXT, Slug=TEXT, RootNodes=listed(fields(Uuid=TEXT)),
        ACLs=_MEMBERS, PoliciesContextEditable=FLAG,
    ),
    "Link": fields(
        ("Uuid", "LinkHash", "LinkUrl", "Permissions", "RootNodes"),
        Uuid=TEXT, LinkHash=TEXT, LinkUrl=TEXT, Label=TEXT, Description=TEXT, UserUuid=TEXT,
        PasswordRequired=FLAG, AccessStart=DIGITS, AccessEnd=DIGITS, MaxDownloads=DIGITS,
        CurrentDownloads=DIGITS, LastUsed=DIGITS, Notify=FLAG, ViewTemplateName=TEXT,
        RootNodes=listed(fields(Uuid=TEXT, Type={"enum": ["COLLECTION", "LEAF"]})),
        Permissions=listed({"enum": ["Download", "Preview", "Upload", "Edit"]}), ChangedAt=DIGITS,
        PoliciesContextEditable=FLAG,
    ),
    "Token": fields(
        ("Uuid", "Type", "Label", "Scopes", "ExpiresAt", "CreatedAt"),
        Uuid=TEXT, Type={"enum": ["PERSONAL", "DOCUMENT"]}, Label=TEXT, UserUuid=TEXT,
        UserLogin=TEXT, Scopes=listed(TEXT), AutoRefreshWindow=WHOLE, ExpiresAt=DIGITS,
        CreatedAt=DIGITS, CreatedBy=TEXT, UpdatedAt=DIGITS, LastUsedAt=DIGITS,
    ),
    "AccessKey": fields(
        ("AccessKeyId", "Label", "Scopes", "ExpiresAt", "CreatedAt"),
        AccessKeyId=TEXT, Label=TEXT, Scopes=listed(TEXT), ExpiresAt=DIGITS, CreatedAt=DIGITS,
        LastUsedAt=DIGITS, SecretAccessKey=TEXT,
    ),
    "Done": fields(("Success",), Success={"const": True}, NumRows=TEXT, Message=TEXT),
}  # fmt: skip


def _wish(*required: str, **more: Schema) -> Schema:
    """Give what is said of a token to make."""
    return fields(
        required, Label=TEXT, Scopes=sent(TEXT, 100), ExpiresAt=NUMBER, AutoRefresh=NUMBER, **more
    )


_USER = json_of(fields(
    Login=TEXT, Password=TEXT, OldPassword=TEXT, GroupPath=TEXT, IsGroup=FLAG, GroupLabel=TEXT,
    Attributes=_ATTRIBUTES, Roles=sent(_ROLE),
))  # fmt: skip
_SHARE_LINK = fields(
    Uuid=TEXT, Label=TEXT, Description=TEXT, Permissions=sent(TEXT, 20), RootNodes=_ROOTS,
    AccessStart=NUMBER, AccessEnd=NUMBER, MaxDownloads=NUMBER, Notify=FLAG,
    ViewTemplateName=TEXT, ChangedAt=TEXT,
)  # fmt: skip
_VALUE = fields(("FullPath", "Data"), FullPath=TEXT,
                Data={"type": "string", "contentMediaType": "application/json"})  # fmt: skip
_CLIENT: Schema = {
    "type": "object",
    "description": "A client in the notation of old configuration files, or of RFC 7591.",
}

BODIES: Mapping[str, Schema] = {
    "POST /a/frontend/session": json_of(fields(
        AuthInfo=fields(login=TEXT, password=TEXT, type={"enum": ["credentials", "logout"]}),
        Logout=FLAG,
    )),
    "POST /a/auth/token/personal": json_of(_wish(UserLogin=TEXT)),
    "POST /a/auth/token/impersonate": json_of(_wish("UserLogin", UserLogin=TEXT)),
    "POST /a/auth/token/document": json_of(fields(("Path",), Path=TEXT, ClientID=TEXT)),
    "POST /a/auth/token/revoke": json_of(fields(TokenId=TEXT)),
    "POST /a/auth/tokens": json_of(fields(ByUser=TEXT)),
    "POST /a/auth/access-keys": json_of(_wish()),
    "POST /a/auth/reset-password": json_of(fields(
        ("ResetPasswordToken", "UserLogin", "NewPassword"),
        ResetPasswordToken=TEXT, UserLogin=TEXT, NewPassword=TEXT,
    )),
    "PUT /a/user-meta/namespace": json_of(fields(
        Operation={"enum": ["PUT", "DELETE"]},
        Namespaces=sent(fields(Namespace=TEXT, Label=TEXT, Order=NUMBER, Indexable=FLAG,
                               JsonDefinition=TEXT)),
    )),
    "PUT /a/share/link": json_of(fields(
        ("ShareLink",),
        ShareLink=_SHARE_LINK, PasswordEnabled=FLAG, CreatePassword=TEXT, UpdatePassword=TEXT,
        UpdateCustomHash=TEXT,
    )),
    "PUT /a/share/cell": json_of(fields(
        ("Room",),
        Room=fields(Uuid=TEXT, Label=TEXT, Description=TEXT, RootNodes=_ROOTS, ACLs=_MEMBERS),
        CreateEmptyRoot=FLAG,
    )),
    "POST /a/share/resources": json_of(
        fields(ShareType={"enum": ["ANY", "CELLS", "LINKS"]}, OwnerId=TEXT)
    ),
    "PUT /a/share/policies": json_of(fields(("Uuid",), Uuid=TEXT, Policies=sent(fields()))),
    "POST /a/user": json_of(fields(
        Queries=sent(fields(Login=TEXT, Uuid=TEXT, GroupPath=TEXT,
                            NodeType={"enum": ["", "UNKNOWN", "USER", "GROUP"]})),
        Offset=NUMBER, Limit=NUMBER,
    )),
    "PUT /a/user/{login:path}": _USER,
    "PUT /a/user/roles/{login}": _USER,
    "PUT /a/role/{role_id}": json_of(fields(Uuid=TEXT, Label=TEXT)),
    "PUT /a/workspace/{slug}": json_of(fields(
        UUID=TEXT, Slug=TEXT, Label=TEXT, Description=TEXT, Quota=NUMBER, KeptUntil=NUMBER,
    )),
    "POST /a/acl": json_of(fields(
        Queries=sent(fields(NodeIDs=sent(TEXT), RoleIDs=sent(TEXT), WorkspaceIDs=sent(TEXT),
                            Actions=sent(fields(Name=TEXT)))),
    )),
    "PUT /a/acl": json_of(_RIGHT),
    "POST /a/acl/bulk/delete": json_of(_RIGHT),
    "PUT /a/config/oauth2clients/{client_id}": json_of(_CLIENT),
    "PUT /a/config/services/pydio.web.oauth/staticClients": json_of(_VALUE),
    "PUT /a/config/{path:path}": json_of(_VALUE),
}  # fmt: skip

_LINK, _CELL, _DONE = json_of(ref("Link")), json_of(ref("Cell")), json_of(ref("Done"))
_MADE = json_of(fields(("AccessToken",), AccessToken=TEXT))
_ONE_USER = json_of({"anyOf": [ref("User"), ref("Group")]})
ANSWERS: Mapping[str, Schema] = {
    "POST /a/frontend/session": json_of(fields(
        JWT=TEXT, ExpireTime=WHOLE, Token=fields(AccessToken=TEXT, ExpiresAt=DIGITS),
    )),
    "POST /a/auth/token/personal": _MADE,
    "POST /a/auth/token/impersonate": _MADE,
    "POST /a/auth/token/document": _MADE,
    "POST /a/auth/token/revoke": _DONE,
    "POST /a/auth/tokens": json_of(fields(("Tokens",), Tokens=listed(ref("Token")))),
    "DELETE /a/auth/tokens/{token_id}": _DONE,
    "GET /a/auth/access-keys": json_of(
        fields(("AccessKeys",), AccessKeys=listed(ref("AccessKey")))
    ),
    "POST /a/auth/access-keys": json_of(ref("AccessKey")),
    "DELETE /a/auth/access-keys/{access_key_id}": _DONE,
    "PUT /a/auth/reset-password-token/{login}": _DONE,
    "POST /a/auth/reset-password": _DONE,
    "PUT /a/share/link": _LINK,
    "GET /a/share/link/{link_id}": _LINK,
    "DELETE /a/share/link/{link_id}": _DONE,
    "PUT /a/share/cell": _CELL,
    "GET /a/share/cell/{space_id}": _CELL,
    "DELETE /a/share/cell/{space_id}": _DONE,
    "POST /a/share/resources": json_of(fields(
        ("Resources", "Total"), Total=WHOLE,
        Resources=listed(fields(Cells=listed(ref("Cell")), Link=ref("Link"))),
    )),
    "PUT /a/share/policies": _DONE,
    "POST /a/user": json_of(fields(
        ("Users", "Groups", "Total"),
        Users=listed(ref("User")), Groups=listed(ref("Group")), Total=WHOLE,
    )),
    "PUT /a/user/roles/{login}": json_of(ref("User")),
    "GET /a/user/{login:path}": _ONE_USER,
    "PUT /a/user/{login:path}": _ONE_USER,
    "DELETE /a/user/{login:path}": _DONE,
    "POST /a/role": json_of(
        fields(("Roles", "Total"), Roles=listed(ref("Role")), Total=WHOLE)
    ),
    "GET /a/role/{role_id}": json_of(ref("Role")),
    "PUT /a/role/{role_id}": json_of(ref("Role")),
    "DELETE /a/role/{role_id}": _DONE,
    "POST /a/workspace": json_of(
        fields(("Workspaces", "Total"), Workspaces=listed(ref("Workspace")), Total=WHOLE)
    ),
    "GET /a/workspace/{slug}": json_of(ref("Workspace")),
    "PUT /a/workspace/{slug}": json_of(ref("Workspace")),
    "DELETE /a/workspace/{slug}": _DONE,
    "POST /a/acl": json_of(fields(("ACLs", "Total"), ACLs=listed(ref("Right")), Total=WHOLE)),
    "PUT /a/acl": json_of(ref("Right")),
    "POST /a/acl/bulk/delete": _DONE,
    "PUT /a/config/oauth2clients/{client_id}": _DONE,
    "DELETE /a/config/oauth2clients/{client_id}": _DONE,
    "GET /a/config/services/pydio.web.oauth/staticClients": json_of(_VALUE),
    "PUT /a/config/services/pydio.web.oauth/staticClients": json_of(_VALUE),
    "GET /a/config/{path:path}": json_of(_VALUE),
    "PUT /a/config/{path:path}": json_of(_VALUE),
}  # fmt: skip
