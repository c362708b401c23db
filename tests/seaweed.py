"""A real S3-compatible object store, started by the tests on loopback ports of its own."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from .postgres import free_port

WEED = str(Path(sys.executable).with_name("weed"))
ACCESS_KEY, SECRET_KEY = "keycell", "keycell-secret"


class Seaweed:
    """SeaweedFS: its master, its volumes, its filer and its S3 in one process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {
            name: free_port()
            for name in ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc",
                         "s3", "s3.grpc")
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._ports['s3']}"

    def url(self, bucket: str, prefix: str = "") -> str:
        """Give the setting that names a bucket of this store."""
        return f"s3://{bucket}/{prefix}?endpoint={self.endpoint}&region=us-east-1"

    def names(self, bucket: str, below: str) -> list[str]:
        """List what the filer has, uploads under way included."""
        port = self._ports["filer"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/buckets/{bucket}/{below}?limit=1000",
            headers={"Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return [one["FullPath"] for one in json.load(response)["Entries"] or []]
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return []
            raise

    def start(self) -> None:
        data = self._folder / "data"
        data.mkdir(exist_ok=True)
        credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
        identity = {"name": "keycell", "credentials": credentials, "actions": ["Admin"]}
        config = self._folder / "s3.json"
        config.write_text(json.dumps({"identities": [identity]}))
        command = [
            WEED, "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
            f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-master.volumeSizeLimitMB=64", "-master.volumePreallocate=false",
            "-master.telemetry=false", "-volume.max=16",
            *(f"-{name.replace('.grpc', '.port.grpc') if '.' in name else name + '.port'}={port}"
              for name, port in self._ports.items()),
        ]  # fmt: skip
        with (self._folder / "weed.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self._folder,
                env=os.environ | {"GOMEMLIMIT": "256MiB"},
            )  # fmt: skip
        for _ in range(300):
            assert self._process.poll() is None, (self._folder / "weed.log").read_text()[-4000:]
            if self._answers():
                return
            time.sleep(0.1)
        raise AssertionError((self._folder / "weed.log").read_text()[-4000:])

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{self.endpoint}/healthz", timeout=2).close()
            return True
        return False

    def stop(self) -> None:
        if self._process is not None:
            # Nothing of it is needed any more, and it takes its time to say goodbye.
            self._process.kill()
            self._process.wait(10)
            self._process = None


@contextlib.contextmanager
def start_seaweed(folder: Path) -> Iterator[Seaweed]:
    """Start a store of the tests' own, and stop it at the end."""
    store = Seaweed(folder)
    store.start()
    try:
        yield store
    finally:
        store.stop()
