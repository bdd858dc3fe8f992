"""What the raw view costs: for each event while nobody looks, and for a picture of a long session."""

from __future__ import annotations

import base64
import io
import json
import os
import time
from collections.abc import Callable

import pytest

from realtime_cli.runtime.ports import Direction
from realtime_cli.ui.live.raw import EventRing, RawView
from realtime_cli.ui.theme import make_paper

EVENTS = 20_000


def frames() -> list[tuple[Direction, str]]:
    def audio(size: int) -> str:
        return base64.b64encode(os.urandom(size)).decode()

    speech = json.dumps({"type": "response.output_audio.delta", "item_id": "item_1", "delta": audio(12_000)})
    append = json.dumps({"type": "input_audio_buffer.append", "audio": audio(960)})
    word = json.dumps({"type": "response.output_text.delta", "item_id": "item_1", "delta": " word"})
    started = json.dumps({"type": "input_audio_buffer.speech_started", "audio_start_ms": 1200})
    return [*[("out", append)] * 5, ("in", speech), *[("in", word)] * 3, ("in", started)]


def filled(ring: EventRing) -> EventRing:
    some = frames()
    for number in range(EVENTS):
        direction, raw = some[number % len(some)]
        ring.saw(direction, raw, now_s=number / 50, is_object=True)
    return ring


def took_ms(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return 1000 * (time.perf_counter() - start)


@pytest.mark.benchmark
def test_an_event_costs_almost_nothing() -> None:
    for max_events in (EVENTS, 1_000):
        us = (
            min(took_ms(lambda most=max_events: filled(EventRing(max_events=most))) for _ in range(5))
            / EVENTS
            * 1000
        )
        print(f"saw(), keeping {max_events:,}: {us:.2f} us")
        assert us < 2


@pytest.mark.benchmark
def test_a_picture_of_a_long_session() -> None:
    ring = filled(EventRing())
    view = RawView(ring, make_paper(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")))

    def picture() -> None:
        view.rows(width=120, height=40)

    def picture_with_news() -> None:
        for direction, raw in frames()[:4]:
            ring.saw(direction, raw, now_s=ring.last / 50, is_object=True)
        picture()

    print(f"the first picture of {EVENTS:,} events: {took_ms(picture):.1f} ms")
    news_ms = min(took_ms(picture_with_news) for _ in range(50))
    print(f"a picture with four new events: {news_ms:.2f} ms")
    for pattern in ("error", "item:item_1", '"word"'):
        filter_ms = took_ms(lambda pattern=pattern: view.filter(pattern))
        print(
            f"a new filter, {pattern}: {filter_ms:.1f} ms, and its first picture: {took_ms(picture):.1f} ms"
        )
    assert news_ms < 8
