"""The sound devices, in a child process wherever one can be started, else in this process."""

from __future__ import annotations

import os
from collections.abc import Mapping

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioReady
from realtime_cli.protocol.encoding import Encoding
from realtime_cli.runtime.ports import Levels, Post

from .child import ChildEngine, NoChild
from .config import AudioConfig
from .device_events import Trouble
from .local import LocalEngine


class DeviceEngine:
    """A `realtime_cli.runtime.ports.AudioEngine`; `environment` is what the sound libraries are to see."""

    def __init__(self, config: AudioConfig, *, environment: Mapping[str, str] | None = None) -> None:
        self._config = config
        self._environment = environment or {}
        self._engine: ChildEngine | LocalEngine = ChildEngine(config, environment=self._environment)
        self._is_open = False

    async def open(self) -> AudioReady:
        """Opens the devices and tells what there is. Raises `UsageError` for a bad device name."""
        self._is_open = True
        try:
            return await self._engine.open()
        except NoChild as error:
            os.environ.update(self._environment)
            text = f"the sound process cannot be started ({error}): this one plays the sound itself"
            note = Trouble("warning", text, "it may stutter when the machine is busy")
            self._engine = LocalEngine(self._config, note=note)
            return await self._engine.open()

    async def run(self, post: Post) -> None:
        """Posts `AudioReady` and everything after it, until `close`. Opens the devices if nobody has."""
        if not self._is_open:
            await self.open()
        await self._engine.run(post)

    def listen(self, encoding: Encoding) -> None:
        """Lets the microphone's blocks come, in this encoding."""
        self._engine.listen(encoding)

    def play(self, chunk: PlayAudio) -> None:
        """Queues audio of a part."""
        self._engine.play(chunk)

    def finish(self, part: FinishAudio) -> None:
        """Knows that this was all audio of the part."""
        self._engine.finish(part)

    def stop(self) -> None:
        """Fades out and drops the rest."""
        self._engine.stop()

    def levels(self) -> Levels:
        """How loud both sides are."""
        return self._engine.levels()

    def close(self) -> None:
        """Lets go of the devices."""
        self._engine.close()
