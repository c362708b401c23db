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
        "upload n/x",
    ]


async def test_what_both_sides_changed_is_said_before_it_is_done(inside: Inside) -> None:
    await inside.home.put("personal-files/d/a", b"first")
    await inside.sync()
    inside.write("d/a", "mine")
    await inside.home.put("personal-files/d/a", b"theirs, and longer")
    aside = f"d/a (conflict, {inside.job.policy.device}, {inside.job.policy.day})"
    told = await inside.sync(dry=True)
    assert told.said == (
        f"keep both of d/a: the one here becomes {aside}", f"upload {aside}", "download d/a",
    )  # fmt: skip
    assert told.conflicts == ((aside, "d/a"),)
    assert inside.files() == {"d/a": "mine"}
    assert (await inside.sync()).conflicts == told.conflicts
    assert inside.files() == {"d/a": "theirs, and longer", aside: "mine"}
    (inside.root / aside).unlink()
    await inside.sync()
    with inside.state() as state:
        assert state.conflicts() == []


async def test_a_file_of_the_server_steps_aside_for_a_folder(inside: Inside) -> None:
    inside.write("x/a", "mine")
    await inside.home.put("personal-files/x", b"theirs")
    told = await inside.sync(dry=True)
    aside = f"x (conflict, server, {inside.job.policy.day})"
    assert told.said[0] == f"keep both of x: the one on the server becomes {aside}"
    assert (await inside.sync()).conflicts == told.conflicts == ((aside, "x"),)
    assert inside.files() == {"x/a": "mine", aside: "theirs"}
    with inside.state() as state:
        assert [one[:2] for one in state.conflicts()] == [(aside, "x")]
