"""`python -m bench.web`: how soon the pages of the web frontend are there, in a real browser.

Lighthouse loads each page anew as a telephone on a slow line does, which it simulates (150 ms
there and back, 1.6 Mbit/s, a processor four times as slow), and the files as a desktop does too.
Beside it: the time from a click on a folder of 100,000 entries until its first rows are painted,
and how long its frames take while it is scrolled through.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench import machine
from bench.files_peers import keycell
from bench.peers import PASSWORD, free_port

LIGHTHOUSE = Path(__file__).parent / "lighthouse"
PERFORMANCE = {"mobile": 85, "desktop": 95}
"""What is wanted of the files; of the sign-in page 95 on a telephone."""
_AUDITS = {
    "first-contentful-paint": "FCP ms",
    "largest-contentful-paint": "LCP ms",
    "total-blocking-time": "TBT ms",
    "speed-index": "SI ms",
    "cumulative-layout-shift": "CLS",
    "total-byte-weight": "KB",
}
_SPACE = "common-files"
_CLICK = """
async ([name, first]) => {
  const buttons = [...document.querySelectorAll("[role=row] button")];
  const row = buttons.find((one) => one.textContent === name);
  const began = performance.now();
  row.click();
  for (;;) {
    await new Promise((done) => requestAnimationFrame(done));
    const rows = document.querySelectorAll("[role=row] button");
    if ([...rows].some((one) => one.textContent === first)) break;
  }
  // Two frames on, what stands in the document was painted.
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
}
"""
_SCROLL = """
async (frames) => {
  const grid = document.querySelector("[role=grid]");
  const deltas = [];
  let most = 0;
  // The page has come back to where it was left.
  grid.scrollTop = 0;
  let before = await new Promise((done) => requestAnimationFrame(done));
  for (let at = 0; at < frames; at += 1) {
    // Three rows a frame, as a wheel does that is turned fast.
    grid.scrollTop += 120;
    const now = await new Promise((done) => requestAnimationFrame(done));
    deltas.push(now - before);
    before = now;
    most = Math.max(most, document.querySelectorAll("[role=row]").length);
  }
  return { deltas, most, travelled: grid.scrollTop };
}
"""
_FRAMES = 600
MOST_ROWS = 200
"""UX-F02: so many are in the document, however many there are."""


@dataclass(frozen=True)
class Look:
    """A page, and as which machine it is looked at."""

    name: str
    path: str
    form: str
    goal: int


LOOKS = (
    Look("sign-in", "/account/basic", "mobile", 95),
    Look("files, a folder of 50", f"/files/{_SPACE}/few", "mobile", PERFORMANCE["mobile"]),
    Look("files, a folder of 50", f"/files/{_SPACE}/few", "desktop", PERFORMANCE["desktop"]),
)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="make bench-web", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--entries", type=int, default=100_000, help="of the large folder")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parents[1] / ".make")
    wanted = parser.parse_args()
    wanted.folder.mkdir(exist_ok=True)
    install()
    with tempfile.TemporaryDirectory(dir=wanted.folder, prefix="bench-web-") as made:
        folder = Path(made)
        with keycell(folder / "keycell") as server:
            server.fill("few", 50)
            server.fill("many", wanted.entries)
            found = measure(server.url, folder, wanted.rounds)
    print(told(found, wanted.entries))
    (Path(__file__).parent / "results-web.json").write_text(json.dumps(found, indent=1))


def install() -> None:
    """Install Lighthouse as its lock file says."""
    if not (LIGHTHOUSE / "node_modules").exists():
        install = ["npm", "ci", "--no-audit", "--no-fund"]
        subprocess.run(install, cwd=LIGHTHOUSE, check=True, stdout=sys.stderr)


def measure(url: str, folder: Path, rounds: int) -> dict[str, Any]:
    """Load every page, and open the large folder, so many times."""
    found: dict[str, Any] = {"loads": [], "clicks": {}, "scrolls": {}}
    with_browser(folder / "nobody", lambda port, _: load(found, url, LOOKS[:1], port, rounds))

    def signed_in(port: int, context: BrowserContext) -> None:
        page = context.new_page()
        sign_in(page, url)
        for slower in (1, 4):
            found["clicks"][str(slower)] = clicks(page, url, slower, rounds)
            found["scrolls"][str(slower)] = [scroll(page, url, slower) for _ in range(rounds)]
        page.close()
        load(found, url, LOOKS[1:], port, rounds)

    with_browser(folder / "ann", signed_in)
    return found


def with_browser(profile: Path, do: Callable[[int, BrowserContext], None]) -> None:
    """Do something with a browser of its own, which Lighthouse reaches by the port."""
    port = free_port()
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile), executable_path=shutil.which("chromium"), locale="en",
            viewport={"width": 1280, "height": 800},
            args=["--no-sandbox", f"--remote-debugging-port={port}"],
        )  # fmt: skip
        context.set_default_timeout(60_000)
        do(port, context)
        context.close()


def sign_in(page: Page, url: str) -> None:
    """Sign in to the frontend."""
    page.goto(f"{url}/files")
    page.fill("#username", "ann")
    page.fill("#password", PASSWORD)
    page.click("#login-submit")
    page.wait_for_selector("h1")


def clicks(page: Page, url: str, slower: int, rounds: int) -> list[float]:
    """Open the large folder from the one above it; give the milliseconds of each time."""
    devtools = page.context.new_cdp_session(page)
    found = []
    for _ in range(rounds):
        page.goto(f"{url}/files/{_SPACE}")
        page.wait_for_selector('[role=row] button[title="many"]')
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        found.append(page.evaluate(_CLICK, ["many", "000000.txt"]))
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return found


def scroll(page: Page, url: str, slower: int) -> dict[str, float]:
    """Scroll through the large folder; give what 95 of 100 frames take at most, and the rows."""
    page.goto(f"{url}/files/{_SPACE}/many")
    page.wait_for_selector("[role=row] button[title]")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    seen = page.evaluate(_SCROLL, _FRAMES)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    assert seen["most"] <= MOST_ROWS, seen["most"]
    assert seen["travelled"] > _FRAMES, "the folder is too small to be scrolled through"
    return {"p95": statistics.quantiles(seen["deltas"], n=20)[-1], "rows": seen["most"]}


def load(found: dict[str, Any], url: str, looks: tuple[Look, ...], port: int, rounds: int) -> None:
    """Have Lighthouse load pages."""
    for look in looks:
        reports = [lighthouse(url + look.path, port, look.form) for _ in range(rounds)]
        figures = {
            name: [report["audits"][audit]["numericValue"] for report in reports]
            for audit, name in _AUDITS.items()
        }
        scores = {
            name: [report["categories"][name]["score"] * 100 for report in reports]
            for name in ("performance", "accessibility", "best-practices")
        }
        found["loads"].append({"name": look.name, "form": look.form, "goal": look.goal, **scores,
                               **figures})  # fmt: skip
        print(f"{look.name}, {look.form}: {scores['performance']}", file=sys.stderr)


def lighthouse(address: str, port: int, form: str) -> dict[str, Any]:
    """Load a page once; give Lighthouse's report. Cookies stay, everything kept of it goes."""
    program = LIGHTHOUSE / "node_modules" / "lighthouse" / "cli" / "index.js"
    command = ["node", str(program), address,
               "--port", str(port), "--output=json", "--quiet",
               "--only-categories=performance,accessibility,best-practices"]  # fmt: skip
    if form == "desktop":
        command.append("--preset=desktop")
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["finalDisplayedUrl"].split("?")[0].startswith(address.rsplit("/", 2)[0])
    assert not report.get("runtimeError"), report["runtimeError"]
    return report


def told(found: dict[str, Any], entries: int) -> str:
    """Write the medians down."""
    names = ["performance", "accessibility", "best-practices", *_AUDITS.values()]
    lines = [f"| | {' | '.join(names)} |", "|---|" + "--:|" * len(names)]
    for one in found["loads"]:
        medians = {name: statistics.median(one[name]) for name in names}
        medians["KB"] /= 1000
        cells = [
            f"{medians[name]:.2f}" if name == "CLS" else f"{medians[name]:,.0f}" for name in names
        ]
        cells[0] += f" ({one['goal']})"
        lines.append(f"| {one['name']}, {one['form']} | {' | '.join(cells)} |")
    plain, slow = (statistics.median(one) for one in found["clicks"].values())
    smooth, slower = (
        statistics.median(one["p95"] for one in rounds) for rounds in found["scrolls"].values()
    )
    rows = max(one["rows"] for rounds in found["scrolls"].values() for one in rounds)
    lines += [
        "",
        f"- From a click to the first rows of a folder with {entries:,} entries: {plain:.0f} ms; "
        f"{slow:.0f} ms with the browser's processor four times as slow.",
        f"- Scrolled through it, three rows a frame: 95 of 100 frames take {smooth:.0f} ms at "
        f"most, {slower:.0f} ms with the processor four times as slow; at most {rows:.0f} rows "
        "are in the document.",
        f"- {os.cpu_count()} cores for server and browser together, load "
        f"{os.getloadavg()[0]:.0f}; {machine.described()}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
