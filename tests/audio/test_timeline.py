from __future__ import annotations

import json
import tracemalloc
from array import array
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.audio.channel import Channel
from realtime_cli.audio.timeline import SoundBlock, sound_of
from realtime_cli.core.inputs import AudioReady, LocalInput, PlaybackProgress, PlaybackStopped, to_json
from realtime_cli.runtime.ports import Direction
from realtime_cli.samples.g711 import pcm_to_ulaw, ulaw_to_pcm

SECOND = 24_000
SPEAKER = AudioReady("microphone", "speaker")


@dataclass(frozen=True)
class Entry:
    t_s: float
    direction: Direction
    raw: str | bytes


def pcm(ms: float, *, value: int = 0, first: int = 1) -> bytes:
    """So much sound: all of one value, or each sample another one and none of them 0."""
    count = round(ms * 24)
    if value:
        return array("h", [value] * count).tobytes()
    return array("h", (1 + (first + number) % 30_000 for number in range(count))).tobytes()


def out(t_s: float, audio: bytes) -> Entry:
    event = {"type": "input_audio_buffer.append", "audio": b64encode(audio).decode()}
    return Entry(t_s, "out", json.dumps(event))


def delta(
    t_s: float, audio: bytes, *, item_id: str = "item_1", type_: str = "response.output_audio.delta"
) -> Entry:
    event = {"delta": b64encode(audio).decode(), "item_id": item_id, "content_index": 0, "type": type_}
    return Entry(t_s, "in", json.dumps({**event, "response_id": "resp_1"}))


def server(t_s: float, type_: str, **fields: Any) -> Entry:
    return Entry(t_s, "in", json.dumps({"type": type_, **fields}))


def local(t_s: float, happened: LocalInput) -> Entry:
    return Entry(t_s, "local", to_json(happened))


def progress(t_s: float, heard_ms: float, *, delay_ms: float = 0, item_id: str = "item_1") -> Entry:
    return local(t_s, PlaybackProgress(item_id, 0, heard_ms, delay_ms))


def tick(t_s: float) -> Entry:
    return server(t_s, "rate_limits.updated", rate_limits=[])


def voices(*entries: Entry) -> tuple[bytes, bytes]:
    """What the user and the assistant sounded like, from time 0 on."""
    blocks = list(sound_of([tick(0), *entries]))
    assert [round(block.t_s * 10) for block in blocks] == list(range(len(blocks)))
    return b"".join(block.user for block in blocks), b"".join(block.assistant for block in blocks)


def silence(ms: float) -> bytes:
    return bytes(round(ms * 24) * 2)


# The user


def test_what_the_user_said_ends_when_it_was_sent() -> None:
    user, assistant = voices(out(1.02, pcm(20)), out(1.04, pcm(20, first=500)), tick(2))
    assert user == silence(1000) + pcm(20) + pcm(20, first=500) + silence(960)
    assert assistant == silence(2000)


def test_blocks_that_come_unsteadily_follow_each_other() -> None:
    late_ms = [0, 15, 40, 3, 60, 0, 90, 10]
    blocks = [out(1 + number * 0.02 + late / 1000, pcm(20)) for number, late in enumerate(late_ms)]
    user, _ = voices(*blocks)
    assert user.strip(b"\0") == (pcm(20) * 8).strip(b"\0")


def test_a_pause_in_what_was_sent_is_a_pause() -> None:
    user, _ = voices(out(0.02, pcm(20)), out(0.5, pcm(20)))
    assert user == pcm(20) + silence(460) + pcm(20)


def test_a_burst_keeps_its_order_and_loses_nothing() -> None:
    user, _ = voices(*(out(0.5, pcm(500, first=number)) for number in range(10)))
    assert user == b"".join(pcm(500, first=number) for number in range(10))


def test_the_users_encoding_is_the_sessions() -> None:
    ulaw = {"audio": {"input": {"format": {"type": "audio/pcmu"}}}}
    configured = server(0.1, "session.updated", session={"type": "realtime", **ulaw})
    user, _ = voices(configured, *(out(1 + number / 50, b"\x80" * 160) for number in range(50)))
    samples = array("h", user)
    assert len(samples) == pytest.approx(1.98 * SECOND, abs=3)
    assert samples[SECOND + 200] == pytest.approx(32124, abs=4)


def test_what_is_asked_for_holds_for_the_audio_behind_it() -> None:
    audio = {"input": {"format": {"type": "audio/pcmu"}}}
    asked = json.dumps({"type": "session.update", "session": {"type": "realtime", "audio": audio}})
    user, _ = voices(Entry(0.1, "out", asked), out(1, pcm_to_ulaw(bytes(8000))))
    assert len(user) == 2 * SECOND


def test_beta_sessions_are_understood() -> None:
    session = {"modalities": ["audio"], "input_audio_format": "g711_ulaw", "output_audio_format": "g711_ulaw"}
    configured = server(0, "session.created", session=session)
    user, assistant = voices(
        configured, out(1, b"\x80" * 8000), delta(1, b"\x80" * 8000, type_="response.audio.delta"), tick(3)
    )
    assert array("h", user)[12_000] == array("h", assistant)[SECOND + 12_000] == pytest.approx(32124, abs=4)
    assert any(assistant[2 * SECOND : 4 * SECOND - 1000])


# The assistant, where a speaker tells what was heard


def test_an_answer_sounds_when_the_speaker_played_it() -> None:
    answer = pcm(300)
    _, assistant = voices(
        local(0, SPEAKER),
        delta(0.5, answer),
        progress(1.0, 20, delay_ms=60),
        progress(1.1, 120, delay_ms=60),
        progress(1.2, 220, delay_ms=60),
        progress(1.28, 300, delay_ms=60),
        tick(2),
    )
    assert assistant == silence(1040) + answer + silence(660)


def test_what_was_never_heard_is_left_out() -> None:
    answer = pcm(1000)
    _, assistant = voices(
        local(0, SPEAKER),
        delta(0.1, answer),
        delta(0.1, pcm(1000), item_id="item_2"),
        progress(0.22, 20),
        progress(0.32, 120),
        local(0.4, PlaybackStopped("item_1", 0, 200)),
        delta(0.5, pcm(1000)),
        tick(3),
    )
    heard = answer[: 2 * 192 * 24]
    assert assistant.startswith(silence(200) + heard)
    faded = array("h", assistant[len(silence(200) + heard) :][: 2 * 192])
    assert abs(faded[0]) > 4000
    assert faded[-1] == 0
    assert assistant[len(silence(400)) :] == silence(2600)


def test_a_part_that_was_heard_to_its_end_is_not_faded() -> None:
    _, assistant = voices(
        local(0, SPEAKER),
        delta(0.1, pcm(100)),
        progress(0.2, 100),
        local(0.3, PlaybackStopped()),
    )
    assert assistant == silence(100) + pcm(100) + silence(100)


def test_a_gap_in_playback_is_a_gap() -> None:
    answer = pcm(200)
    _, assistant = voices(
        local(0, SPEAKER), delta(0.1, answer), progress(0.2, 100), progress(0.8, 200), tick(1)
    )
    assert assistant == silence(100) + answer[:4800] + silence(500) + answer[4800:] + silence(200)


def test_progress_that_comes_a_little_late_makes_no_gap() -> None:
    answer = pcm(300)
    _, assistant = voices(
        local(0, SPEAKER), delta(0.1, answer), progress(0.2, 100), progress(0.33, 200), progress(0.42, 300)
    )
    assert assistant == silence(100) + answer + silence(20)


def test_an_end_that_is_told_late_moves_nothing() -> None:
    _, assistant = voices(
        local(0, SPEAKER), delta(0.1, pcm(100)), progress(0.2, 100), progress(0.9, 100), tick(1)
    )
    assert assistant == silence(100) + pcm(100) + silence(800)


def test_the_encoding_of_a_response_goes_before_the_sessions() -> None:
    audio = {"output": {"format": {"type": "audio/pcmu"}}}
    ulaw = bytes(range(128)) * 10
    _, assistant = voices(
        local(0, SPEAKER),
        server(0.1, "response.created", response={"id": "resp_1", "audio": audio}),
        delta(0.2, ulaw),
        server(0.3, "response.output_audio.done", item_id="item_1", content_index=0),
        progress(1, 160),
        tick(2),
    )
    loudest = max(array("h", ulaw_to_pcm(ulaw)), key=abs)
    assert abs(max(array("h", assistant), key=abs)) > abs(loudest) * 0.9
    first = next(number for number, sample in enumerate(array("h", assistant)) if sample)
    assert first == pytest.approx(0.84 * SECOND, abs=100)


SLOW = {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcmu"}}}


def loud(voice: bytes) -> list[float]:
    """Where a voice is heard, in ms: beginning and end of each stretch."""
    samples = array("h", voice)
    heard = [number for number, sample in enumerate(samples) if abs(sample) > 3000]
    ends = [left for left, right in pairwise(heard) if right - left > 240]
    begins = [right for left, right in pairwise(heard) if right - left > 240]
    return sorted(position / 24 for position in (heard[0], heard[-1], *ends, *begins))


def test_what_a_conversion_holds_back_moves_nobody() -> None:
    entries = [server(0, "session.updated", session={"type": "realtime", "audio": SLOW}), local(0, SPEAKER)]
    for number in range(30):
        at_s = 1 + number / 50
        entries += [out(at_s, b"\x90" * 160), delta(at_s, b"\x90" * 160), progress(at_s, number * 20 - 60)]
    entries += [server(1.61, "response.output_audio.done", item_id="item_1"), progress(1.66, 600)]
    entries += [out(3 + number / 50, b"\x90" * 160) for number in range(10)]
    user, assistant = voices(*entries, tick(4))
    assert loud(user) == pytest.approx([980, 1580, 2980, 3180], abs=1)
    assert loud(assistant) == pytest.approx([1060, 1660], abs=1)


def test_an_answer_that_is_converted_as_it_arrives_has_no_hole_and_no_end_missing() -> None:
    _, assistant = voices(
        server(0, "session.updated", session={"type": "realtime", "audio": SLOW}),
        *(delta(1 + number / 50, b"\x90" * 160) for number in range(30)),
        server(1.62, "response.output_audio.done", item_id="item_1"),
        tick(3),
    )
    began, ended = loud(assistant)
    assert ended - began == pytest.approx(600, abs=1)


# The assistant, where nobody tells what was heard


def test_without_a_speaker_an_answer_sounds_as_it_arrives() -> None:
    _, assistant = voices(
        delta(0.5, pcm(400)), delta(0.5, pcm(400)), delta(0.6, pcm(200)), delta(3, pcm(100)), tick(4)
    )
    assert assistant == silence(500) + pcm(400) * 2 + pcm(200) + silence(1500) + pcm(100) + silence(900)


def test_without_a_speaker_an_answer_ends_when_the_user_begins_to_speak() -> None:
    _, assistant = voices(
        delta(0.5, pcm(2000)),
        server(1.0, "input_audio_buffer.speech_started", audio_start_ms=0, item_id="item_2"),
        delta(3, pcm(100)),
        tick(4),
    )
    assert assistant == silence(500) + pcm(2000)[:SECOND] + silence(2000) + pcm(100) + silence(900)


def test_where_entries_have_no_times_the_users_audio_is_the_clock() -> None:
    user, assistant = voices(
        out(0, pcm(1000)),
        delta(0, pcm(500)),
        out(0, pcm(200)),
        server(0, "input_audio_buffer.speech_started"),
        out(0, pcm(300)),
    )
    assert user == pcm(1000) + pcm(200) + pcm(300)
    assert assistant == silence(1000) + pcm(500)[:9600] + silence(300)


# Whatever comes


NOISE = st.sampled_from(
    [
        out(0, b"\1"),
        out(0, pcm(20)),
        delta(0, pcm(30)),
        delta(0, b"\1\2\3"),
        local(0, SPEAKER),
        local(0, AudioReady()),
        progress(0, 10, delay_ms=1e300),
        progress(0, 1e300),
        progress(0, -5),
        progress(0, 25, delay_ms=50),
        local(0, PlaybackStopped("item_1", 0, 20)),
        local(0, PlaybackStopped()),
        server(0, "input_audio_buffer.speech_started"),
        server(0, "session.updated", session={"audio": {"input": {"format": {"type": "audio/pcma"}}}}),
        server(0, "session.updated", session={"audio": {"input": {"format": {"rate": -1}}}}),
        server(0, "session.updated", session=[]),
        server(0, "response.created", response=None),
        Entry(0, "in", '{"type":"response.output_audio.delta","delta":"%%%","item_id":"item_1"}'),
        Entry(0, "in", '{"type":"response.output_audio.delta","delta":7,"item_id":"item_1"}'),
        Entry(0, "in", '{"type":"response.output_audio.delta"'),
        Entry(0, "in", "[" * 100_000 + 'audio.delta"'),
        Entry(0, "out", '{"type":"input_audio_buffer.append"}'),
        Entry(0, "out", '["input_audio_buffer.append"]'),
        Entry(0, "local", '{"type":"playback.progress","heard_ms":"x"}'),
        Entry(0, "in", b'\xff"session.updated"'),
    ]
)


@given(
    noise=st.lists(
        st.tuples(NOISE, st.sampled_from([0, 0.01, 0.02, 0.2, 3, -1, 1e9, float("nan")])), max_size=40
    )
)
def test_any_log_gives_two_voices_of_the_same_length(noise: list[tuple[Entry, float]]) -> None:
    now_s, entries = 0.0, [tick(0)]
    for entry, step_s in noise:
        now_s += step_s
        entries.append(Entry(now_s, entry.direction, entry.raw))
        now_s = now_s if 0 <= now_s < 1e6 else 0.0
    samples = 0
    for block in sound_of(entries):
        assert block.t_s == pytest.approx(samples / SECOND)
        assert len(block.user) == len(block.assistant) <= 4800
        samples += len(block.user) // 2
    assert samples <= 150 * SECOND


def test_a_recording_begins_with_its_first_entry() -> None:
    blocks = list(sound_of([tick(1_700_000_000), out(1_700_000_001, pcm(100))]))
    assert blocks[0].t_s == 1_700_000_000
    assert len(blocks) == 10


def test_a_session_without_entries_has_no_sound() -> None:
    assert not list(sound_of([]))


def hour() -> Iterator[Entry]:
    """An hour in which both speak all the time, the assistant 30 s ahead of its playback."""
    user, answer = out(0, pcm(20)).raw, pcm(100)
    yield local(0, SPEAKER)
    for number in range(36_000):
        at_s = number / 10
        yield from (Entry(at_s + part / 50, "out", user) for part in range(5))
        yield delta(at_s, answer, item_id=f"item_{number // 300}")
        if number >= 300:
            heard = number - 300
            yield progress(at_s, (heard % 300 + 1) * 100, item_id=f"item_{heard // 300}")


def total(blocks: Iterable[SoundBlock]) -> int:
    return sum(len(block.user) for block in blocks)


def test_an_answer_that_came_while_the_one_before_was_stopping_is_heard_from_its_beginning() -> None:
    _, assistant = voices(
        local(0, SPEAKER),
        delta(1, pcm(1000, value=1000)),
        progress(1.1, 100),
        delta(1.19, pcm(200, value=5000), item_id="item_2"),
        local(1.2, PlaybackStopped("item_1", 0, 120)),
        delta(1.21, pcm(200, value=6000), item_id="item_2"),
        progress(1.41, 200, item_id="item_2"),
        progress(1.61, 400, item_id="item_2"),
    )
    samples = array("h", assistant)
    assert (samples.count(5000), samples.count(6000)) == (200 * 24, 200 * 24)


def test_answers_that_are_never_played_do_not_sit_in_memory() -> None:
    def entries() -> Iterator[Entry]:
        yield local(0, SPEAKER)
        aside = pcm(10_000)
        for number in range(60):
            yield delta(number, aside, item_id=f"aside_{number}")
            yield delta(number + 0.1, aside[:4800], item_id=f"item_{number}")
            yield progress(number + 0.3, 100, item_id=f"item_{number}")

    tracemalloc.start()
    try:
        assert total(sound_of(entries())) == pytest.approx(59.3 * SECOND * 2, rel=0.001)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


def test_an_hour_does_not_sit_in_memory() -> None:
    ten_minutes = takewhile(lambda entry: entry.t_s < 600, hour())
    tracemalloc.start()
    try:
        assert total(sound_of(ten_minutes)) == pytest.approx(600 * SECOND * 2, rel=0.001)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_is_sent_at_once_does_not_sit_in_memory() -> None:
    second = out(0, pcm(1000)).raw
    entries = (Entry(0.001 * number, "out", second) for number in range(1200))
    tracemalloc.start()
    try:
        assert total(sound_of(entries)) == 1200 * SECOND * 2
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


# The line of one voice


@given(
    pieces=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8),
    reads=st.lists(st.integers(0, 30), max_size=8),
)
def test_a_line_holds_every_piece_once_and_in_order(pieces: list[tuple[int, int]], reads: list[int]) -> None:
    channel, line = Channel(), b""
    padded = zip(pieces, reads + [0] * len(pieces), strict=False)
    for value, ((at, length), read) in enumerate(padded, 1):
        channel.place(array("h", [value] * length).tobytes(), at=at)
        line += channel.take(read)
    line += channel.take(max(0, channel.end - len(line) // 2))
    found = [sample for sample in array("h", line) if sample]
    assert found == [number + 1 for number, (_, length) in enumerate(pieces) for _ in range(length)]
    assert len(line) // 2 == channel.end


def test_a_line_is_cut() -> None:
    channel = Channel()
    channel.place(pcm(1), at=0)
    channel.place(pcm(1), at=100)
    channel.cut(10)
    assert channel.end == 10
    assert channel.take(30) == pcm(1)[:20] + bytes(40)
    channel.cut(5)
    assert channel.end == 30
