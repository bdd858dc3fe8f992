"""How fast a long voice session is read back, and that memory does not grow with it."""

from __future__ import annotations

import sys
import time
import tracemalloc
from base64 import b64encode
from collections import deque
from pathlib import Path
from random import Random

import pytest

from realtime_cli.log import LogEntry, LogHeader, open_log
from realtime_cli.log.format import entry_line, header_line

pytestmark = pytest.mark.benchmark

LOG_BYTES = 200 * 10**6
AUDIO_BYTES = 4800  # 100 ms of PCM16 at 24 kHz
IDS = '"event_id":"event_C9G8HlkfIAwyIkWhQW0lq","response_id":"resp_C9G8HqGPrFzBnKqrkGWVU"'


def write_voice_session(path: Path, size_bytes: int) -> None:
    header = LogHeader(program="benchmark", url="", provider="", dialect="ga", started="")
    random = Random(1)
    deltas = [b64encode(random.randbytes(AUDIO_BYTES)).decode() for _ in range(50)]
    with path.open("wb") as file:
        file.write(header_line(header).encode())
        seq = 0
        while file.tell() < size_bytes:
            seq += 1
            raw = f'{{"type":"response.output_audio.delta",{IDS},"delta":"{deltas[seq % len(deltas)]}"}}'
            file.write(entry_line(LogEntry(seq, seq / 10, "in", raw), is_object=True))


def read_all(path: Path) -> None:
    recording = open_log(path)
    deque(recording.entries(), maxlen=0)
    assert recording.damage is None


def traced_peak_bytes(path: Path) -> int:
    tracemalloc.start()
    read_all(path)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak_bytes


def max_rss_bytes() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def test_reading_a_long_log(tmp_path: Path) -> None:
    short, long = tmp_path / "short.jsonl", tmp_path / "long.jsonl"
    write_voice_session(short, LOG_BYTES // 100)
    write_voice_session(long, LOG_BYTES)
    read_all(short)
    rss_before = max_rss_bytes()
    began = time.perf_counter()
    read_all(long)
    elapsed_s = time.perf_counter() - began
    growth_bytes = max_rss_bytes() - rss_before
    short_peak, long_peak = traced_peak_bytes(short), traced_peak_bytes(long)
    print(
        f"\n{LOG_BYTES / 1e6:.0f} MB in {elapsed_s:.2f} s: {LOG_BYTES / 1e6 / elapsed_s:.0f} MB/s,"
        f" peak {long_peak / 1e6:.2f} MB (of a hundredth: {short_peak / 1e6:.2f} MB),"
        f" resident memory grew by {growth_bytes / 1e6:.2f} MB"
    )
    assert long_peak < 1.2 * short_peak
