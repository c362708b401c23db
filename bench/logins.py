"""Browsers that sign in again and again, beside what is measured and in nobody's way.

They are driven by wrk as well: browsers in Python took a tenth of the core of the load generator,
whose own delays then counted as the server's.
"""

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import httpx2

from bench.machine import LOAD_CORE
from bench.peers import PASSWORD, Peer, cookies

_BROWSERS = 8
_PATH = "/oauth2/login"
_SCRIPTS = Path(__file__).parent / "load"


class Browsers:
    """Browsers that sign in to a server, from now on and for so long."""

    def __init__(self, peer: Peer, folder: Path, seconds: float) -> None:
        lines = folder / "browsers.lines"
        lines.write_text("".join(f"{_known(peer)}\n" for _ in range(_BROWSERS)))
        self._report = folder / "logins.json"
        # It gives way: it shares its core with what measures.
        command = [
            "nice", "-n", "19", "taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{_BROWSERS}",
            f"-d{seconds:g}s", "--timeout", "10s", "-s", str(_SCRIPTS / "logins.lua"), peer.url,
            "--", str(_SCRIPTS / "common.lua"), str(self._report), _PATH, str(lines),
        ]  # fmt: skip
        self._wrk = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def per_second(self) -> float:
        """Wait for the end, and say how many a second were let in."""
        self._wrk.wait(90)
        told = json.loads(self._report.read_text())
        if told["wrong"]:
            raise RuntimeError(f"{told['wrong']} logins failed: {told['first_wrong']}")
        return float(told["counted"] / told["seconds"])


def _known(peer: Peer) -> str:
    """Sign in once, so that the server knows this browser: strangers are throttled."""
    with httpx2.Client(base_url=peer.url) as http:
        page = http.get(_PATH)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        form = hidden | {"username": "ann", "password": PASSWORD}
        response = http.post(_PATH, data=form)
        if response.status_code != httpx2.codes.SEE_OTHER:
            raise RuntimeError(f"login answered {response.status_code}")
        return f"{cookies(http)}\t{urlencode(form)}"
