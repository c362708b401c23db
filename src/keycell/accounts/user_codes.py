"""User codes: the form they are kept in, and what begins and guesses count under. RFC8628-5.1.

Codes of devices and of browsers are typed on one page, so they are guessed at in one count.
"""

from collections.abc import Callable

from keycell.accounts.audit import Origin
from keycell.accounts.throttle import NETWORK, PAIR, Slot, network_of

Mac = Callable[[str, bytes], str]


def kept_code(mac: Mac, user_code: str) -> str:
    """Give the form in which a code is kept."""
    # It has too little entropy for a plain digest: whoever has the table could try them all.
    return mac("user_code", user_code.encode())


def beginning(mac: Mac, kind: str, origin: Origin) -> Slot:
    """Give what a beginning counts under: what one network can keep waiting has a bound."""
    return Slot(_key(mac, f"{kind} begun", network_of(origin.ip)), NETWORK)


def guess(mac: Mac, sub: str, origin: Origin) -> tuple[Slot, Slot]:
    """Give what a typed code counts under: the account, and the network."""
    return (
        Slot(_key(mac, "device guess", sub), PAIR),
        Slot(_key(mac, "device guesses", network_of(origin.ip)), NETWORK),
    )


def _key(mac: Mac, kind: str, text: str) -> str:
    return mac("throttle", f"{kind}\0{text}".encode())
