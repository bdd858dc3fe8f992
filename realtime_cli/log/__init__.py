"""Records sessions as JSON lines, and reads them back byte for byte (`format` shows the lines)."""

from __future__ import annotations

from realtime_cli.log.format import VERSION, Direction, LogEntry, LogHeader
from realtime_cli.log.location import default_folder, find_log, new_log_path
from realtime_cli.log.reader import Damage, Recording, open_log
from realtime_cli.log.writer import LogWriter

__all__ = [
    "VERSION",
    "Damage",
    "Direction",
    "LogEntry",
    "LogHeader",
    "LogWriter",
    "Recording",
    "default_folder",
    "find_log",
    "new_log_path",
    "open_log",
]
