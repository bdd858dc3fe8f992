"""What commands do that needs no particular screen: the session's wishes, and what surrounds it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from realtime_cli.core.cost import Rates
from realtime_cli.core.inputs import LocalInput
from realtime_cli.errors import RealtimeError
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.ui.commands.desk import ToolDesk
from realtime_cli.ui.commands.replies import Replies, Reply

from .controls import Controls
from .surroundings import Surroundings


@dataclass(slots=True)
class Hands:
    """The part of a `Desk` that is the same on every screen."""

    controls: Controls
    around: Surroundings
    replies: Replies = field(default_factory=Replies, kw_only=True)

    def post(self, wish: LocalInput) -> None:
        """Gives a wish to the session."""
        self.controls.post(wish)

    def expect(self, reply: Reply) -> str:
        """Has the server's answer told when it comes; gives the `event_id` for the event that asks for it."""
        return self.replies.expect(reply)

    @property
    def is_calm(self) -> bool:
        """Whether the screen is listened to."""
        return self.around.calm

    @property
    def dialect(self) -> Dialect:
        """What the server speaks."""
        return self.around.dialect()

    @property
    def prices(self) -> Mapping[str, Rates]:
        """What the session counts with, by model."""
        return self.around.prices

    @property
    def tools(self) -> ToolDesk | None:
        """What runs tools."""
        return self.around.tools

    @property
    def log_path(self) -> Path | None:
        """Where the session is recorded."""
        return self.around.log

    def mute(self) -> None:
        """Mutes the microphone, or opens it again."""
        self.controls.mute()

    def change_mode(self) -> None:
        """Changes between push-to-talk and the open microphone."""
        self.controls.change_mode()

    def interrupt(self) -> None:
        """Stops the answer."""
        self.controls.cancel()

    def leave(self) -> None:
        """Ends the session."""
        self.controls.leave()

    def save(self, path: Path) -> str:
        """Copies the log, as far as it is written; raises `RealtimeError` where that cannot be."""
        log = self.around.log
        if log is None:
            raise RealtimeError("nothing is recorded", hint="leave out --no-log")
        try:
            shutil.copyfile(log, path)
        except OSError as error:
            raise RealtimeError(f"{path} cannot be written: {error.strerror or error}") from error
        return f"saved to {path}"
