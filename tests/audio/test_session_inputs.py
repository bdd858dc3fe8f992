from __future__ import annotations

import tracemalloc

from realtime_cli.audio.device_events import (
    Block,
    DeviceEvent,
    DeviceGap,
    Gap,
    Progress,
    Ready,
    SpeakerLevel,
    Stopped,
    Trouble,
)
from realtime_cli.audio.session_inputs import SessionInputs
from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import (
    AudioGap,
    AudioNotice,
    AudioReady,
    MicrophoneBlock,
    PlaybackProgress,
    PlaybackStopped,
)
from realtime_cli.core.part_id import PartId
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.ports import Inbound

_PART = PartId("item_1", 2)
_ULAW = Encoding("audio/pcmu", 8000)


def _attached() -> tuple[SessionInputs, list[Inbound]]:
    inputs, posted = SessionInputs(), list[Inbound]()
    inputs.attach(posted.append)
    posted.clear()
    return inputs, posted


def _posted(*events: DeviceEvent) -> list[Inbound]:
    inputs, posted = _attached()
    for event in events:
        inputs.take(event)
    return posted


def test_what_happened_before_is_posted_first() -> None:
    inputs, posted = SessionInputs(), list[Inbound]()
    inputs.take(Ready("mic", "loud"))
    inputs.take(Trouble("warning", "it crackles", "tap it"))
    assert inputs.opened.is_set()
    inputs.attach(posted.append)
    inputs.take(Ready("mic", ""))
    assert posted == [
        AudioReady("mic", "loud"),
        AudioNotice("warning", "it crackles", "tap it"),
        AudioReady("mic", ""),
    ]


def test_devices_that_did_not_change_are_not_announced_again() -> None:
    assert _posted(Ready("mic", "loud"), Ready("mic", "loud")) == [AudioReady("mic", "loud")]


def test_without_devices_the_engine_is_open_too() -> None:
    inputs = SessionInputs()
    inputs.take(Ready())
    assert inputs.opened.is_set()
    assert inputs.ready == AudioReady()


def test_positions_are_milliseconds_of_the_part() -> None:
    inputs, posted = _attached()
    part, pcm = inputs.speech(PlayAudio("item_1", 2, bytes(4800), PCM_24K))
    assert (part, len(pcm)) == (_PART, 4800)
    inputs.take(Progress(_PART, 480, delay_ms=40.0))
    inputs.take(Stopped(_PART, 960))
    inputs.take(Stopped())
    assert posted == [
        PlaybackProgress("item_1", 2, 20.0, 40.0),
        PlaybackStopped("item_1", 2, 40.0),
        PlaybackStopped(),
    ]


def test_telephone_speech_ends_where_its_own_bytes_end() -> None:
    inputs, posted = _attached()
    pcm = inputs.speech(PlayAudio("item_1", 2, b"\xff" * 801, _ULAW))[1]
    pcm += inputs.end_of_speech(FinishAudio("item_1", 2))[1]
    inputs.take(Progress(_PART, len(pcm) // 2, is_end=True))
    assert posted == [PlaybackProgress("item_1", 2, 100.125)]


def test_the_microphone_speaks_the_encoding_that_was_asked_for() -> None:
    inputs, posted = _attached()
    inputs.take(Block(bytes(960), -40.0))
    assert not posted
    inputs.listen(PCM_24K)
    inputs.take(Block(b"\1\0" * 480, -40.0))
    assert posted == [MicrophoneBlock(b"\1\0" * 480)]
    inputs.listen(_ULAW)
    for _ in range(10):
        inputs.take(Block(bytes(960), -40.0))
    telephone = b"".join(block.audio for block in posted[1:] if isinstance(block, MicrophoneBlock))
    assert set(telephone) == {0xFF}
    assert 1200 <= len(telephone) <= 1600  # conversion holds a little back


def test_levels_are_kept() -> None:
    inputs, posted = _attached()
    inputs.take(Block(bytes(960), -40.0))
    inputs.take(SpeakerLevel(-12.5))
    assert (inputs.levels.microphone_dbfs, inputs.levels.speaker_dbfs) == (-40.0, -12.5)
    assert not posted


def test_gaps_are_told() -> None:
    assert _posted(DeviceGap(12.4, "speaker"), Gap(2400)) == [
        AudioGap("speaker", 12.4),
        AudioGap("network", 100.0),
    ]


def test_parts_that_were_heard_or_stopped_are_forgotten() -> None:
    inputs = SessionInputs(lambda happened: None)
    inputs.speech(PlayAudio("item", 0, bytes(800), _ULAW))  # what converts is loaded
    tracemalloc.start()
    try:
        for number in range(500):
            part, _ = inputs.speech(PlayAudio(f"item_{number:0200}", 0, bytes(800), _ULAW))
            inputs.take(Stopped(part, 10) if number % 2 else Progress(part, 2400, is_end=True))
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()


def test_what_comes_behind_the_end_of_a_part_counts_on() -> None:
    inputs, posted = _attached()
    for _ in range(2):
        inputs.speech(PlayAudio("item_1", 2, bytes(480), PCM_24K))
        inputs.end_of_speech(FinishAudio("item_1", 2))
        inputs.take(Progress(_PART, 480, is_end=True))
    assert posted == [PlaybackProgress("item_1", 2, 10.0), PlaybackProgress("item_1", 2, 20.0)]
