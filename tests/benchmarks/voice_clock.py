"""What PortAudio thinks when something sounds: `python voice_clock.py BLOCK_MS SECONDS`.

Plays one sample that is not silence every tenth block, on the default device, as the program would. Prints a
JSON list of `[sample, time]`: the time at the converter, as PortAudio gives it, on `time.monotonic()`.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

RATE_HZ = 24_000
FIRST_MARK = 1000


def main(block_ms: float, seconds: float) -> None:
    import sounddevice

    marks: list[tuple[int, float]] = []
    blocks = 0

    def play(buffer: Any, frames: int, times: Any, _flags: object) -> None:
        nonlocal blocks
        blocks += 1
        buffer[:] = bytes(len(buffer))
        if blocks % 10 == 0:
            mark = FIRST_MARK + len(marks)
            buffer[0:2] = mark.to_bytes(2, "little")
            marks.append((mark, time.monotonic() + times.outputBufferDacTime - times.currentTime))

    stream = sounddevice.RawOutputStream(
        samplerate=RATE_HZ,
        channels=1,
        dtype="int16",
        blocksize=round(RATE_HZ * block_ms / 1000),
        latency="low",
        callback=play,
    )
    with stream:
        time.sleep(seconds)
    print(json.dumps(marks))


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]))
