"""Keycell inside a FastAPI application: `uvicorn fastapi_app:app`."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI

import keycell
from keycell.settings import Settings

ORIGIN = os.environ.get("ORIGIN", "http://localhost:8000")
provider = keycell.create_app(Settings(data=Path("data"), public_url=ORIGIN))


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # FastAPI tells what is mounted in it nothing of its start and its end.
    await provider.start()
    yield
    await provider.stop()


app = FastAPI(lifespan=lifespan)


@app.get("/hello")
async def hello() -> dict[str, str]:
    return {"sign in by": f"{ORIGIN}/oidc"}


# Your own routes first; all others are Keycell's.
app.mount("/", provider)
