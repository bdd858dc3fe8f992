"""The only wiring: settings to endpoint, embedded server, socket and log."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from realtime_cli._version import __version__
from realtime_cli.core.differences import merged
from realtime_cli.errors import BadInput, UsageError
from realtime_cli.log import LogHeader, LogWriter, default_folder, new_log_path
from realtime_cli.providers import Endpoint
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.ports import Direction, Transport
from realtime_cli.settings import Settings
from realtime_cli.transport.websocket import WebSocketTransport

from .discretion import DiscreetTransport

if TYPE_CHECKING:
    from realtime_cli.server.config import BrainFactory


def session_config(settings: Settings) -> dict[str, Any]:
    """The `session` to ask for: what the flags say, over it the user's JSON. Empty: nothing to ask."""
    config: dict[str, Any] = {}
    if settings.instructions is not None:
        config["instructions"] = settings.instructions
    if settings.text:
        config["output_modalities"] = ["text"]
    if settings.voice is not None:
        config["audio"] = {"output": {"voice": settings.voice}}
    config = merged(config, settings.session)
    return {"type": "realtime", **config} if config else {}


@asynccontextmanager
async def reachable(
    endpoint: Endpoint, settings: Settings, *, script: Path | None, is_watched: bool
) -> AsyncGenerator[Endpoint]:
    """The endpoint with an address: as it is, or with the embedded server running behind it.

    That one writes as fast as people read where somebody watches, else as fast as it can.
    """
    if not endpoint.is_embedded:
        yield endpoint
        return
    from realtime_cli.server.config import TYPING_WORDS_PER_S, ServerConfig  # noqa: PLC0415
    from realtime_cli.server.websocket import running_server  # noqa: PLC0415

    token = token_hex(16)  # other users of this machine have no business here
    pace = TYPING_WORDS_PER_S if is_watched else None
    config = ServerConfig(brain=brain_for(settings, script=script), token=token, pace_words_per_s=pace)
    async with running_server(config) as server:
        yield replace(
            endpoint,
            url=server.url,
            headers={"Authorization": f"Bearer {token}"},
            secrets=endpoint.secrets | {token},
        )


def brain_for(settings: Settings, *, script: Path | None) -> BrainFactory:
    """What answers in the embedded server: as asked for, else the script if there is one, else the rules."""
    from realtime_cli.server.brains import make_brain  # noqa: PLC0415

    return make_brain(
        settings.brain or ("script" if script else "rules"),
        script=script,
        url=settings.brain_url,
        model=settings.brain_model,
        api_key=settings.env.get("REALTIME_BRAIN_KEY"),
    )


def connect(endpoint: Endpoint, settings: Settings) -> Transport:
    """The socket to an endpoint, not yet open."""
    redactor = Redactor(endpoint.secrets)
    socket = WebSocketTransport(
        endpoint.url,
        headers=endpoint.headers,
        connect_timeout_s=settings.timeout_s,
        redact=redactor.text,
        verify_tls=not settings.insecure,
    )
    return DiscreetTransport(socket, redactor)


class LogObserver:
    """Hands everything that goes by to a log."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer
        self._has_frames = False

    @property
    def path(self) -> Path | None:
        """Where the session is; None where there was none, since no frame went by."""
        return self._writer.path if self._has_frames else None

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Writes a frame or a local input."""
        self._has_frames = self._has_frames or direction != "local"
        self._writer.write(now_s, direction, raw, is_object=is_object)


@contextmanager
def recording(
    endpoint: Endpoint,
    settings: Settings,
    *,
    config: Mapping[str, Any],
    by_default: bool,
    on_failure: Callable[[str], None],
) -> Generator[LogObserver | None]:
    """The session's log, closed at the end; None where the user wants none.

    The header keeps `config`, what the session asks for at its start, since a replay needs it.
    """
    try:
        path = _log_path(settings, by_default=by_default)
    except BadInput as error:  # nobody asked for this log, so nobody must go without a conversation for it
        on_failure(f"no log: {error}")
        path = None
    if path is None:
        yield None
        return
    header = LogHeader(
        program=f"realtime {__version__}",
        url=endpoint.shown_url or "embedded",
        provider=endpoint.provider,
        dialect=endpoint.dialect,
        started=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        extra={"session": config} if config else {},
    )
    with LogWriter(path, header, redactor=Redactor(endpoint.secrets), on_failure=on_failure) as writer:
        log = LogObserver(writer)
        try:
            yield log
        finally:
            writer.close()
            if log.path is None and settings.log is None:
                path.unlink(missing_ok=True)  # nothing to replay


def _log_path(settings: Settings, *, by_default: bool) -> Path | None:
    if settings.no_log:
        return None
    if settings.log is not None:
        return settings.log
    return new_log_path(default_folder(settings.env), datetime.now(UTC)) if by_default else None


def check_brain(settings: Settings, endpoint: Endpoint, *, script: Path | None) -> None:
    """A brain is the embedded server's: refuses one beside another server, instead of ignoring it."""
    wanted = [name for name, value in _brain_flags(settings, script).items() if value]
    if wanted and not endpoint.is_embedded:
        raise UsageError(
            f"{wanted[0]} is for the embedded server, but this session goes to {endpoint.reason}",
            hint="leave it out, or add --provider local",
        )


def _brain_flags(settings: Settings, script: Path | None) -> Mapping[str, object]:
    given = settings.origin("brain") == "--brain"
    return {"--script": script, "--brain": settings.brain if given else None}
