"""What the user asked for: flags, environment, `.env` and config file, merged into one frozen `Settings`.

The strongest place that gives a value wins, and every value remembers its place. Some settings answer the
same question (where to connect, where to log, which key): there the strongest place silences the weaker ones.
A model, a key or a header that stands beside a silenced server is silenced with it, so that a command line's
`--provider openai` is neither bent by the `REALTIME_URL` of a `.env`, nor sent the key that belongs to it.

Nothing is printed, and nothing outside the given mappings, folder and config file is read.
"""

from __future__ import annotations

from realtime_cli.settings.files import read_instructions_file, read_session_file
from realtime_cli.settings.load import load_settings
from realtime_cli.settings.model import Dialect, Settings
from realtime_cli.settings.places import default_config_path

__all__ = [
    "Dialect",
    "Settings",
    "default_config_path",
    "load_settings",
    "read_instructions_file",
    "read_session_file",
]
