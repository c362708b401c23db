"""The browser and the server of the journeys."""

from ..journeys.conftest import chromium, page, server

__all__ = ["chromium", "page", "server"]
