"""The Realtime protocol for programs: events, a session as a pure function, logs, a server to test against.

The rooms, and who may import whom (`lint-imports` checks it)::

    cli -> transport | audio | ui | log | tools | server -> runtime
        -> providers | settings | samples -> core -> protocol -> errors

`protocol` is what travels on the wire, `core` what it means: both pure. The core takes inputs and the time,
and gives back effects; `runtime` carries those out through ports, and awaits nothing but its inbox.
`server` is the same idea mirrored: a pure `Responder` in a websocket shell. `audio` is the microphone and the
speaker, devices (in a process of their own) or files; what has been heard is counted in samples. Inside, only
GA names are spoken; dialects are translated at the edge, by tables. A frame that cannot be understood is
kept, shown and logged.

Nothing is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime_cli._version import __version__
    from realtime_cli.core.session import Session
    from realtime_cli.core.view import SessionView
    from realtime_cli.errors import ExitStatus, RealtimeError
    from realtime_cli.log import LogWriter, Recording, open_log
    from realtime_cli.protocol.codec import Codec, MalformedEvent, UnknownEvent, decode, decode_client, encode
    from realtime_cli.protocol.lint import lint
    from realtime_cli.runtime.loop import Runtime
    from realtime_cli.server.config import ServerConfig
    from realtime_cli.server.websocket import running_server
    from realtime_cli.tools.context import Context
    from realtime_cli.transport.websocket import WebSocketTransport

__all__ = [
    "Codec",
    "Context",
    "ExitStatus",
    "LogWriter",
    "MalformedEvent",
    "RealtimeError",
    "Recording",
    "Runtime",
    "ServerConfig",
    "Session",
    "SessionView",
    "UnknownEvent",
    "WebSocketTransport",
    "__version__",
    "decode",
    "decode_client",
    "encode",
    "lint",
    "open_log",
    "running_server",
]

_HOMES = {
    "_version": ("__version__",),
    "core.session": ("Session",),
    "core.view": ("SessionView",),
    "errors": ("ExitStatus", "RealtimeError"),
    "log": ("LogWriter", "Recording", "open_log"),
    "protocol.codec": ("Codec", "MalformedEvent", "UnknownEvent", "decode", "decode_client", "encode"),
    "protocol.lint": ("lint",),
    "runtime.loop": ("Runtime",),
    "server.config": ("ServerConfig",),
    "server.websocket": ("running_server",),
    "tools.context": ("Context",),
    "transport.websocket": ("WebSocketTransport",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Imports a public name when it is first asked for (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return __all__
