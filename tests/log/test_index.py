from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from realtime_cli.log import LogEntry, LogHeader, Recording, open_log
from realtime_cli.log.format import entry_line, header_line
from realtime_cli.log.index import end_s_of, entries_without_sound_before, find_landmarks
from realtime_cli.runtime.landmarks import Landmarks

HEADER = header_line(LogHeader(program="test", url="", provider="", dialect="ga", started="")).encode()
APPEND = '{"type":"input_audio_buffer.append","audio":"AAAA"}'
DELTA = '{"type":"response.output_audio.delta","delta":"AAAA"}'


def event(type_: str, **fields: Any) -> str:
    return json.dumps({"type": type_, **fields})


def written(
    folder: Path, *entries: tuple[float, str, str], header: bytes = HEADER, tail: bytes = b""
) -> Recording:
    path = folder / "log.jsonl"
    lines = [
        entry_line(LogEntry(seq, at_s, direction, raw), is_object=True)  # type: ignore[arg-type]  # one of three
        for seq, (at_s, direction, raw) in enumerate(entries, 1)
    ]
    path.write_bytes(header + b"".join(lines) + tail)
    return open_log(path)


def turns(found: Landmarks) -> list[tuple[float, int | None, str]]:
    return [(mark.place.t_s, mark.place.number, mark.label) for mark in found.turns]


def markers(found: Landmarks) -> list[tuple[float, str, str]]:
    return [(mark.place.t_s, mark.kind, mark.label) for mark in found.markers]


def test_turns_begin_with_words_with_speech_and_with_answers(tmp_path: Path) -> None:
    log = written(
        tmp_path,
        (0.0, "local", event("connection.opened")),
        (1.0, "local", event("user.text", text="hello")),
        (1.0, "out", event("conversation.item.create", item={"type": "message", "role": "user"})),
        (1.2, "in", event("response.created", response={})),
        (3.0, "in", event("input_audio_buffer.speech_started")),
        (5.0, "in", event("input_audio_buffer.committed")),
        (5.1, "in", event("response.created", response={})),
        (7.0, "in", event("input_audio_buffer.committed")),
        (8.0, "local", event("talk.started")),
    )
    assert turns(find_landmarks(log)) == [
        (1.0, 1, "user"),
        (1.2, 3, "assistant"),
        (3.0, 4, "user"),
        (5.1, 6, "assistant"),
        (7.0, 7, "user"),
        (8.0, 8, "user"),
    ]


def test_markers_are_what_was_marked_and_what_went_wrong(tmp_path: Path) -> None:
    log = written(
        tmp_path,
        (1.0, "local", event("user.mark", label="here")),
        (2.0, "out", event("conversation.item.truncate", item_id="x", content_index=0, audio_end_ms=1)),
        (2.1, "in", event("response.done", response={"status": "cancelled"})),
        (3.0, "in", event("response.done", response={"status": "completed"})),
        (4.0, "in", event("response.done", response={"status": "failed"})),
        (6.0, "in", event("error", error={"message": "no such item"})),
        (7.0, "local", event("audio.gap", source="network", duration_ms=100)),
        (7.5, "local", event("audio.gap", source="network", duration_ms=100)),
        (9.0, "local", event("audio.gap", source="network", duration_ms=100)),
        (10.0, "local", event("audio.notice", level="warning", text="never mind")),
        (11.0, "local", event("connection.lost", code=1006, reason="gone", by_us=False)),
    )
    assert markers(find_landmarks(log)) == [
        (1.0, "mark", "here"),
        (2.0, "interruption", ""),
        (4.0, "error", "failed"),
        (6.0, "error", "no such item"),
        (7.0, "gap", ""),
        (9.0, "gap", ""),
        (11.0, "error", "gone"),
    ]


def test_words_about_events_are_no_events(tmp_path: Path) -> None:
    words = event("response.output_text.delta", delta='"response.created" "error" "user.mark"')
    log = written(tmp_path, (1.0, "in", words), (2.0, "in", event("session.updated", error=None)))
    found = find_landmarks(log)
    assert (found.turns, found.markers, found.entries, found.end_s) == ((), (), 2, 2.0)


def test_numbers_count_the_entries_that_a_replay_plays(tmp_path: Path) -> None:
    note = b'{"dir":"meta","event":{"type":"x"}}\n\n'
    log = written(
        tmp_path, (1.0, "out", APPEND), (2.0, "in", event("response.created", response={})), tail=note * 3
    )
    log.path.write_bytes(log.path.read_bytes().replace(HEADER, HEADER + note))
    played = list(log.entries())
    (turn,) = find_landmarks(log).turns
    assert turn.place.number is not None
    assert "response.created" in str(played[turn.place.number].raw)


def test_a_recording_of_another_program_has_turns_too(tmp_path: Path) -> None:
    user = {"type": "message", "role": "user"}
    lines = [
        {"dir": "sent", "event": {"type": "conversation.item.create", "item": user}},
        {"dir": "received", "event": {"type": "response.created", "response": {}}},
    ]
    path = tmp_path / "foreign.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = find_landmarks(open_log(path))
    assert turns(found) == [(0.0, 0, "user"), (0.0, 1, "assistant")]
    assert (found.entries, found.end_s, found.has_sound) == (2, 0.0, False)
    assert end_s_of(path) is None


@pytest.mark.parametrize("tail", [b"\0\0 a torn page\n", b'{"seq":9,"t":9.0,"dir":"in","ev', b"{}\n"])
def test_it_ends_at_the_damage(tmp_path: Path, tail: bytes) -> None:
    created = event("response.created", response={})
    whole = written(tmp_path, (1.0, "in", created), (2.0, "in", created))
    more = entry_line(LogEntry(3, 3.0, "in", created), is_object=True)
    whole.path.write_bytes(whole.path.read_bytes() + tail + (more if tail.endswith(b"\n") else b""))
    found = find_landmarks(whole)
    assert [at_s for at_s, _, _ in turns(found)] == [1.0, 2.0]
    assert found.end_s == 2.0


def test_nobody_has_to_wait_for_one_who_left(tmp_path: Path) -> None:
    log = written(tmp_path, *((float(number), "out", APPEND) for number in range(10_000)))
    asked = count()
    found = find_landmarks(log, is_wanted=lambda: next(asked) < 1)
    assert 4000 < found.entries < 9000


def test_the_end_is_known_from_the_last_lines(tmp_path: Path) -> None:
    log = written(tmp_path, (1.0, "out", APPEND), (7.25, "in", event("x", padding="y" * 200_000)))
    assert end_s_of(log.path) == 7.25
    log.path.write_bytes(log.path.read_bytes()[:-5])
    assert end_s_of(log.path) == 1.0
    assert end_s_of(tmp_path / "missing") is None


def test_a_log_without_entries_has_no_end(tmp_path: Path) -> None:
    log = written(tmp_path)
    assert end_s_of(log.path) is None
    assert find_landmarks(log) == Landmarks()


def test_sound_is_found_in_either_direction(tmp_path: Path) -> None:
    assert find_landmarks(written(tmp_path, (1.0, "out", APPEND))).has_sound
    assert find_landmarks(written(tmp_path, (1.0, "in", DELTA))).has_sound
    assert not find_landmarks(written(tmp_path, (1.0, "in", event("x")))).has_sound


def test_sound_that_is_long_over_is_left_out(tmp_path: Path) -> None:
    configured = event("session.updated", session={})
    log = written(
        tmp_path, (1.0, "out", APPEND), (2.0, "in", configured), (3.0, "in", DELTA), (4.0, "out", APPEND)
    )
    kept = list(entries_without_sound_before(log, 3.0))
    assert [entry.raw for entry in kept] == [configured, DELTA, APPEND]
    assert [entry.t_s for entry in kept] == [2.0, 3.0, 4.0]
    assert [entry.raw for entry in entries_without_sound_before(log, 0.0)] == [
        entry.raw for entry in log.entries()
    ]
