"""A token that only reads, where something is to be changed: it is said which one would do."""

from keycell.accounts.people import Account
from keycell.bootstrap import World

from ..conftest import Browser, add_client

FILE = "personal-files/a.txt"
WRITES = (
    ("PUT", f"/io/{FILE}", b"x"), ("DELETE", f"/io/{FILE}", b""),
    ("PUT", f"/dav/{FILE}", b"x"), ("DELETE", f"/dav/{FILE}", b""),
    ("POST", "/a/tree/create", b'{"Nodes": [{"Path": "personal-files/I", "Type": "COLLECTION"}]}'),
    ("POST", "/a/tree/delete", b'{"Nodes": [{"Path": "personal-files/a.txt"}]}'),
)  # fmt: skip


async def test_a_write_by_a_token_that_reads_names_the_scope_it_needs(
    world: World, browser: Browser, ann: Account
) -> None:
    """RFC6750-3.1: on each wire; but not where no token of the person's would do."""
    assert ann.sub
    made = await add_client(world, scope="openid files.read files.write")
    tokens = {
        scope: (await browser.tokens(made, f"openid {scope}"))["access_token"]
        for scope in ("files.read", "files.write")
    }

    def bearer(scope: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {tokens[scope]}", "Content-Type": "application/json"}

    put = await browser.http.put(f"/dav/{FILE}", content=b"x", headers=bearer("files.write"))
    assert put.status_code == 201
    for method, path, content in WRITES:
        refused = await browser.http.request(
            method, path, content=content, headers=bearer("files.read")
        )
        assert refused.status_code == 403, path
        challenge = refused.headers["www-authenticate"]
        assert challenge.startswith("Bearer "), path
        assert 'error="insufficient_scope"' in challenge
        assert 'scope="files.write"' in challenge
    for path in ("/io", "/dav"):
        refused = await browser.http.put(
            f"{path}/personal-files/recycle_bin/b.txt", content=b"x", headers=bearer("files.write")
        )
        assert refused.status_code == 403
        assert "www-authenticate" not in refused.headers
