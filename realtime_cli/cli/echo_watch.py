"""Looks again at the echo of a session that trusted a headset, whenever its devices change."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from realtime_cli.audio.echo import Headset, is_headset
from realtime_cli.audio.sound_server import sound_server
from realtime_cli.core.inputs import AudioNotice, AudioReady, ListeningMode, PlaybackProgress
from realtime_cli.core.inputs import from_json as local_input
from realtime_cli.runtime.ports import Direction

from .workbench import Workbench


@dataclass(slots=True)
class EchoWatch:
    """Makes the session half-duplex while the headset that `--echo auto` found is gone; an `Observer`.

    A device's name tells what it is. Where the sound server told, it is asked again whenever an answer begins
    to sound: it moves the sound without a word.
    """

    headset: Headset
    bench: Workbench
    is_gone: bool = False
    _sounding: str = ""

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Looks for other devices, and for the beginning of an answer."""
        _ = now_s
        if direction != "local" or not is_object or not isinstance(raw, str):
            return
        match local_input(raw):
            case AudioReady(microphone, speaker) if microphone and speaker:
                self._look_at(microphone, speaker)
            case PlaybackProgress(item_id) if item_id != self._sounding:
                self._sounding = item_id
                self._ask_server()
            case _:
                pass

    def _look_at(self, microphone: str, speaker: str) -> None:
        if self.headset.is_device:
            self._decide(is_there=is_headset(microphone, speaker))
        else:
            self._ask_server()

    def _ask_server(self) -> None:
        if not self.headset.is_device:
            asking = asyncio.get_running_loop().run_in_executor(None, sound_server)
            asking.add_done_callback(lambda asked: self._hear_of(asked.result().output))

    def _hear_of(self, output: str) -> None:
        if output:  # a server that does not answer may be back in a moment
            self._decide(is_there=is_headset(output))

    def _decide(self, *, is_there: bool) -> None:
        if is_there != self.is_gone:
            return
        self.is_gone = not is_there
        talks = bool(self.bench.look and self.bench.look().audio.is_push_to_talk)
        self.bench.post(ListeningMode(push_to_talk=talks, half_duplex=self.is_gone))
        self.bench.post(self._words())

    def _words(self) -> AudioNotice:
        if not self.is_gone:
            return AudioNotice("info", "echo: none expected from the headset, which is back")
        text = "the microphone is silent while the answer plays"
        hint = "the next start chooses again what is done about echo"
        return AudioNotice("warning", f"echo: the headset ({self.headset.name}) is gone: {text}", hint)
