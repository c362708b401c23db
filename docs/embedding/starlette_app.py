"""Keycell inside a Starlette application: `uvicorn starlette_app:app`."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

import keycell
from keycell.settings import Settings

ORIGIN = os.environ.get("ORIGIN", "http://localhost:8000")
provider = keycell.create_app(Settings(data=Path("data"), public_url=ORIGIN))


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"Sign in by {ORIGIN}/oidc")


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    # Starlette tells what is mounted in it nothing of its start and its end.
    await provider.start()
    yield
    await provider.stop()


# Your own routes first; all others are Keycell's.
app = Starlette(routes=[Route("/hello", hello), Mount("/", app=provider)], lifespan=lifespan)
