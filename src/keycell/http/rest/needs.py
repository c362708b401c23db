"""Which scope a token must have for each call, for programs and people that read it. RFC6749-3.3.

What is said here, the calls themselves ask for; ``tests/http/rest/test_needs.py`` holds the two
together.
"""

from collections.abc import Sequence

from keycell.administration.calls import PREFIX as ADMINISTRATION
from keycell.own.calls import PREFIX as ACCOUNT

_ADMINISTRATION = (
    ADMINISTRATION, "/a/acl", "/a/config/", "/a/role", "/a/user/", "/a/workspace",
)  # fmt: skip
_ACCOUNT = (ACCOUNT, "/a/auth/", "/a/frontend/", "/a/keycell/people")
_OFFICE = frozenset({"PUT /a/user-meta/namespace", "POST /a/user"})
_BOTH = frozenset({"GET /a/user/{login:path}", "PUT /a/user/{login:path}"})
"""One's own, or as an administrator anybody's."""
_ANYBODYS = frozenset({
    "GET /a/frontend/state", "GET /a/frontend/settings-menu", "POST /a/frontend/enroll",
})  # fmt: skip
_WRITING = frozenset({
    "GET /a/keycell/nodes/{node_id}/rights",
    "POST /a/tree/create", "POST /a/tree/delete", "POST /a/tree/restore",
    "POST /a/meta/set/{path:path}", "POST /a/meta/delete/{path:path}", "PUT /a/user-meta/update",
    "PUT /a/jobs/user/{name}", "PUT /a/share/link", "DELETE /a/share/link/{link_id}",
    "PUT /a/share/cell", "DELETE /a/share/cell/{space_id}", "POST /a/keycell/files",
    "POST /a/keycell/nodes/{node_id}/folders", "POST /a/keycell/nodes/{node_id}/move",
    "POST /a/keycell/nodes/{node_id}/trash", "POST /a/keycell/nodes/{node_id}/comments",
    "DELETE /a/keycell/nodes/{node_id}/comments/{comment_id}",
    "POST /a/keycell/versions/{node_id}/restore",
    "PUT /a/keycell/versions/{node_id}/{version}",
    "DELETE /a/keycell/versions/{node_id}/{version}",
})  # fmt: skip


def needed(key: str) -> Sequence[str]:
    """Give the scopes of which a token must have one, for a call by method and address.

    None where any token of a person will do. ``openid`` stands for one that came of a sign-in to
    one of the server's own applications.
    """
    path = key.partition(" ")[2]
    if key in _ANYBODYS:
        return ()
    if key in _BOTH:
        return ("openid", "admin")
    if key in _OFFICE or path.startswith(_ADMINISTRATION):
        return ("admin",)
    if path.startswith(_ACCOUNT):
        return ("openid",)
    return ("files.write",) if key in _WRITING else ("files.read",)
