"""Many clients that speak and listen at once, for a benchmark: `python voice_clients.py URL COUNT SECONDS`.

Each sends speech in 20 ms appends, on time, and counts what it hears. Once a second it asks for an item that
does not exist: how long the answer takes is how late the server is. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from base64 import b64encode
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect

from tests.support.speech import blocks, silence, spoken

BLOCK_S = 0.02
RAMP_S = 4.0
SETTINGS = {
    "type": "realtime",
    "audio": {
        "input": {
            "turn_detection": {"type": "server_vad", "create_response": False, "interrupt_response": False}
        }
    },
}


@dataclass(slots=True)
class Measured:
    """What all clients saw, in seconds."""

    round_trips_s: list[float] = field(default_factory=list[float])
    lateness_s: list[float] = field(default_factory=list[float])
    deltas: int = 0
    turns: int = 0


def frames() -> list[str]:
    """Ten seconds of somebody who speaks, as appends."""
    audio = b""
    while len(audio) < 480_000:
        audio += spoken("The quick brown fox jumps over the lazy dog.") + silence(600)
    heads = '{"type":"input_audio_buffer.append","audio":"'
    return [f'{heads}{b64encode(block).decode()}"}}' for block in blocks(audio[:480_000])]


async def speak(socket: ClientConnection, appends: list[str], *, until_s: float, measured: Measured) -> None:
    due_s = time.monotonic()
    number = 0
    while due_s < until_s:
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        measured.lateness_s.append(time.monotonic() - due_s)
        await socket.send(appends[number % len(appends)])
        if number % 50 == 25:
            probe = {
                "type": "conversation.item.retrieve",
                "item_id": "none",
                "event_id": f"{time.monotonic()}",
            }
            await socket.send(json.dumps(probe))
        number += 1
        due_s += BLOCK_S


async def listen(socket: ClientConnection, measured: Measured) -> None:
    async for frame in socket:
        assert isinstance(frame, str)
        if '"type":"response.output_audio.delta"' in frame[:120]:
            measured.deltas += 1
        elif '"type":"error"' in frame[:120]:
            asked_s = float(json.loads(frame)["error"]["event_id"])
            measured.round_trips_s.append(time.monotonic() - asked_s)
        elif '"type":"input_audio_buffer.speech_started"' in frame[:120]:
            measured.turns += 1


async def converse(
    url: str, appends: list[str], *, start_s: float, seconds: float, measured: Measured
) -> None:
    async with connect(url, proxy=None, max_size=None, compression=None) as socket:
        await socket.send(json.dumps({"type": "session.update", "session": SETTINGS}))
        await asyncio.sleep(max(0.0, start_s - time.monotonic()))
        listening = asyncio.create_task(listen(socket, measured))
        await socket.send('{"type":"response.create"}')
        await speak(socket, appends, until_s=start_s + seconds, measured=measured)
        listening.cancel()


async def main(url: str, count: int, seconds: float) -> None:
    measured, appends = Measured(), frames()
    begin_s = time.monotonic() + 0.5 + count / 100
    # People do not begin all at once.
    starts = [begin_s + number * RAMP_S / count for number in range(count)]
    await asyncio.gather(
        *(converse(url, appends, start_s=start, seconds=seconds, measured=measured) for start in starts)
    )
    figures = {
        "round_trip_p95_ms": 1000 * percentile(measured.round_trips_s, 95),
        "clients_late_p95_ms": 1000 * percentile(measured.lateness_s, 95),
        "deltas_per_session_s": measured.deltas / count / seconds,
        "turns_per_session": measured.turns / count,
        "probes": len(measured.round_trips_s),
    }
    print(json.dumps(figures))


def percentile(values: list[float], share: int) -> float:
    return sorted(values)[(len(values) - 1) * share // 100]


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
