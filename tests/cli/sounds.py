"""Sound for the program: WAV files of any kind, servers that speak, and what was heard of them."""

from __future__ import annotations

import json
import struct
import wave
from array import array
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.cli.program import Program, Result
from tests.cli.servers import Answers, event

RATE_HZ = 24_000
_PCM, _FLOAT = 1, 3


def tone(ms: float, *, first: int = 1) -> bytes:
    """So much PCM at 24 kHz in which no sample is 0, and no two that are near each other are the same."""
    return array("h", (1 + (first + number) % 30_000 for number in range(round(ms * 24)))).tobytes()


def wav(
    pcm: bytes, *, rate_hz: int = RATE_HZ, channels: int = 1, sample_bytes: int = 2, is_float: bool = False
) -> bytes:
    """A WAV file."""
    frame_bytes = channels * sample_bytes
    form = struct.pack(
        "<HHIIHH",
        _FLOAT if is_float else _PCM,
        channels,
        rate_hz,
        rate_hz * frame_bytes,
        frame_bytes,
        8 * sample_bytes,
    )
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"data", pcm)
    return _chunk(b"RIFF", body)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body


def sound_in(file: Path | bytes) -> bytes:
    """All samples of a WAV file as we write them: 24 kHz, 16 bit, mono."""
    with wave.open(BytesIO(file) if isinstance(file, bytes) else str(file)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (1, 2, RATE_HZ)
        return reader.readframes(2**31 - 1)


def voices_in(path: Path) -> tuple[bytes, bytes]:
    """The user's and the assistant's samples in a recording."""
    with wave.open(str(path)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (2, 2, RATE_HZ)
        frames = array("h", reader.readframes(2**31 - 1))
    return frames[0::2].tobytes(), frames[1::2].tobytes()


def duration_ms(pcm: bytes) -> float:
    """How long PCM at 24 kHz is."""
    return len(pcm) / 2 / RATE_HZ * 1000


def events_in(log: Path) -> list[dict[str, Any]]:
    """What a log holds, entry by entry."""
    return [json.loads(line) for line in log.read_bytes().splitlines()[1:]]


def kinds_in(log: Path) -> list[str]:
    """The types of everything in a log, with the direction."""
    return [f"{each['dir']} {each['event'].get('type')}" for each in events_in(log) if "event" in each]


def said_in(log: Path) -> bytes:
    """The audio that the server sent."""
    return b"".join(deltas_in(log))


def deltas_in(log: Path) -> list[bytes]:
    """The same, delta by delta."""
    frames = [each["event"] for each in events_in(log) if each["dir"] == "in" and "event" in each]
    return [b64decode(f["delta"]) for f in frames if f["type"] == "response.output_audio.delta"]


def asked_in(log: Path) -> bytes:
    """The audio that the server was sent."""
    frames = [each["event"] for each in events_in(log) if each["dir"] == "out"]
    return b"".join(b64decode(f["audio"]) for f in frames if f["type"] == "input_audio_buffer.append")


def delta(audio: bytes | str, *, response: str = "resp_1", item: str = "item_1") -> str:
    """Speech, as the server sends it; text goes as it is."""
    encoded = audio if isinstance(audio, str) else b64encode(audio).decode()
    place = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
    return event("response.output_audio.delta", delta=encoded, **place)


def spoken_answer(*frames: str, text: str = "Yes.") -> list[str]:
    """A whole spoken answer around these frames."""
    place = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    output = {"response_id": "resp_1", "output_index": 0}
    item: dict[str, Any] = {"id": "item_1", "type": "message", "role": "assistant", "content": []}
    done = {**item, "status": "completed", "content": [{"type": "output_audio", "transcript": text}]}
    response = {"id": "resp_1", "conversation_id": "conv_1", "output": []}
    return [
        event("response.created", response={**response, "status": "in_progress"}),
        event("response.output_item.added", item=item, **output),
        event("response.output_audio_transcript.delta", delta=text, **place),
        *frames,
        event("response.output_audio_transcript.done", transcript=text, **place),
        event("response.output_audio.done", **place),
        event("response.output_item.done", item=done, **output),
        event("response.done", response={**response, "status": "completed", "output": [done]}),
    ]


def speaking(*frames: str, after: str = "") -> Answers:
    """Answers the first `response.create` with a spoken answer, every other with the same under new names."""
    turns = 0

    def on_frame(frame: str) -> list[str]:
        nonlocal turns
        if json.loads(frame)["type"] != "response.create":
            return []
        turns += 1
        answer = [*spoken_answer(*frames), *([after] if after else [])]
        return [
            each.replace('"resp_1"', f'"resp_{turns}"').replace('"item_1"', f'"item_{turns}"')
            for each in answer
        ]

    return on_frame


def _renamed(frame: str, turn: int) -> str:
    return frame.replace('"resp_1"', f'"resp_{turn}"').replace('"item_1"', f'"item_{turn}"')


async def plays_again(realtime: Program, log: Path) -> Result:
    """The replay of a log, which must be whole."""
    done = await realtime("replay", log, "--speed", "max")
    assert done.status == 0, done.err
    return done
