from __future__ import annotations

import base64
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.g711 import pcm_to_alaw, pcm_to_ulaw
from realtime_cli.ui.live.raw import EventRing
from realtime_cli.ui.live.raw.formats import Formats
from realtime_cli.ui.live.raw.reading import type_of
from realtime_cli.ui.live.raw.sound import Sounds, decoded, fine_peaks, loudness, sound_of, squeezed, wave
from tests.ui.raw.scenes import console, seen, tone

ULAW, ALAW = Encoding("audio/pcmu", 8000), Encoding("audio/pcma", 8000)


def sounds_of(ring: EventRing) -> Sounds:
    formats = Formats(ring)
    for event in ring.after(0):
        formats.note(event, type_of(event))
    return Sounds(ring, formats)


def pcm(ms: int, *, amplitude: int = 16000, rate_hz: int = 24000) -> bytes:
    return base64.b64decode(tone(ms, amplitude=amplitude, rate_hz=rate_hz))


def test_an_event_has_its_duration_and_a_peak_each_20_ms() -> None:
    ring = EventRing()
    seen(ring, {"type": "response.output_audio.delta", "delta": tone(100)})
    sound = sounds_of(ring).of_event(1)
    assert sound is not None
    assert sound.ms == 100
    assert len(sound.peaks) == 5
    assert all(15000 < peak <= 16000 for peak in sound.peaks)


def test_a_run_is_one_sound() -> None:
    ring = EventRing()
    for amplitude in (16000, 0, 500):
        seen(
            ring,
            {"type": "input_audio_buffer.append", "audio": tone(20, amplitude=amplitude)},
            direction="out",
        )
    sound = sounds_of(ring).of_events([1, 2, 3])
    assert sound is not None
    assert sound.ms == 60
    assert [round(peak, -3) for peak in sound.peaks] == [16000, 0, 0]
    assert sounds_of(ring).of_events([]) is None


def test_a_long_run_is_as_long_as_all_of_it() -> None:
    ring = EventRing()
    for _ in range(250):
        seen(ring, {"type": "input_audio_buffer.append", "audio": tone(20)}, direction="out")
    sound = sounds_of(ring).of_events(range(1, 251))
    assert sound is not None
    assert sound.ms == 5000
    assert 80 < len(sound.peaks) < 100


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.output_text.delta", "delta": "QUJD"},
        {"type": "response.output_audio.delta", "delta": 5},
        {"type": "response.output_audio.delta", "delta": ""},
        {"type": "input_audio_buffer.append", "audio": "ééé"},
        {"type": "input_audio_buffer.append", "audio": None},
        {"type": 5},
    ],
)
def test_what_is_no_audio_has_no_sound(event: dict[str, object]) -> None:
    ring = EventRing()
    seen(ring, event)
    assert sounds_of(ring).of_event(1) is None
    assert sounds_of(ring).of_events([1]) is None


def test_frames_that_are_no_events_have_no_sound() -> None:
    ring = EventRing()
    ring.saw("in", b"\0\1", now_s=0, is_object=False)
    assert sounds_of(ring).of_event(1) is None
    assert sounds_of(ring).of_event(2) is None


def session(input_: object, output: object) -> dict[str, object]:
    return {
        "type": "session.updated",
        "session": {"audio": {"input": {"format": input_}, "output": {"format": output}}},
    }


@pytest.mark.parametrize(
    "told",
    [
        session({"type": "audio/pcmu"}, {"type": "audio/pcma"}),
        {
            "type": "session.created",
            "session": {"input_audio_format": "g711_ulaw", "output_audio_format": "g711_alaw"},
        },
    ],
)
def test_the_session_says_how_audio_is_written(told: dict[str, object]) -> None:
    ring = EventRing()
    speech = pcm(100, rate_hz=8000)
    said = {"type": "x.audio.delta", "delta": base64.b64encode(pcm_to_alaw(speech)).decode()}
    heard = {"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm_to_ulaw(speech)).decode()}
    seen(ring, told, said)
    seen(ring, heard, direction="out")
    sounds = sounds_of(ring)
    for number in (2, 3):
        sound = sounds.of_event(number)
        assert sound is not None
        assert sound.ms == 100
        assert all(14000 < peak < 17000 for peak in sound.peaks)


def test_a_format_holds_from_its_event_on() -> None:
    ring = EventRing()
    append = {"type": "input_audio_buffer.append", "audio": tone(20)}
    seen(ring, append, direction="out")
    seen(ring, session({"type": "audio/pcm", "rate": 48000}, None))
    seen(ring, append, direction="out")
    sounds = sounds_of(ring)
    told = [sounds.of_event(1), sounds.of_event(3)]
    assert [sound.ms for sound in told if sound] == [20, 10]


def test_a_format_holds_when_the_event_that_told_it_is_dropped() -> None:
    ring = EventRing(max_events=2)
    seen(ring, session({"type": "audio/pcm", "rate": 48000}, None))
    for _ in range(3):
        seen(ring, {"type": "input_audio_buffer.append", "audio": tone(20)}, direction="out")
    sound = sounds_of(ring).of_event(4)
    assert sound is not None
    assert sound.ms == 10


@pytest.mark.parametrize("told", [{"type": "session.updated"}, {"type": "session.created", "session": "x"}])
def test_a_session_that_tells_nothing_leaves_pcm(told: dict[str, object]) -> None:
    ring = EventRing()
    seen(ring, told, {"type": "x.audio.delta", "delta": tone(20)})
    sound = sounds_of(ring).of_event(2)
    assert sound is not None
    assert sound.ms == 20


def test_loudness() -> None:
    told = loudness(pcm(100), PCM_24K)
    assert told.peak_dbfs == pytest.approx(20 * math.log10(16000 / 32768), abs=0.05)
    assert told.rms_dbfs == pytest.approx(told.peak_dbfs - 3.01, abs=0.1)
    assert loudness(bytes(100), PCM_24K).peak_dbfs == loudness(b"", PCM_24K).rms_dbfs == -math.inf
    assert loudness(pcm_to_ulaw(pcm(100)), ULAW).peak_dbfs == pytest.approx(told.peak_dbfs, abs=0.3)


def test_the_lowest_sample_is_as_loud_as_can_be() -> None:
    lowest = b"\x00\x80"
    assert loudness(lowest, PCM_24K).peak_dbfs == 0
    assert list(sound_of(lowest, PCM_24K).peaks) == [32768]


def test_half_a_sample_is_left_out() -> None:
    assert list(sound_of(b"\x00\x80\x01", PCM_24K).peaks) == [32768]
    assert list(sound_of(b"\x01", PCM_24K).peaks) == []


def test_fine_peaks_fill_the_cells() -> None:
    peaks = fine_peaks(pcm(100), PCM_24K, cells=50)
    assert len(peaks) == 50
    assert max(peaks) > 15990


@given(st.lists(st.integers(0, 32768), max_size=300), st.integers(1, 60))
def test_squeezing_keeps_the_loudest(peaks: list[int], cells: int) -> None:
    squeezed_peaks = squeezed(peaks, cells=cells)
    assert len(squeezed_peaks) == min(len(peaks), cells)
    assert max(squeezed_peaks, default=0) == max(peaks, default=0)


def test_a_wave_rises_with_loudness() -> None:
    assert wave(console(), [0, 66, 400, 2000, 8000, 32768]) == ["▁▁▂▅▇█"]
    assert wave(console(encoding="ascii"), [0, 32768]) == [".#"]
    assert wave(console(), []) == [""]


def test_a_high_wave_stands_on_its_lowest_row() -> None:
    assert wave(console(), [0, 2000, 32768], height=3) == ["  █", " ▆█", "▁██"]


@given(st.text() | st.text("ABCD+/= \n"))
def test_any_text_is_decoded_or_not(text: str) -> None:
    audio = decoded(text)
    assert audio is None or len(audio) <= len(text)
