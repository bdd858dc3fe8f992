"""How fast a frame becomes an event: ours against the openai package's way, in one run."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable
from random import Random

import pytest
from openai._models import construct_type
from openai.types.realtime import RealtimeServerEvent

from realtime_cli.protocol.codec import decode
from realtime_cli.protocol.server_events import ResponseOutputAudioDelta, ResponseOutputTextDelta

pytestmark = pytest.mark.benchmark

BYTES_PER_MS = 48  # PCM16, 24 kHz, mono
ROUNDS = 15
CALLS_IN_A_ROUND = 300
PLACE = {
    "event_id": "event_C9G8HlkfIAwyIkWhQW0lq",
    "response_id": "resp_C9G8HqGPrFzBnKqrkGWVU",
    "item_id": "item_C9G8HmQd7sPnvEXGB2oQi",
    "output_index": 0,
    "content_index": 0,
}


def text_delta() -> str:
    return json.dumps({"type": "response.output_text.delta", **PLACE, "delta": " conversation"})


def audio_delta(duration_ms: int) -> str:
    pcm = Random(1).randbytes(duration_ms * BYTES_PER_MS)
    return json.dumps({"type": "response.output_audio.delta", **PLACE, "delta": b64encode(pcm).decode()})


def the_sdks_way(raw: str) -> object:
    return construct_type(value=json.loads(raw), type_=RealtimeServerEvent)


def round_us(read: Callable[[str], object], raw: str) -> float:
    started_s = time.perf_counter()
    for _ in range(CALLS_IN_A_ROUND):
        read(raw)
    return (time.perf_counter() - started_s) / CALLS_IN_A_ROUND * 1e6


def best_us(raw: str) -> tuple[float, float]:
    """The best round of each, taken in turns so that both meet the same machine."""
    rounds = [(round_us(decode, raw), round_us(the_sdks_way, raw)) for _ in range(ROUNDS)]
    return min(ours for ours, _ in rounds), min(sdk for _, sdk in rounds)


def test_decoding_is_at_least_ten_times_as_fast_as_the_sdks_way() -> None:
    frames = {"text delta": text_delta()}
    frames |= {f"{ms} ms of audio": audio_delta(ms) for ms in (20, 100, 400)}
    assert isinstance(decode(frames["text delta"]), ResponseOutputTextDelta)
    assert isinstance(decode(frames["20 ms of audio"]), ResponseOutputAudioDelta)
    ratios: dict[str, float] = {}
    print(f"\n{'':16} {'bytes':>8} {'ours':>9} {'sdk':>9} {'ratio':>7}")
    for name, raw in frames.items():
        ours_us, sdk_us = best_us(raw)
        ratios[name] = sdk_us / ours_us
        print(f"{name:16} {len(raw):8,} {ours_us:6.2f} us {sdk_us:6.1f} us {ratios[name]:6.1f}x")
    assert min(ratios.values()) >= 10, ratios
