"""A device that another program uses, as ALSA and PortAudio really tell it.

ALSA asks a server for it (`type shm`), which says that it is busy. Once it is free, it is the rig's.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys
import threading
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from realtime_cli.audio import portaudio
from realtime_cli.audio.config import AudioConfig, Role
from realtime_cli.audio.device_events import Block, DeviceEvent, Progress, Ready, Trouble
from realtime_cli.audio.devices import choose, list_devices
from realtime_cli.audio.streams import DeviceCore
from realtime_cli.core.part_id import PartId
from realtime_cli.errors import UsageError
from tests.support.listening import without_holes
from tests.support.rig import Rig, rig, wait_until

__all__ = ["rig"]
if sys.platform != "linux":
    pytest.skip("the rig is PulseAudio's", allow_module_level=True)
_SOUND = array("h", [3000] * 4800).tobytes()
# snd_client_open_answer_t: what became of it, and a key of shared memory.
_IS_BUSY = struct.pack("@li4x", -errno.EBUSY, 0)


class _Card:
    """The device `card`, in the hands of another program or free."""

    def __init__(self, rig: Rig) -> None:
        self._folder = rig.folder
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self._folder / "card"))
        self._server.listen()
        self.asked = 0
        threading.Thread(target=self._refuse, daemon=True).start()

    def take(self) -> None:
        """Another program has it from now on."""
        server = f"server.other {{ host localhost socket {self._folder / 'card'} }}\n"
        self._define("type shm server other pcm card", server)

    def give_back(self, *, source: str = "") -> None:
        """Nobody has it from now on; it is this source, or else the rig's microphone and speaker."""
        self._define(f"type pulse device {source}" if source else "type pulse")

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _define(self, device: str, others: str = "") -> None:
        # ALSA knows a definition that it has read by its inode, and by its time in whole seconds.
        new = self._folder / "new.conf"
        card = f"pcm.card {{ {device}\n hint {{ show on description card }} }}\n"
        new.write_text(f"</usr/share/alsa/alsa.conf>\n{others}{card}")
        new.replace(self._folder / "alsa.conf")

    def _refuse(self) -> None:
        with suppress(OSError):
            while True:
                program, _ = self._server.accept()
                with program:
                    program.recv(1024)
                    program.sendall(_IS_BUSY)
                    self.asked += 1


@pytest.fixture
def card(rig: Rig) -> Iterator[_Card]:
    card = _Card(rig)
    card.give_back()
    yield card
    card.close()


@contextmanager
def _core(config: AudioConfig) -> Iterator[tuple[DeviceCore, list[DeviceEvent]]]:
    events: list[DeviceEvent] = []
    core = DeviceCore(config, events.append)
    try:
        core.start()
        yield core, events
    finally:
        core.close()


def _told(events: list[DeviceEvent], role: str) -> list[Trouble]:
    return [event for event in events if isinstance(event, Trouble) and event.device == role]


def _busy(role: Role) -> Trouble:
    text = f"No {role}: card cannot be opened: Device unavailable"
    return Trouble("warning", text, "is another program using it?", role)


def _say(core: DeviceCore, events: list[DeviceEvent]) -> None:
    core.play(PartId("item_1", 0), _SOUND)
    core.finish(PartId("item_1", 0))
    wait_until(lambda: any(isinstance(event, Progress) and event.is_end for event in events), "the answer")


def test_a_busy_microphone_is_told_once_and_taken_when_it_is_free(card: _Card) -> None:
    portaudio.refresh()
    card.take()
    with _core(AudioConfig(input_device="card")) as (core, events):
        core.listen()
        wait_until(lambda: Ready("", "default", 0, 24_000) in events, "the speaker")
        asked = card.asked
        _say(core, events)
        # Each attempt asks a hundred times; whoever closes the speaker to list the devices anew, much less.
        wait_until(lambda: card.asked > asked + 250, "two more attempts")
        card.give_back()
        wait_until(lambda: any(isinstance(event, Block) for event in events), "the microphone")
        wait_until(lambda: Ready("card", "default", 24_000, 24_000) in events, "a word about it")
    free = Trouble("info", "There is a microphone again: card", device="microphone")
    assert _told(events, "microphone") == [_busy("microphone"), free]


def test_a_microphone_that_stops_and_is_busy_then_is_not_gone(card: _Card, rig: Rig) -> None:
    rig.add_sink("desk")
    card.give_back(source="desk.monitor")
    portaudio.refresh()
    with _core(AudioConfig(input_device="card", output_device="none")) as (core, events):
        core.listen()
        wait_until(lambda: any(isinstance(event, Block) for event in events), "the microphone")
        card.take()
        rig.suspend("desk")
        wait_until(lambda: Ready("default", "", 24_000, 0) in events, "the other microphone")
    text = "The microphone card is in use by another program; default takes its place"
    assert _told(events, "microphone") == [Trouble("warning", text, device="microphone")]


def test_a_busy_speaker_leaves_the_answer_for_when_it_is_free(card: _Card, rig: Rig) -> None:
    portaudio.refresh()
    card.take()
    with _core(AudioConfig(input_device="none", output_device="card")) as (core, events):
        wait_until(lambda: Ready() in events, "the first attempt")
        recording = rig.record()
        card.give_back()
        _say(core, events)
        assert without_holes(recording.wait_for_silence()) == _SOUND
    free = Trouble("info", "There is a speaker again: card", device="speaker")
    assert _told(events, "speaker") == [_busy("speaker"), free]


def test_who_asks_for_a_device_that_was_busy_from_the_beginning_learns_that_it_may_be(card: _Card) -> None:
    card.take()
    portaudio.refresh()
    with pytest.raises(UsageError, match="no input device matches 'card'") as caught:
        choose(list_devices(), "card", "input")
    assert caught.value.hint.endswith("one that another program uses may not be listed")
