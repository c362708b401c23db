"""What each method does, in-process."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from keycell.bootstrap import World
from keycell.http.dav import copying, dead, propfind

from .conftest import HOME, Dav

PROP = "<D:propfind xmlns:D='DAV:'><D:prop>{}</D:prop></D:propfind>"


async def find(dav: Dav, path: str, *names: str, depth: str = "0") -> str:
    body = PROP.format("".join(f"<{name}/>" for name in names))
    response = await dav("PROPFIND", path, body, Depth=depth)
    assert response.status_code == 207, response.text
    assert response.headers["content-type"].startswith("application/xml")
    return response.text


def hrefs(answer: str) -> list[str]:
    return re.findall(r"<D:response><D:href>([^<]*)", answer)


async def test_what_can_be_done_is_told_to_anybody(dav: Dav) -> None:
    """RFC4918-10.1, RFC4918-18."""
    response = await dav.http.request("OPTIONS", f"{HOME}/a")
    assert response.headers["dav"] == "1, 2"
    assert {"LOCK", "PROPFIND", "MKCOL"} <= set(response.headers["allow"].split(", "))
    response = await dav("PATCH", "a")
    assert response.status_code == 405


async def test_the_top_lists_the_spaces(dav: Dav) -> None:
    """RFC4918-5.2."""
    for address in ("/dav", "/dav/"):
        answer = await find(dav, address, "D:displayname", "D:resourcetype", depth="1")
        assert hrefs(answer) == ["/dav/", "/dav/common-files/", "/dav/personal-files/"]
        assert "My Files" in answer
    assert (await dav("PROPFIND", "/dav/")).status_code == 403
    for method in ("PUT", "MKCOL", "DELETE", "LOCK"):
        for address in ("/dav/", HOME):
            status = (await dav(method, address)).status_code
            assert status in (400, 403, 405, 412), (method, address, status)


async def test_live_properties_say_what_there_is(dav: Dav) -> None:
    """RFC4918-15, RFC4331-3, RFC4331-4."""
    assert await dav.put("a é.txt", b"hello", X_OC_Mtime="1000000000") == 201
    answer = await find(dav, "a é.txt", "D:getetag", "D:getcontentlength", "D:getlastmodified",
                        "D:getcontenttype", "D:creationdate", "D:quota-used-bytes",
                        "c:checksums xmlns:c='http://owncloud.org/ns'", "D:nothing")  # fmt: skip
    assert '<D:getetag>"5d41402abc4b2a76b9719d911017c592"</D:getetag>' in answer
    assert "<D:getcontentlength>5</D:getcontentlength>" in answer
    assert "<D:getlastmodified>Sun, 09 Sep 2001 01:46:40 GMT</D:getlastmodified>" in answer
    assert "<D:getcontenttype>text/plain</D:getcontenttype>" in answer
    assert "MD5:5d41402abc4b2a76b9719d911017c592 SHA256:2cf24" in answer
    missing = answer.partition("404 Not Found")[0].rpartition("<D:propstat>")[2]
    assert "<D:nothing/><" in missing
    assert "<D:quota-used-bytes/>" in missing
    answer = await find(dav, "", "D:quota-used-bytes", "D:quota-available-bytes")
    assert "<D:quota-used-bytes>5<" in answer


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    """Give a body whose length nobody says beforehand."""
    for chunk in chunks:
        yield chunk


async def test_a_quota_is_told_and_held(dav: Dav, world: World, ann: object) -> None:
    """RFC4331-3, RFC4331-6."""
    await dav.put("a.txt", b"12345")
    space = await world.files.spaces.find("personal-files", getattr(ann, "sub", ""))
    assert space is not None
    from ...stores.conftest import EVENT  # noqa: PLC0415

    await world.files.spaces.set_quota(space.volume_id, 12, EVENT)
    assert "<D:quota-available-bytes>7<" in await find(dav, "", "D:quota-available-bytes")
    response = await dav("PUT", "b.txt", b"x" * 8)
    assert response.status_code == 507
    assert "<D:quota-not-exceeded/>" in response.text
    # How much comes may not be known before it has come.
    bearer = {"Authorization": f"Bearer {dav.token}"}
    for url in (f"{HOME}/b.txt", f"{HOME}/a.txt"):
        response = await dav.http.put(url, content=pieces(b"1234", b"5678"), headers=bearer)
        assert (response.status_code, "quota-not-exceeded" in response.text) == (507, True)
    assert (await dav("GET", "a.txt")).content == b"12345"
    assert (await dav("GET", "b.txt")).status_code == 404
    response = await dav("COPY", "a.txt", Destination=f"{HOME}/b.txt")
    assert response.status_code == 201
    response = await dav("COPY", "a.txt", Destination=f"{HOME}/c.txt")
    assert response.status_code == 507


async def test_depth_says_how_far_a_propfind_goes(
    dav: Dav, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC4918-9.1, RFC4918-10.2."""
    for path in ("Docs/", "Docs/In/"):
        assert (await dav("MKCOL", path)).status_code == 201
    for number in range(5):
        await dav.put(f"Docs/In/{number}")
    monkeypatch.setattr(propfind, "PAGE", 2)
    assert hrefs(await find(dav, "Docs", "D:getetag", depth="0")) == [f"{HOME}/Docs/"]
    one = hrefs(await find(dav, "Docs/In/", "D:getetag", depth="1"))
    assert one == [f"{HOME}/Docs/In/", *(f"{HOME}/Docs/In/{n}" for n in range(5))]
    everything = hrefs(await find(dav, "Docs", "D:getetag", depth="infinity"))
    assert everything == [f"{HOME}/Docs/", *one]
    monkeypatch.setattr(propfind, "MOST_BELOW", 5)
    response = await dav("PROPFIND", "Docs")
    assert response.status_code == 403
    assert "<D:propfind-finite-depth/>" in response.text
    for depth in ("2", "-1", "1,noroot", "infinity infinity"):
        assert (await dav("PROPFIND", "Docs", Depth=depth)).status_code == 400


async def test_a_propfind_that_is_none_is_refused(dav: Dav) -> None:
    """RFC4918-8.2, RFC4918-9.1."""
    both = "<D:propfind xmlns:D='DAV:'><D:allprop/><D:prop/></D:propfind>"
    many = PROP.format("".join(f"<D:a{number}/>" for number in range(300)))
    long = PROP.format(f"<D:{'a' * 20_000}/>")
    entity = "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"
    for body in (
        "<D:propfind xmlns:D='DAV:'/>", "<x/>", both, "<", many, long,
        entity + PROP.format("&b;"),
    ):  # fmt: skip
        assert (await dav("PROPFIND", "", body, Depth="0")).status_code == 400
    response = await dav("PROPFIND", "", "<a>" + " " * 300_000 + "</a>", Depth="0")
    assert response.status_code == 413


async def test_dead_properties_are_kept_moved_and_copied(dav: Dav) -> None:
    """RFC4918-9.2, RFC4918-9.8.2."""
    await dav.put("a.txt")
    update = (
        "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><z:colour xmlns:z='urn:z'>r&amp;d"
        "<D:b/></z:colour></D:prop></D:set></D:propertyupdate>"
    )
    response = await dav("PROPPATCH", "a.txt", update)
    assert response.status_code == 207
    assert "200 OK" in response.text
    await dav("COPY", "a.txt", Destination=f"{HOME}/b.txt")
    await dav("MOVE", "a.txt", Destination=f"{HOME}/c.txt")
    for path in ("b.txt", "c.txt"):
        assert "r&amp;d" in await find(dav, path, "z:colour xmlns:z='urn:z'")
    everything = await dav("PROPFIND", "b.txt", Depth="0")
    assert "urn:z" in everything.text
    names = await dav("PROPFIND", "b.txt", "<propfind xmlns='DAV:'><propname/></propfind>",
                      Depth="0")  # fmt: skip
    assert 'colour xmlns:x="urn:z"/>' in names.text
    removed = update.replace("D:set>", "D:remove>")
    assert "200 OK" in (await dav("PROPPATCH", "b.txt", removed)).text
    assert "404" in await find(dav, "b.txt", "z:colour xmlns:z='urn:z'")


async def test_twenty_properties_set_at_once_are_all_kept(dav: Dav) -> None:
    """RFC4918-9.2."""
    await dav.put("a.txt")

    async def set_one(number: int) -> int:
        body = (
            f"<propertyupdate xmlns='DAV:'><set><prop><p{number} xmlns='urn:p'>x</p{number}>"
            "</prop></set></propertyupdate>"
        )
        return (await dav("PROPPATCH", "a.txt", body)).status_code

    assert await asyncio.gather(*(set_one(number) for number in range(20))) == [207] * 20
    answer = (await dav("PROPFIND", "a.txt", Depth="0")).text
    assert len(set(re.findall(r":p(\d+) xmlns", answer))) == 20


async def test_protected_properties_stay_and_times_are_set(
    dav: Dav, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC4918-9.2.1, RFC4918-15."""
    await dav.put("a.txt")
    both = (
        "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:getetag>x</D:getetag>"
        "<y xmlns='urn:y'/></D:prop></D:set></D:propertyupdate>"
    )
    response = await dav("PROPPATCH", "a.txt", both)
    assert "403 Forbidden" in response.text
    assert "424 Failed Dependency" in response.text
    assert "cannot-modify-protected-property" in response.text
    assert "urn:y" not in (await dav("PROPFIND", "a.txt", Depth="0")).text
    for name, value in (
        ("getlastmodified xmlns='DAV:'", "Sun, 09 Sep 2001 01:46:40 GMT"),
        ("lastmodified xmlns='DAV:'", "1000000000"),
        ("Win32LastModifiedTime xmlns='urn:schemas-microsoft-com:'",
         "Sun, 09 Sep 2001 01:46:40 GMT"),
    ):  # fmt: skip
        await dav.put("a.txt", name.encode())
        end = name.partition(" ")[0]
        body = ("<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop>"
                "<{}>{}</{}></D:prop></D:set></D:propertyupdate>")  # fmt: skip
        assert "200 OK" in (await dav("PROPPATCH", "a.txt", body.format(name, value, end))).text
        assert "2001 01:46:40" in await find(dav, "a.txt", "D:getlastmodified")
        for never in ("soon", "Fri, 31 Dec 9999 23:59:59 -1400"):
            response = await dav("PROPPATCH", "a.txt", body.format(name, never, end))
            assert response.status_code == 400
    monkeypatch.setattr(dead, "LARGEST", 10)
    body = body.format("z xmlns='urn:z'", "x" * 20, "z")
    assert (await dav("PROPPATCH", "a.txt", body)).status_code == 507


async def test_files_are_put_and_read_with_conditions_and_ranges(dav: Dav) -> None:
    """RFC4918-9.7, RFC9110-13, RFC9110-14."""
    created = await dav("PUT", "a.txt", b"0123456789", If_None_Match="*")
    assert created.status_code == 201
    assert await dav.put("a.txt", b"x", If_None_Match="*") == 412
    assert await dav.put("a.txt", b"x", If_Match='"other"') == 412
    assert await dav.put("a.txt", b"x", If_Match=f"W/{created.headers['etag']}") == 412
    assert await dav.put("a.txt", b"x", Content_Range="bytes 0-0/10") == 400
    assert await dav.put("no/such/a.txt") == 409
    assert await dav.put("a.txt/b.txt") == 409
    assert await dav.put("b/") == 409
    assert await dav.put("", b"x") == 405
    assert await dav.put("b.txt", b"x", OC_Checksum="SHA1:" + "0" * 40) == 400
    assert await dav.put("b.txt", b"x", OC_Checksum="MD5:9dd4e461268c8034f5c8564e155c67a6") == 201
    assert await dav.put("b.txt", b"x", Content_MD5="nonsense") == 400
    assert await dav.put("b.txt", b"x", X_OC_Mtime="never") == 400
    part = await dav("GET", "a.txt", Range="bytes=2-4")
    assert (part.status_code, part.content) == (206, b"234")
    assert (await dav("GET", "a.txt", If_None_Match=created.headers["etag"])).status_code == 304
    head = await dav("HEAD", "a.txt")
    assert (head.headers["content-length"], head.content) == ("10", b"")
    assert await dav.put("a.txt", b"new", If_Match=created.headers["etag"]) == 204
    assert (await dav("DELETE", "a.txt", If_Match=created.headers["etag"])).status_code == 412


async def test_what_was_uploaded_never_runs_here(dav: Dav) -> None:
    """decisions/0012."""
    for name in ("a.html", "a.svg", "a.js", "a.xml", "a.xhtml"):
        await dav.put(name, b"<script>alert(1)</script>")
        response = await dav("GET", name)
        assert response.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_browser_sees_a_page(dav: Dav) -> None:
    await dav("MKCOL", "Docs")
    await dav.put("Docs/<b>é.txt")
    page = await dav("GET", "Docs/", Accept="text/html", Accept_Language="fr")
    assert page.headers["content-type"].startswith("text/html")
    assert f'href="{HOME}/Docs/%3Cb%3E%C3%A9.txt"' in page.text
    assert "&lt;b&gt;é.txt" in page.text
    assert '<html lang="fr"' in page.text
    assert "script-src" in page.headers["content-security-policy"]
    assert f'href="{HOME}/"' in (await dav("GET", "/dav/")).text


async def to(dav: Dav, method: str, path: str, there: str, **headers: str) -> int:
    """Copy or move."""
    response = await dav(method, path, Destination=f"{HOME}/{there}", **headers)
    return response.status_code


async def tree(dav: Dav) -> None:
    await dav("MKCOL", "A")
    await dav("MKCOL", "A/B")
    await dav.put("A/B/c.txt", b"c")
    await dav.put("x.txt", b"x")


@pytest.mark.parametrize(
    ("method", "path", "there", "headers", "status"),
    [
        ("COPY", "A", "A/B/D", {}, 403),
        ("MOVE", "A", "A/B/D", {}, 403),
        ("COPY", "A", "A", {}, 403),
        ("MOVE", "A", "A", {}, 403),
        ("COPY", "A/B", "A", {}, 409),
        ("MOVE", "A/B/c.txt", "A", {}, 409),
        ("COPY", "A", "no/such", {}, 409),
        ("COPY", "A", "x.txt/y", {}, 409),
        ("MOVE", "nothing", "y", {}, 404),
        ("MOVE", "A", "", {}, 403),
        ("MOVE", "", "A/all", {}, 403),
        ("COPY", "A", "recycle_bin/A", {}, 403),
        ("COPY", "A", "C", {"Depth": "1"}, 400),
        ("MOVE", "A", "C", {"Depth": "0"}, 400),
        ("COPY", "A", "C", {"Overwrite": "maybe"}, 400),
        ("COPY", "A", "x.txt", {"Overwrite": "F"}, 412),
        ("MOVE", "A", "x.txt", {"Overwrite": "F"}, 412),
    ],
)
async def test_copies_and_moves_that_lead_nowhere_are_refused(
    dav: Dav, method: str, path: str, there: str, headers: dict[str, str], status: int
) -> None:
    """RFC4918-9.8.5, RFC4918-9.9.4."""
    await tree(dav)
    assert await to(dav, method, path, there, **headers) == status
    assert (await dav("GET", "A/B/c.txt")).content == b"c"
    assert (await dav("GET", "x.txt")).content == b"x"
    assert (await dav("GET", "C")).status_code == 404


async def test_copies_and_moves_go_where_they_may(dav: Dav) -> None:
    """RFC4918-9.8, RFC4918-9.9."""
    await tree(dav)
    assert await to(dav, "COPY", "A", "C", Depth="0") == 201
    assert (await dav("GET", "C/B/c.txt")).status_code == 404
    assert await to(dav, "COPY", "A", "C") == 204
    assert (await dav("GET", "C/B/c.txt")).content == b"c"
    assert (await dav("GET", "A/B/c.txt")).content == b"c"
    assert await to(dav, "MOVE", "C", "x.txt") == 204
    assert (await dav("GET", "x.txt/B/c.txt")).content == b"c"
    assert (await dav("GET", "recycle_bin/x.txt")).content == b"x"
    assert await to(dav, "MOVE", "A", "a") == 201
    assert (await dav("COPY", "a")).status_code == 400


async def test_across_spaces_a_move_is_a_copy_within_bounds(
    dav: Dav, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC4918-9.9."""
    common = "/dav/common-files"
    await dav("MKCOL", "A")
    for number in range(4):
        await dav.put(f"A/{number}", b"%d" % number)
    assert (await dav("MOVE", "A/0", Destination=f"{common}/zero")).status_code == 201
    assert (await dav("GET", f"{common}/zero")).content == b"0"
    assert (await dav("GET", "A/0")).status_code == 404
    monkeypatch.setattr(copying, "MOST_COPIED", 2)
    assert (await dav("MOVE", "A", Destination=f"{common}/A")).status_code == 507
    assert (await dav("GET", f"{common}/A/")).status_code == 404
    assert (await dav("GET", "A/1")).status_code == 200
    monkeypatch.setattr(copying, "MOST_COPIED", 3)
    assert (await dav("MOVE", "A", Destination=f"{common}/A")).status_code == 201
    assert (await dav("GET", f"{common}/A/3")).content == b"3"
    assert (await dav("GET", "A/")).status_code == 404
    assert (await dav("GET", "recycle_bin/A/3")).content == b"3"


async def test_folders_are_made_one_at_a_time(dav: Dav) -> None:
    """RFC4918-9.3."""
    assert (await dav("MKCOL", "A")).status_code == 201
    assert (await dav("MKCOL", "A")).status_code == 405
    assert (await dav("MKCOL", "B/C")).status_code == 409
    assert (await dav("MKCOL", "B", b"<x/>")).status_code == 415
    done = await asyncio.gather(*(dav("MKCOL", "Once") for _ in range(20)))
    assert sorted({one.status_code for one in done}) == [201, 405]
    assert [one.status_code for one in done].count(201) == 1


async def test_names_that_collide_are_refused(dav: Dav) -> None:
    """decisions/0029."""
    await dav.put("Café.txt", b"first")
    decomposed = "Cafe\u0301.txt"
    assert await dav.put(decomposed, b"second") == 409
    assert await dav.put("CAFÉ.TXT", b"second") == 409
    assert (await dav("MKCOL", "café.txt")).status_code == 409
    await dav.put("other.txt", b"other")
    for name in (decomposed, "CAFÉ.TXT"):
        for method in ("MOVE", "COPY"):
            response = await dav(
                method, "other.txt", Destination=f"http://127.0.0.1:8080{HOME}/{_quoted(name)}"
            )
            assert response.status_code == 409, name
    assert (await dav("GET", "Café.txt")).content == b"first"
    assert (await dav("GET", decomposed)).content == b"first"
    assert (await dav("GET", "CAFÉ.TXT")).status_code == 404


def _quoted(name: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415

    return quote(name)


async def test_a_tag_in_the_if_header_still_counts_when_the_body_has_come(dav: Dav) -> None:
    """RFC4918-10.4.4, RFC9110-13.2."""
    first = await dav("PUT", "a.txt", b"first")

    async def body() -> AsyncIterator[bytes]:
        yield b"la"
        assert await dav.put("a.txt", b"between") == 204
        yield b"te"

    headers = {"Authorization": f"Bearer {dav.token}", "If": f"([{first.headers['etag']}])"}
    late = await dav.http.put(f"{HOME}/a.txt", content=body(), headers=headers)
    assert late.status_code == 412
    assert (await dav("GET", "a.txt")).content == b"between"
