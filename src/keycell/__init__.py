"""Keycell: a self-hosted OpenID provider and file home in one program.

The layers, from the top: ``cli`` and ``server`` start things; ``bootstrap`` opens what they need,
and ``filling`` fills the ports; ``http``, ``stores`` and ``outside`` touch the world; ``provider``
and ``accounts`` tell the flows; ``oauth`` is the protocol itself and knows nothing of any of them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keycell.server import Server
    from keycell.settings import Settings


def create_app(settings: "Settings") -> "Server":
    """Make the ASGI application, to serve or to mount at the root of another one.

    It opens its stores when the server's lifespan starts it, or else at the first request.
    """
    from keycell.server import create_app as make  # noqa: PLC0415  (clients need none of it)

    return make(settings)
