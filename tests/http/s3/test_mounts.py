"""A space as a folder of one's machine, mounted by rclone over S3."""

from pathlib import Path

from ...mounts import live_in, mounted, mounts
from .conftest import Home
from .test_programs import RCLONE, SPACE, boto


@mounts
def test_rclone_mounts_a_space(real: Home, tmp_path: Path) -> None:
    there = f"k:{SPACE}/mounted"
    command = [RCLONE, "mount", there, str(tmp_path / "space"), "--vfs-cache-mode", "writes",
               "--vfs-write-back", "0s", "--dir-cache-time", "0s"]  # fmt: skip
    client = boto(real)
    client.put_object(Bucket="io", Key="personal-files/mounted/before.txt", Body=b"before")
    with mounted(tmp_path / "space", command, real.environment) as folder:
        assert (folder / "before.txt").read_bytes() == b"before"
        live_in(folder)
        assert sorted(one.name for one in folder.iterdir()) == ["before.txt", "big.bin", "dir"]
        client.put_object(Bucket="io", Key="personal-files/mounted/later.txt", Body=b"later")
        assert (folder / "later.txt").read_bytes() == b"later"
    listed = real.run(RCLONE, "lsf", "-R", "--files-only", there).splitlines()
    assert sorted(listed) == ["before.txt", "big.bin", "dir/b.txt", "later.txt"]
    assert real.run(RCLONE, "cat", f"{there}/dir/b.txt") == "hello"
