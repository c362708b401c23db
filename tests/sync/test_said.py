"""What would be done, in words."""

from .inside import Inside


async def test_what_would_be_done_is_said_with_its_path(inside: Inside) -> None:
    inside.top = "personal-files/work"
    await inside.home.put("personal-files/work/d/b", b"x")
    for name in ("d/a", "d/c", "d/e"):
        inside.write(name)
    await inside.sync()
    inside.write("d/a", "edited")
    inside.write("n/x")
    (inside.root / "d" / "c").rename(inside.root / "m")
    (inside.root / "d" / "e").unlink()
    await inside.home.put("personal-files/work/d/b", b"edited")
    told = await inside.sync(dry=True)
    assert sorted(told.said) == [
        "delete d/e on the server",
        "download d/b",
        "make the folder n on the server",
        "move d/c to m on the server",
        "upload d/a",
    ]
