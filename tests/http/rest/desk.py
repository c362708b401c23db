"""An administrator at a distance, for the tests."""

from typing import Any

import httpx2

from keycell.administration.calls import PREFIX

Json = dict[str, Any]


class Desk:
    """An administrator at a distance."""

    def __init__(self, http: httpx2.AsyncClient, token: str) -> None:
        self.http = http
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, /, **said: object) -> httpx2.Response:
        if method in ("GET", "DELETE"):
            query = {name: str(value) for name, value in said.items()}
            return await self.http.request(
                method, PREFIX + path, params=query or None, headers=self.headers
            )
        return await self.http.request(method, PREFIX + path, json=said, headers=self.headers)

    async def done(self, method: str, path: str, /, **said: object) -> Json:
        response = await self.ask(method, path, **said)
        assert response.status_code == 200, response.text
        found: Json = response.json()
        return found
