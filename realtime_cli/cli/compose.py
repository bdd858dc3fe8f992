"""Wiring: settings to socket, log and recording."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from realtime_cli._version import __version__
from realtime_cli.core.beginning import Beginning
from realtime_cli.errors import BadInput
from realtime_cli.log import LogHeader, LogWriter, default_folder, new_log_path
from realtime_cli.providers import Endpoint
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.ports import Direction, Transport
from realtime_cli.settings import Settings
from realtime_cli.transport.websocket import WebSocketTransport

from .discretion import DiscreetTransport

if TYPE_CHECKING:
    from realtime_cli.audio.recorder import Recorder


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
    def file(self) -> Path:
        """Where the session is written to."""
        return self._writer.path

    @property
    def path(self) -> Path | None:
        """Where the session is; None where there was none, since no frame went by."""
        return self.file if self._has_frames else None

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Writes a frame or a local input."""
        self._has_frames = self._has_frames or direction != "local"
        self._writer.write(now_s, direction, raw, is_object=is_object)


@contextmanager
def recording(
    endpoint: Endpoint,
    settings: Settings,
    beginning: Beginning,
    *,
    by_default: bool,
    on_failure: Callable[[str], None],
) -> Generator[LogObserver | None]:
    """The session's log, closed at the end; None where the user wants none.

    The header keeps the session's `beginning`: a replay needs it.
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
        extra=beginning.to_json(),
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


@contextmanager
def recorder(path: Path | None, *, on_failure: Callable[[str], None]) -> Generator[Recorder | None]:
    """Both voices into a WAV file, as long as the block runs; None where nobody wants one."""
    if path is None:
        yield None
        return
    from realtime_cli.audio.recorder import Recorder  # noqa: PLC0415

    record = Recorder(path, on_failure=on_failure)
    try:
        yield record
    finally:
        record.close()
