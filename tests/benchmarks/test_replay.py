"""How fast the command replays an hour of voice, and that its memory does not grow with the log."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from realtime_cli.core.session import Session
from realtime_cli.log import LogEntry, LogHeader, Recording, open_log
from realtime_cli.log.format import entry_line, header_line
from realtime_cli.log.index import end_s_of, find_landmarks
from realtime_cli.runtime.landmarks import Place
from realtime_cli.runtime.memory import MemoryScreen
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback, Source

pytestmark = pytest.mark.benchmark

TURN_S = 10.0  # five seconds of question, five of answer
HOUR_TURNS = 360
BLOCK_MS, DELTA_MS = 20, 100


def blobs(milliseconds: int) -> list[str]:
    random = Random(milliseconds)
    return [b64encode(random.randbytes(48 * milliseconds)).decode() for _ in range(20)]


def turn(number: int, blocks: list[str], deltas: list[str]) -> Iterator[tuple[float, str, str]]:
    """The frames of one spoken turn: time in it, direction, text."""
    user, answer, response = f"item_u{number}", f"item_a{number}", f"resp_{number}"
    place = f'"response_id":"{response}","item_id":"{answer}","output_index":0,"content_index":0'
    for index in range(int(TURN_S * 1000) // BLOCK_MS):
        blob = blocks[index % len(blocks)]
        yield index * BLOCK_MS / 1000, "out", f'{{"type":"input_audio_buffer.append","audio":"{blob}"}}'
        if index == 250:
            yield from ((5.0, "in", text) for text in _question(user, answer, response))
        if index >= 250 and index % (DELTA_MS // BLOCK_MS) == 0:
            at, blob = index * BLOCK_MS / 1000, deltas[index % len(deltas)]
            yield at, "in", f'{{"type":"response.output_audio.delta",{place},"delta":"{blob}"}}'
            name = "response.output_audio_transcript.delta"
            yield at, "in", f'{{"type":"{name}",{place},"delta":" word{index}"}}'
    message = {"id": answer, "type": "message", "role": "assistant", "status": "completed"}
    done = {"id": response, "status": "completed", "output": [message], "usage": {"total_tokens": 200}}
    yield TURN_S, "in", json.dumps({"type": "response.done", "response": done})


def _question(user: str, answer: str, response: str) -> Iterator[str]:
    yield json.dumps({"type": "input_audio_buffer.committed", "item_id": user})
    content = [{"type": "input_audio", "transcript": "a question"}]
    item = {"id": user, "type": "message", "role": "user", "status": "completed", "content": content}
    yield json.dumps({"type": "conversation.item.done", "item": item})
    yield json.dumps({"type": "response.created", "response": {"id": response, "status": "in_progress"}})
    empty = {"id": answer, "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    yield json.dumps({"type": "conversation.item.added", "item": empty})


def write_session(path: Path, turns: int) -> int:
    """Writes a session of that many turns and returns its size in bytes."""
    blocks, deltas = blobs(BLOCK_MS), blobs(DELTA_MS)
    header = LogHeader(program="benchmark", url="", provider="", dialect="ga", started="")
    seq = 0
    with path.open("wb") as file:
        file.write(header_line(header).encode())
        for number in range(turns):
            for at_s, direction, text in turn(number, blocks, deltas):
                seq += 1
                entry = LogEntry(seq, number * TURN_S + at_s, "in" if direction == "in" else "out", text)
                file.write(entry_line(entry, is_object=True))
        return file.tell()


# `ru_maxrss` would count what this process had before it became the other one; VmHWM begins anew.
PROBE = """
import atexit, sys
atexit.register(lambda: sys.stderr.write(open("/proc/self/status").read()))
from realtime_cli.__main__ import main
main()
"""


def replay(path: Path) -> tuple[float, int]:
    """Runs the command; gives its seconds and its peak memory in bytes."""
    began = time.perf_counter()
    command = [sys.executable, "-c", PROBE, "replay", str(path), "--speed", "max"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    peak = next(line for line in done.stderr.splitlines() if line.startswith("VmHWM:"))
    return seconds, int(peak.split()[1]) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_replay_of_an_hour_of_voice(tmp_path: Path) -> None:
    short, hour = tmp_path / "short.jsonl", tmp_path / "hour.jsonl"
    write_session(short, HOUR_TURNS // 20)
    size_bytes = write_session(hour, HOUR_TURNS)
    _, short_peak = replay(short)
    seconds, peak = replay(hour)
    print(
        f"\n{size_bytes / 1e6:.0f} MB, an hour: {seconds:.1f} s, {size_bytes / 1e6 / seconds:.0f} MB/s;"
        f" peak memory {peak / 1e6:.0f} MB (a twentieth of it: {short_peak / 1e6:.0f} MB)"
    )
    assert peak < short_peak * 1.25


def test_a_seek_to_the_end_of_an_hour_of_voice_and_what_there_is_to_find(tmp_path: Path) -> None:
    hour = tmp_path / "hour.jsonl"
    size_bytes = write_session(hour, HOUR_TURNS)
    log = open_log(hour)
    began = time.perf_counter()
    assert end_s_of(hour) == HOUR_TURNS * TURN_S
    looked_s = time.perf_counter() - began
    found = find_landmarks(log)
    indexed_s = time.perf_counter() - began
    longest_s, sought_s = asyncio.run(seek(log, Place(HOUR_TURNS * TURN_S - 1)))
    print(
        f"\n{size_bytes / 1e6:.0f} MB, an hour: its end {looked_s * 1000:.1f} ms, {len(found.turns)} turns"
        f" {indexed_s:.1f} s, seek to the end {sought_s:.1f} s"
        f" (nobody waits longer than {longest_s * 1000:.0f} ms)"
    )
    assert len(found.turns) == 2 * HOUR_TURNS
    assert longest_s < 0.1


async def seek(log: Recording, place: Place) -> tuple[float, float]:
    """The longest time for which nobody else had a turn, and how long it took."""
    source = Source(entries=log.entries, make_session=Session, has_inputs=True)
    playback, landed = Playback(source, pace=Pace(stays=True)), asyncio.Event()
    playback.seek(place)
    playing = asyncio.create_task(playback.run(MemoryScreen(), on_jump=lambda _: landed.set()))
    began = last = time.perf_counter()
    longest_s = 0.0
    while not landed.is_set():
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest_s, last = max(longest_s, now - last), now
    playback.pace.wants_to_leave = True
    playback.poke()
    await playing
    return longest_s, last - began
