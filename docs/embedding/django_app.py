"""Keycell beside Django in one ASGI application: `uvicorn django_app:app`.

In a project of more than one file this is what stands in `asgi.py`, but for the settings, the view
and the urlpatterns.
"""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, path, resolve

import keycell
from keycell.settings import Settings

ORIGIN = os.environ.get("ORIGIN", "http://localhost:8000")
settings.configure(ROOT_URLCONF=__name__, SECRET_KEY=os.urandom(32).hex(), ALLOWED_HOSTS=["*"])
django.setup()


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Sign in by {ORIGIN}/oidc")


urlpatterns = [path("hello", hello)]
pages = get_asgi_application()
provider = keycell.create_app(Settings(data=Path("data"), public_url=ORIGIN))


async def app(scope, receive, send):
    """Give Django what its urlpatterns know; all else, the start and the end too, is Keycell's."""
    await (pages if is_known(scope) else provider)(scope, receive, send)


def is_known(scope) -> bool:
    try:
        resolve(scope.get("path", ""))
    except Resolver404:
        return False
    return True
