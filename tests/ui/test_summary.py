from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.ui.summary import count, duration, summary_json, summary_line
from tests.support.builders import event, greeted, response_created, response_done


def after_turns(turns: int, *, tokens: int, unknown: int = 0) -> SessionView:
    session = greeted()
    for number in range(turns):
        session.receive(response_created(f"resp_{number}"), 1.0)
        session.receive(response_done(f"resp_{number}", usage={"input_tokens": tokens}), 2.0)
    for _ in range(unknown):
        session.receive(event("news.from.the.future"), 3.0)
    return session.view()


def test_the_line_tells_turns_tokens_time_and_log() -> None:
    view = after_turns(2, tokens=1000)
    assert (
        summary_line(view, seconds=4.2, log=Path("a.jsonl")) == "2 turns · 2,000 tokens · 4.2 s · log a.jsonl"
    )
    assert summary_line(after_turns(1, tokens=1), seconds=61.0, log=None) == "1 turn · 1 token · 1 min 01 s"


def test_the_line_counts_unknown_events_only_where_there_were_some() -> None:
    line = summary_line(after_turns(0, tokens=0, unknown=2), seconds=0.0, log=None)
    assert line == "0 turns · 0 tokens · 0.0 s · 2 unknown events"


def test_a_strange_path_cannot_act_on_the_terminal() -> None:
    line = summary_line(Session().view(), seconds=0.0, log=Path("a\x1b[2Jb"))
    assert line.endswith("log a␛[2Jb")


def test_the_object_for_programs() -> None:
    found = summary_json(after_turns(1, tokens=5, unknown=1), seconds=1.23456, log=Path("a.jsonl"))
    assert json.loads(json.dumps(found)) == found
    assert (found["type"], found["turns"], found["tokens"]["input"]) == ("summary", 1, 5)
    assert (found["seconds"], found["events"]["unknown"], found["log"]) == (1.235, 1, "a.jsonl")
    assert summary_json(Session().view(), seconds=0, log=None)["log"] is None


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
