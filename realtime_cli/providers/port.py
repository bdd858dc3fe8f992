"""What this package needs to know of the user's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol


class ConnectionSettings(Protocol):
    """The part of the settings that decides about a connection (`realtime_cli.settings.Settings` fits)."""

    @property
    def provider(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def api_key(self) -> str | None: ...
    @property
    def key_env(self) -> str | None: ...
    @property
    def key_command(self) -> str | None: ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def insecure(self) -> bool: ...
    @property
    def dialect(self) -> Literal["auto", "ga", "beta"]: ...
    @property
    def env(self) -> Mapping[str, str]: ...
    def origin(self, name: str) -> str: ...


def place_of(settings: ConnectionSettings, name: str) -> str:
    """Where a setting was given, in words: `--url`, `REALTIME_URL in .env`, `url in config.toml`."""
    match settings.origin(name):
        case ".env":
            return f"REALTIME_{name.upper()} in .env"
        case "config.toml":
            return f"{name} in config.toml"
        case origin:
            return origin
