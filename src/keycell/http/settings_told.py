"""The settings as administrators are told them: no secret is among what is shown."""

from pathlib import Path
from urllib.parse import urlsplit

from keycell.http.setting_risks import RISKS
from keycell.http.setting_words import MEANINGS
from keycell.oauth.sentences import Words
from keycell.settings import SETTINGS, Settings, variable

_DEFAULTS = Settings()
_SECRET = frozenset({"sealing_key"})
_HARMLESS = frozenset(
    {"registration", "show_registered_redirects", "another_device", "mail_codes", "log_level",
     "quota", "largest_file", "thumbnails"}
)  # fmt: skip
"""Choices and sizes: written in letters, they tell nothing of whose server it is."""


def told(settings: Settings, words: Words) -> list[object]:
    """Say of every setting what it is for, its value and default, and where it comes from."""
    return [
        {
            "setting": name,
            "variable": variable(name),
            "meaning": MEANINGS[name].told(words),
            "risk": RISKS[name].told(words) if name in RISKS else None,
            "value": shown(name, getattr(settings, name)),
            "default": shown("", getattr(_DEFAULTS, name)),
            "source": source_of(settings, name),
        }
        for name in SETTINGS
    ]


def redacted(settings: Settings) -> dict[str, object]:
    """Give the settings for others to read: of addresses, paths and keys only that they are set.

    What is a number, a choice or a yes tells nothing of whose server it is.
    """
    return {
        name: {
            "source": source_of(settings, name),
            "value": _harmless(name, getattr(settings, name)),
        }
        for name in SETTINGS
    }


def _harmless(name: str, value: object) -> object:
    if isinstance(value, int) or name in _HARMLESS:
        return value
    return "set" if value else None


def source_of(settings: Settings, name: str) -> str:
    """Say where a setting comes from: option, environment, start or default.

    A program that Keycell runs inside gives settings at the start, and does not say from where.
    """
    is_default = getattr(settings, name) == getattr(_DEFAULTS, name)
    return settings.sources.get(name, "default" if is_default else "start")


def shown(name: str, value: object) -> object:
    """Give a setting as it may be shown."""
    if name in _SECRET:
        return "set" if value else ""
    if isinstance(value, tuple):
        return [without_secrets(str(one)) for one in value]
    if isinstance(value, Path):
        return str(value)
    return without_secrets(value) if isinstance(value, str) else value


def without_secrets(text: str) -> str:
    """Give an address as it is, but for the password in it and what follows its path."""
    if "://" not in text:
        return text
    parts = urlsplit(text)
    host = parts.netloc.rpartition("@")[2]
    user = parts.username
    return parts._replace(netloc=f"{user}:…@{host}" if user else host, query="").geturl()
