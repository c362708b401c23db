"""A real server with people's files, and the programs of others that reach them by a token."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from sys import executable
from typing import Any

from ..application import CALLBACK, PASSWORD
from ..http.s3.conftest import sign_in
from ..server import Server, keycell, keycell_json

BIN = Path(executable).parent
AWS, RCLONE = str(BIN / "aws"), str(BIN / "rclone")
MIB = 2**20
ODD = (
    "a b.txt", "é.txt", "naïve + café.txt", "a&b=c.txt", "50% #1?.txt", "you@home.txt",
    "it's.txt", "wow!.txt", "star*.txt", "~tilde.txt", "(1) [2] {3}.txt", "100%25.txt",
    "semi;comma,colon:.txt", "日本語.txt", "👋.txt", "-dash", ".hidden", 'quo"te.txt',
    " lead", "a+b", "$HOME `x`.txt", "<b>.txt", "back\\slash.txt", "double  space",
)  # fmt: skip
ELSEWHERE = "https://elsewhere.example/"
"""A resource server that is not ours, for which the application may have tokens."""
COMMON = [{"type": "files", "actions": ["read", "write"], "space": "common-files"}]


@dataclass(frozen=True)
class Programs:
    """Programs of others, set up with one access token."""

    server: Server
    token: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        config = self.folder / "aws.config"
        config.write_text("[default]\ns3 =\n  max_concurrent_requests = 8\n")
        (self.folder / "rclone.conf").touch()
        dav = {
            "TYPE": "webdav", "URL": f"{self.server.url}/dav", "VENDOR": "owncloud",
            "BEARER_TOKEN": self.token,
        }  # fmt: skip
        s3 = {
            "TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": self.server.url,
            "ACCESS_KEY_ID": self.token, "SECRET_ACCESS_KEY": "gatewaysecret",
        }  # fmt: skip
        return {
            "HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
            "AWS_ACCESS_KEY_ID": self.token, "AWS_SECRET_ACCESS_KEY": "gatewaysecret",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.server.url,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": str(config),
            "RCLONE_CONFIG": str(self.folder / "rclone.conf"), "RCLONE_TRANSFERS": "8",
            "RCLONE_CHECKERS": "8", "RCLONE_RETRIES": "1", "RCLONE_LOW_LEVEL_RETRIES": "1",
            **{f"RCLONE_CONFIG_S3_{name}": value for name, value in s3.items()},
            **{f"RCLONE_CONFIG_DAV_{name}": value for name, value in dav.items()},
        }  # fmt: skip

    def run(self, *arguments: str | Path, code: int | None = 0) -> str:
        """Run a program; it must end with this exit code. Give all that it said."""
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=120, check=False,
            env=self.environment, cwd=self.folder,
        )  # fmt: skip
        said = f"{done.stdout}{done.stderr}"
        assert code is None or done.returncode == code, f"{arguments}: {done.returncode}\n{said}"
        return said

    def aws(self, *arguments: str | Path, code: int | None = 0) -> str:
        return self.run(AWS, "s3", *arguments, code=code)

    def rclone(self, *arguments: str | Path, code: int | None = 0) -> str:
        return self.run(RCLONE, *arguments, code=code)


@dataclass(frozen=True)
class Place:
    """A server, and an application of others that people let at their files there."""

    server: Server
    made: Mapping[str, Any]

    def programs(self, folder: Path, scope: str, login: str = "ann", **params: str) -> Programs:
        """Let somebody sign in, and set programs up with the token that the code bought."""
        return Programs(
            self.server, sign_in(self.server, self.made, scope, login, **params), folder
        )

    def for_common_files(self, folder: Path) -> Programs:
        """Programs with a token for one space alone."""
        return self.programs(folder, "openid", authorization_details=json.dumps(COMMON))


def settle(server: Server, *logins: str) -> Place:
    """Give people an account, and register the application of others."""
    where = ("--data", str(server.data))
    environment = server.database_environment
    for login in logins or ("ann",):
        keycell("admin", "user", "add", login, "--password-stdin", *where, stdin=PASSWORD,
                environment=environment)  # fmt: skip
    made = keycell_json(
        "admin", "client", "add", "Photos", "--redirect-uri", CALLBACK, *where,
        "--metadata", json.dumps({"audience": [ELSEWHERE]}), environment=environment,
    )  # fmt: skip
    return Place(server, made)


def grow(folder: Path, *, many: int = 230) -> Path:
    """Make a tree with odd names, empty files, many files in one folder, and deep folders."""
    for name in ODD:
        (folder / "odd" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "odd" / name).write_text(f"{name}\n")
    (folder / "odd folder, 50% é" / "née").mkdir(parents=True)
    (folder / "odd folder, 50% é" / "née" / "empty").write_bytes(b"")
    (folder / "many").mkdir()
    for number in range(many):
        (folder / "many" / f"{number:03}.bin").write_bytes(os.urandom(number * 100))
    deep = folder.joinpath(*(f"level {number}" for number in range(12)))
    deep.mkdir(parents=True)
    (deep / "end.txt").write_text("end\n")
    return folder


def same(one: Path, other: Path) -> bool:
    """Tell whether two folders hold the same files with the same bytes."""
    return _content(one) == _content(other)


def _content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
