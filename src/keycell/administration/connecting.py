"""Applications that are known beforehand: registered from one address, configured by copying."""

from dataclasses import dataclass
from typing import Any, TypedDict

from keycell.administration import clients
from keycell.administration.call import Items, Nothing
from keycell.administration.office import NotThere, Office
from keycell.administration.preset_table import PRESETS
from keycell.administration.presets import (
    Filling,
    Preset,
    block,
    check_client_id,
    preset_metadata,
    read_base,
    read_name,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """A preset; with an address, what would be registered and written for it."""

    preset: str
    base: str | None = None
    name: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """An application to register from its preset and its address."""

    preset: str
    base: str
    name: str | None = None
    """The name it gives us, where its addresses hold that."""
    client_id: str | None = None
    client_name: str | None = None
    """What people read when they are asked; the preset's label otherwise."""
    is_test: bool = False


class PresetView(TypedDict):
    """An application that is known beforehand."""

    preset_id: str
    label: str
    kind: str
    where: str
    example: str
    name: str
    scope: str
    token_endpoint_auth_method: str
    has_pkce: bool
    notes: list[str]


class FilledPreset(PresetView):
    """A preset, what would be registered, and what the application's side would say."""

    metadata: dict[str, Any]
    block: str


class Connected(clients.ClientAdded):
    """What was registered from a preset, and what the application's side says: shown once."""

    preset: PresetView
    block: str


async def listed(_office: Office, _asked: Nothing) -> Items[PresetView]:
    """List the applications that are known beforehand."""
    return {"items": [_view(one) for one in PRESETS.values()]}


async def shown(office: Office, asked: Looking) -> FilledPreset:
    """Show a preset: what would be registered, and what the application's side would say."""
    preset = _find(asked.preset)
    base = read_base(asked.base or preset.example)
    name = read_name(preset, asked.name)
    client_id = check_client_id(asked.client_id) if asked.client_id else "<client_id>"
    filling = Filling(base=base, name=name, client_id=client_id)
    return {
        **_view(preset),
        "metadata": preset_metadata(preset, base, name),
        "block": block(preset, office.provider.endpoints, filling),
    }


async def connected(office: Office, asked: Connecting) -> Connected:
    """Register an application from its preset; secret and configuration are shown once."""
    preset = _find(asked.preset)
    base, name = read_base(asked.base), read_name(preset, asked.name)
    metadata = preset_metadata(preset, base, name)
    if asked.client_name:
        metadata["client_name"] = asked.client_name
    made = await clients.added(
        office,
        clients.Adding(
            metadata=metadata,
            client_id=check_client_id(asked.client_id) if asked.client_id else None,
            needs_pkce=preset.has_pkce,
            is_test=asked.is_test,
        ),
    )
    secret = {"client_secret": made["client_secret"]} if "client_secret" in made else {}
    filling = Filling(base=base, name=name, client_id=made["client_id"], **secret)
    return {
        **made,
        "preset": _view(preset),
        "block": block(preset, office.provider.endpoints, filling),
    }


def _find(preset_id: str) -> Preset:
    preset = PRESETS.get(preset_id)
    if preset is None:
        known = ", ".join(PRESETS)
        raise NotThere(f"there is no preset {preset_id[:100]}; there are {known}")
    return preset


def _view(preset: Preset) -> PresetView:
    return {
        "preset_id": preset.preset_id,
        "label": preset.label,
        "kind": preset.kind,
        "where": preset.where,
        "example": preset.example,
        "name": preset.name,
        "scope": preset.scope,
        "token_endpoint_auth_method": preset.method,
        "has_pkce": preset.has_pkce,
        "notes": list(preset.notes),
    }
