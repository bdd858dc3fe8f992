from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from realtime_cli.core.cost import Cost
from realtime_cli.core.session import Session
from realtime_cli.core.view import GapCounts, Marks, Origin, ResponseView, SessionView
from realtime_cli.ui.summary import count, duration, summary_json, summary_line
from tests.support.builders import event, greeted, response_created, response_done


def waited(origin: Origin, seconds: float) -> ResponseView:
    """An answer for which somebody waited so long."""
    at_s = 1.0 + seconds
    marks = (
        Marks(origin, 1.0, first_sound=at_s) if origin == "speech" else Marks(origin, 1.0, first_text=at_s)
    )
    return ResponseView("resp_1", "completed", marks=marks)


def after_turns(turns: int, *, tokens: int, unknown: int = 0) -> SessionView:
    session = greeted()
    for number in range(turns):
        session.receive(response_created(f"resp_{number}"), 1.0)
        session.receive(response_done(f"resp_{number}", usage={"input_tokens": tokens}), 2.0)
    for _ in range(unknown):
        session.receive(event("news.from.the.future"), 3.0)
    return session.view()


def test_the_line_tells_turns_tokens_cost_time_and_log() -> None:
    view = after_turns(2, tokens=1000)
    line = "2 turns · 2,000 tokens · cost unknown · 4.2 s · log a.jsonl"
    assert summary_line(view, seconds=4.2, log=Path("a.jsonl")) == line
    free = replace(after_turns(1, tokens=1), cost=Cost())
    assert summary_line(free, seconds=61.0, log=None) == "1 turn · 1 token · 1 min 01 s"
    dear = replace(free, cost=Cost(0.0123, "estimated"))
    assert summary_line(dear, seconds=61.0, log=None) == "1 turn · 1 token · ~$0.012 · 1 min 01 s"


def test_the_line_tells_how_long_users_waited() -> None:
    spoken = [waited("speech", 0.84), waited("speech", 1.2), waited("speech", 0.5)]
    view = replace(Session().view(), responses=(*spoken, waited("text", 0.32)))
    line = summary_line(view, seconds=1.0, log=None)
    assert "· first sound 840 ms (p95 1.2 s) · first text 320 ms · 1.0 s" in line
    assert summary_json(view, seconds=1.0, log=None)["latency_ms"] == {
        "voice": {"median": 840, "p95": 1200, "count": 3},
        "text": {"median": 320, "p95": 320, "count": 1},
    }


def test_the_line_counts_unknown_events_only_where_there_were_some() -> None:
    line = summary_line(after_turns(0, tokens=0, unknown=2), seconds=0.0, log=None)
    assert line == "0 turns · 0 tokens · 0.0 s · 2 unknown events"


def test_the_line_tells_of_gaps_in_the_sound() -> None:
    audio = replace(Session().view().audio, gaps=GapCounts(speaker=2, total_ms=41.6))
    line = summary_line(replace(Session().view(), audio=audio), seconds=0.0, log=None)
    assert line.endswith("· 2 gaps in the sound (42 ms)")


def test_a_strange_path_cannot_act_on_the_terminal() -> None:
    line = summary_line(Session().view(), seconds=0.0, log=Path("a\x1b[2Jb"))
    assert line.endswith("log a␛[2Jb")


def test_the_object_for_programs() -> None:
    found = summary_json(after_turns(1, tokens=5, unknown=1), seconds=1.23456, log=Path("a.jsonl"))
    assert json.loads(json.dumps(found)) == found
    assert (found["type"], found["turns"], found["tokens"]["input"]) == ("summary", 1, 5)
    assert (found["seconds"], found["events"]["unknown"], found["log"]) == (1.235, 1, "a.jsonl")
    assert found["cost"] == {"usd": None, "certainty": "unknown"}
    empty = summary_json(Session().view(), seconds=0, log=None)
    assert (empty["log"], empty["latency_ms"]) == (None, {"voice": None, "text": None})
    dear = replace(Session().view(), cost=Cost(0.1 + 0.2, "exact"))
    assert summary_json(dear, seconds=0, log=None)["cost"] == {"usd": 0.3, "certainty": "exact"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0.0 s"),
        (4.24, "4.2 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (60.0, "1 min 00 s"),
        (200.0, "3 min 20 s"),
        (119.6, "2 min 00 s"),
        (7261.0, "121 min 01 s"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_counts() -> None:
    assert [count(number, "byte") for number in (0, 1, 2, 12345)] == [
        "0 bytes",
        "1 byte",
        "2 bytes",
        "12,345 bytes",
    ]
