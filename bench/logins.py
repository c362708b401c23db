"""Browsers that sign in again and again: `python -m bench.logins URL SECONDS` prints the rate."""

import asyncio
import re
import sys
import time

import httpx2

from bench.peers import PASSWORD

BROWSERS = 8
_WARM = 1.0


async def main(url: str, seconds: float) -> None:
    """Sign in by all browsers at once, and print how many a second did."""
    browsers = [await Browser.known(url) for _ in range(BROWSERS)]
    going = [asyncio.create_task(browser.go()) for browser in browsers]
    await asyncio.sleep(_WARM)
    before, started = sum(one.logins for one in browsers), time.perf_counter()
    await asyncio.sleep(seconds)
    served = sum(one.logins for one in browsers) - before
    print(served / (time.perf_counter() - started))
    for browser in browsers:
        browser.is_stopped = True
    await asyncio.gather(*going)


class Browser:
    """One browser that keeps its login page open, and signs in again and again."""

    def __init__(self, http: httpx2.AsyncClient, hidden: dict[str, str]) -> None:
        self._http = http
        self._form = hidden | {"username": "ann", "password": PASSWORD}
        self.logins = 0
        self.is_stopped = False

    @classmethod
    async def known(cls, url: str) -> "Browser":
        """Sign in once, so that the server knows this browser: strangers are throttled."""
        http = httpx2.AsyncClient(base_url=url)
        page = await http.get("/oauth2/login")
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        browser = cls(http, dict(found))
        await browser.sign_in()
        return browser

    async def sign_in(self) -> None:
        """Send the form."""
        response = await self._http.post("/oauth2/login", data=self._form)
        if response.status_code != 303:
            raise RuntimeError(f"login answered {response.status_code}")
        self.logins += 1

    async def go(self) -> None:
        """Sign in until stopped."""
        while not self.is_stopped:
            await self.sign_in()
        await self._http.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
