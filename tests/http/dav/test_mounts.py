"""A space as a folder of one's machine, mounted over WebDAV: by davfs2, and by rclone."""

import tempfile
from pathlib import Path
from sys import executable

import httpx2

from ...mounts import live_in, mounted, mounts
from .conftest import Running, environment

RCLONE = str(Path(executable).parent / "rclone")


def is_kept(running: Running) -> None:
    """What was written in the folder is with the server."""
    headers = {"Authorization": f"Bearer {running.token}"}
    assert httpx2.get(f"{running.url}dir/b.txt", headers=headers).text == "hello"
    assert len(httpx2.get(f"{running.url}big.bin", headers=headers).content) == 3_000_000
    for gone in ("dir/%C3%A9.txt", "gone.txt"):
        assert httpx2.get(f"{running.url}{gone}", headers=headers).status_code == 404


@mounts
def test_davfs2_mounts_a_space(running: Running, tmp_path: Path) -> None:
    """With a personal access token as the password, and with locks."""
    folder, secrets, said = tmp_path / "space", tmp_path / "secrets", tmp_path / "davfs2.conf"
    secrets.write_text(f"{folder} ann {running.token}\n")
    secrets.chmod(0o600)
    command = ["mount.davfs", running.url, str(folder), "-o", f"conf={said},uid=0,gid=0,rw"]
    # It runs as a user of its own, who comes into no folder of ours.
    with tempfile.TemporaryDirectory() as cache:
        Path(cache).chmod(0o777)
        said.write_text(
            f"secrets {secrets}\ncache_dir {cache}\nask_auth 0\ndelay_upload 0\nuse_locks 1\n"
            # With its own 16 KiB, davfs2 lists no folder on Linux 6.18: EINVAL. docs/webdav.md
            "buf_size 160\n"
        )
        with mounted(folder, command, environment(tmp_path, {"PATH": "/usr/bin:/bin:/sbin"})):
            live_in(folder)
    is_kept(running)


@mounts
def test_rclone_mounts_a_space(running: Running, tmp_path: Path) -> None:
    told = {
        "RCLONE_CONFIG_DAV_TYPE": "webdav", "RCLONE_CONFIG_DAV_URL": running.url,
        "RCLONE_CONFIG_DAV_VENDOR": "owncloud",
        "RCLONE_CONFIG_DAV_BEARER_TOKEN": running.token,
    }  # fmt: skip
    command = [RCLONE, "mount", "dav:", str(tmp_path / "space"), "--vfs-cache-mode", "writes",
               "--vfs-write-back", "0s", "--dir-cache-time", "0s"]  # fmt: skip
    with mounted(tmp_path / "space", command, environment(tmp_path, told)) as folder:
        live_in(folder)
    is_kept(running)
