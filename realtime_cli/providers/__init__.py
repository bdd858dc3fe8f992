"""Which servers there are, and how to reach the one that the user wants."""

from __future__ import annotations

from realtime_cli.providers.endpoint import Endpoint, endpoint_for
from realtime_cli.providers.port import ConnectionSettings
from realtime_cli.providers.table import PROVIDERS, Auth, Dialect, Provider, find_provider

__all__ = [
    "PROVIDERS",
    "Auth",
    "ConnectionSettings",
    "Dialect",
    "Endpoint",
    "Provider",
    "endpoint_for",
    "find_provider",
]
